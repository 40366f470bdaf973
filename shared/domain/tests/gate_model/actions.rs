//! Everything that can happen in a state.

use std::rc::Rc;

use crate::{
    properties::Property,
    rules::{Check, Rules, event_id},
    scripts::{Post, Script},
    state::{PostState, State, Step},
};

/// One thing that happens. Posts, groups and evaluations are named by their index.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    MakeId(usize),
    Accept(usize),
    Deliver(usize),
    DeliverAgain(usize),
    Continue(usize),
    /// Reads the next gate before the ledger, since these reads are under way at the same time.
    ReadGateBeforeReds(usize),
    /// Reads the ledger and the gates before the greens are raised, which is a mistake.
    ReadBeforeRaise(usize),
    Crash(usize),
    Patch(usize),
    Rebuild,
}

/// The result of an action.
pub(crate) struct Next {
    pub(crate) state: State,
    /// A property that the action breaks.
    pub(crate) broken: Option<Property>,
    pub(crate) fact: Option<Fact>,
}

/// A rare turn that a search must have seen at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Fact {
    Completed(u64),
    AnnouncedEnd,
    AnnouncedEndWithCompletion,
    RefusedSinceDisabled,
    RefusedSinceChanged,
}

pub(crate) struct Model<'a> {
    pub(crate) script: &'a Script,
    pub(crate) rules: &'a Rules,
}

impl Model<'_> {
    /// Everything that can happen next.
    pub(crate) fn actions(&self, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        for (index, post) in state.posts.iter().enumerate() {
            match post {
                PostState::Unsent => {
                    let before = self.script.posts[index].after;
                    if before.is_none_or(|before| state.is_accepted(before)) {
                        actions.push(Action::MakeId(index));
                    }
                }
                PostState::Made(_) => actions.push(Action::Accept(index)),
                PostState::Accepted { is_undelivered: true, .. } => actions.push(Action::Deliver(index)),
                PostState::Accepted { .. } if state.redeliveries_left > 0 => {
                    actions.push(Action::DeliverAgain(index));
                }
                PostState::Accepted { .. } => {}
            }
        }
        for evaluation in 0..state.evaluations.len() {
            actions.push(Action::Continue(evaluation));
            if self.may_read_gate(state, evaluation) {
                actions.push(Action::ReadGateBeforeReds(evaluation));
            }
            if self.may_read_before_raise(state, evaluation) {
                actions.push(Action::ReadBeforeRaise(evaluation));
            }
            if state.crashes_left > 0 {
                actions.push(Action::Crash(evaluation));
            }
        }
        if state.rebuilds_left > 0 {
            actions.push(Action::Rebuild);
        }
        actions.extend((0..2).filter(|group| state.patches_left[*group] > 0).map(Action::Patch));
        actions
    }

    pub(crate) fn apply(&self, before: &State, action: Action) -> Next {
        let mut state = before.clone();
        let (mut broken, mut fact) = (None, None);
        match action {
            Action::MakeId(post) => {
                let made = state.posts.iter().filter(|post| **post != PostState::Unsent).count();
                state.posts[post] = PostState::Made(event_id(made + 1));
            }
            Action::Accept(post) => self.accept(&mut state, post),
            Action::Deliver(post) => {
                if let PostState::Accepted { is_undelivered, .. } = &mut state.posts[post] {
                    *is_undelivered = false;
                }
                self.deliver(&mut state, post);
            }
            Action::DeliverAgain(post) => {
                state.redeliveries_left -= 1;
                self.deliver(&mut state, post);
            }
            Action::Crash(evaluation) => {
                state.crashes_left -= 1;
                let post = state.evaluations.remove(evaluation).post;
                state.redeliver(post);
            }
            Action::Rebuild => {
                state.rebuilds_left -= 1;
                state.greens = Rc::default();
                (0..state.posts.len()).for_each(|post| state.redeliver(post));
            }
            Action::Patch(group) => {
                state.patches_left[group] -= 1;
                state.enabled[group] = !state.enabled[group];
                state.is_unchanged[group] = false;
            }
            Action::ReadGateBeforeReds(evaluation) => self.read_gate_before_reds(&mut state, evaluation),
            Action::ReadBeforeRaise(evaluation) => {
                let early = Some((Rc::clone(&state.reds), state.gates.clone()));
                state.evaluations[evaluation].step = Step::Raise { early };
            }
            Action::Continue(evaluation) => (broken, fact) = self.proceed(&mut state, evaluation),
        }
        Next { state, broken, fact }
    }

    /// Stores the event. The same transaction raises the ledger by a failure. If the ledger has a newer failure already,
    /// the event is stored alone, which changes nothing else either.
    fn accept(&self, state: &mut State, post: usize) {
        let PostState::Made(id) = state.posts[post] else { return };
        let Post { receiver, is_green, .. } = self.script.posts[post];
        if !is_green && self.rules.has(Check::LedgerAtPost) {
            self.rules.raise_red(Rc::make_mut(&mut state.reds), receiver, id);
        }
        state.posts[post] = PostState::Accepted { id, is_undelivered: true };
        for group in 0..2 {
            state.is_unchanged[group] |= self.script.is_member(receiver, group);
        }
    }

    fn deliver(&self, state: &mut State, post: usize) {
        if self.script.posts[post].is_green || self.rules.has(Check::EvaluationOfReds) {
            state.evaluate(post);
        }
    }
}
