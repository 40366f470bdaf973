//! The evaluation of a record, step by step.

use std::rc::Rc;

use xzepr_domain::gate::{Greens, Reds};

use crate::{
    actions::{Fact, Model},
    properties::{self, Property},
    rules::{Check, receiver_id},
    scripts::Post,
    state::{Evaluation, GateRead, PostState, Settling, State, Step},
};

impl Model<'_> {
    /// The next step of an evaluation, as `xzepr-indexing` takes it.
    ///
    /// Two things of that crate are not here, since they make no difference. A process that knows a group as disabled
    /// reads it before it commits: a group that is disabled at that read would refuse a commit at the same moment. And
    /// events that are all older than the last PATCH announce nothing, which is across a PATCH.
    pub(crate) fn proceed(&self, state: &mut State, evaluation: usize) -> (Option<Property>, Option<Fact>) {
        let post = state.evaluations[evaluation].post;
        let Post { receiver, is_green, .. } = self.script.posts[post];
        let PostState::Accepted { id, .. } = state.posts[post] else { return (None, None) };
        let (mut broken, mut fact) = (None, None);
        let next = match state.evaluations[evaluation].step.clone() {
            Step::Raise { early } if is_green => {
                self.rules.raise_green(Rc::make_mut(&mut state.greens), receiver, id);
                match early {
                    None => self.read_reds(post, &state.greens),
                    Some((reds, gates)) => {
                        let groups = self.groups(post, &state.greens);
                        let gates = groups.map(|group| (group, Rc::clone(&gates[group]))).collect();
                        self.settle_next(Rc::clone(&state.greens), reds, gates)
                    }
                }
            }
            Step::Raise { .. } => {
                self.rules.raise_red(Rc::make_mut(&mut state.reds), receiver, id);
                Some(Step::ReadGreens)
            }
            Step::ReadGreens => self.read_reds(post, &state.greens),
            Step::ReadReds { greens, gates } => {
                let reds = Rc::clone(&state.reds);
                self.read_gates(post, greens, reds, gates)
            }
            Step::ReadGates { greens, reds, mut gates } => {
                gates.extend(self.next_gate(state, post, &greens, gates.len()));
                self.read_gates(post, greens, reds, gates)
            }
            Step::Commit(settling) => {
                let (group, gate) = &settling.current;
                let group = *group;
                let Some(commit) = self.rules.evaluate(group, &settling.greens, &settling.reds, gate) else {
                    return (None, None);
                };
                if self.rules.holds(&commit, &state.gates[group], &state.reds, state.enabled[group]) {
                    broken = properties::broken_by(self.script, state, group, &commit);
                    fact = Some(Fact::of(&commit));
                    state.gates[group] = Rc::new(commit.gate.clone());
                    self.settle_next(settling.greens, settling.first_reds, settling.others)
                } else if state.enabled[group] {
                    fact = Some(Fact::RefusedSinceChanged);
                    Some(Step::ReadRedsAgain(settling))
                } else {
                    fact = Some(Fact::RefusedSinceDisabled);
                    self.settle_next(settling.greens, settling.first_reds, settling.others)
                }
            }
            Step::ReadRedsAgain(settling) => {
                Some(Step::ReadGateAgain(Settling { reds: Rc::clone(&state.reds), ..settling }))
            }
            Step::ReadGateAgain(settling) => {
                let group = settling.current.0;
                self.settle(Settling { current: (group, Rc::clone(&state.gates[group])), ..settling })
            }
        };
        match next {
            Some(step) => state.evaluations[evaluation].step = step,
            None => drop(state.evaluations.remove(evaluation)),
        }
        (broken, fact)
    }

    fn read_reds(&self, post: usize, greens: &Rc<Greens>) -> Option<Step> {
        self.groups(post, greens).next()?;
        Some(Step::ReadReds { greens: Rc::clone(greens), gates: Vec::new() })
    }

    /// Reads the gates that are left, and settles the first gate after that.
    fn read_gates(
        &self,
        post: usize,
        greens: Rc<Greens>,
        reds: Rc<Reds>,
        gates: Vec<GateRead>,
    ) -> Option<Step> {
        if gates.len() < self.groups(post, &greens).count() {
            return Some(Step::ReadGates { greens, reds, gates });
        }
        self.settle_next(greens, reds, gates)
    }

    /// The gate that is to be read after so many others.
    fn next_gate(&self, state: &State, post: usize, greens: &Greens, read: usize) -> Option<GateRead> {
        let group = self.groups(post, greens).nth(read)?;
        Some((group, Rc::clone(&state.gates[group])))
    }

    /// Whether a gate is left that may be read before the ledger.
    pub(crate) fn may_read_gate(&self, state: &State, evaluation: usize) -> bool {
        let Evaluation { post, step } = &state.evaluations[evaluation];
        let Step::ReadReds { greens, gates } = step else { return false };
        gates.len() < self.groups(*post, greens).count()
    }

    pub(crate) fn read_gate_before_reds(&self, state: &mut State, evaluation: usize) {
        let Evaluation { post, step } = state.evaluations[evaluation].clone();
        if let Step::ReadReds { greens, mut gates } = step {
            gates.extend(self.next_gate(state, post, &greens, gates.len()));
            state.evaluations[evaluation].step = Step::ReadReds { greens, gates };
        }
    }

    /// Whether the facts may be read before the greens are raised. The check forbids it.
    pub(crate) fn may_read_before_raise(&self, state: &State, evaluation: usize) -> bool {
        let Evaluation { post, step } = &state.evaluations[evaluation];
        let is_next = self.script.posts[*post].is_green && *step == Step::Raise { early: None };
        is_next && !self.rules.has(Check::FactsAfterGreens)
    }

    /// The groups whose gates a post may have changed.
    fn groups(&self, post: usize, greens: &Greens) -> impl Iterator<Item = usize> {
        let Post { receiver, is_green, .. } = self.script.posts[post];
        (0..2).filter(move |group| {
            let has_green = |member| greens.latest.get(receiver_id(member)).is_some();
            let may_end = !is_green && self.script.groups[*group].notify_incomplete;
            self.script.is_member(receiver, *group) && (may_end || self.script.members(*group).all(has_green))
        })
    }

    /// The commit of the current gate, or else of the next gate that needs one.
    fn settle(&self, settling: Settling) -> Option<Step> {
        let (group, gate) = &settling.current;
        if self.rules.evaluate(*group, &settling.greens, &settling.reds, gate).is_some() {
            return Some(Step::Commit(settling));
        }
        self.settle_next(settling.greens, settling.first_reds, settling.others)
    }

    fn settle_next(&self, greens: Rc<Greens>, reds: Rc<Reds>, mut gates: Vec<GateRead>) -> Option<Step> {
        if gates.is_empty() {
            return None;
        }
        let current = gates.remove(0);
        let first_reds = Rc::clone(&reds);
        self.settle(Settling { greens, current, reds, others: gates, first_reds })
    }
}
