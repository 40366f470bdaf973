//! The search of every state, breadth first, so that the first counterexample is a shortest one.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{
    actions::{Action, Fact, Model},
    properties::{self, Property},
    rules::{Check, Rules},
    scripts::Script,
    state::State,
};

/// The result of a search.
pub(crate) struct Search {
    /// How many states were found. A search ends at the first broken property.
    pub(crate) states: usize,
    pub(crate) facts: BTreeSet<Fact>,
    pub(crate) counterexample: Option<Counterexample>,
}

/// A shortest way to a state that breaks a property.
pub(crate) struct Counterexample {
    pub(crate) property: Property,
    script: &'static str,
    actions: Vec<String>,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?} is broken in the script \"{}\":", self.property, self.script)?;
        self.actions
            .iter()
            .enumerate()
            .try_for_each(|(index, action)| writeln!(f, "{:4}. {action}", index + 1))
    }
}

/// How a state was reached: the index of the state before it, and the action.
type Origin = (u32, Action);

/// Searches every state of a script, with one check left out or with all of them.
///
/// Only a hash of 64 bits of each state is kept. In ten million states, two that differ have the same hash with a
/// probability of 3 in a million. Then one of them would not be searched.
pub(crate) fn search(script: &Script, left_out: Option<Check>) -> Search {
    let rules = Rules::new(script, left_out);
    let model = Model { script, rules: &rules };
    let initial = State::initial(script);
    let mut found = HashSet::from([hash(&initial)]);
    let mut origins: Vec<Option<Origin>> = vec![None];
    let mut queue = VecDeque::from([(0, initial)]);
    let mut facts = BTreeSet::new();
    while let Some((index, state)) = queue.pop_front() {
        for action in model.actions(&state) {
            let next = model.apply(&state, action);
            facts.extend(next.fact);
            let at_rest = || next.state.is_at_rest().then(|| properties::broken_at_rest(script, &next.state));
            if let Some(property) = next.broken.or_else(|| at_rest().flatten()) {
                let actions = replay(&model, &origins, (index, action));
                let counterexample = Counterexample { property, script: script.text, actions };
                return Search { states: found.len(), facts, counterexample: Some(counterexample) };
            }
            if found.insert(hash(&next.state)) {
                origins.push(Some((index, action)));
                queue.push_back((u32::try_from(origins.len() - 1).unwrap(), next.state));
            }
        }
    }
    Search { states: found.len(), facts, counterexample: None }
}

fn hash(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

/// The actions from the initial state to the last one, in words.
fn replay(model: &Model<'_>, origins: &[Option<Origin>], last: Origin) -> Vec<String> {
    let mut actions = vec![last.1];
    let mut index = last.0;
    while let Some((before, action)) = origins[index as usize] {
        actions.push(action);
        index = before;
    }
    let mut state = State::initial(model.script);
    let describe = |action: &Action| {
        let text = model.describe(&state, *action);
        state = model.apply(&state, *action).state;
        text
    };
    actions.iter().rev().map(describe).collect()
}
