//! Actions in words, for counterexamples.

use crate::{
    actions::{Action, Model},
    scripts::RECEIVERS,
    state::{PostState, State, Step},
};

impl Model<'_> {
    /// An action in words.
    pub(crate) fn describe(&self, state: &State, action: Action) -> String {
        let post = |index: usize| {
            let post = self.script.posts[index];
            let sign = if post.is_green { '+' } else { '-' };
            match state.posts[index] {
                PostState::Unsent => format!("{}{sign}", RECEIVERS[post.receiver]),
                PostState::Made(id) | PostState::Accepted { id, .. } => {
                    format!("{}{sign} ({})", RECEIVERS[post.receiver], id.to_string().trim_start_matches('0'))
                }
            }
        };
        let of = |index: usize| post(state.evaluations[index].post);
        let group = |group: usize| self.script.groups[group].members;
        match action {
            Action::MakeId(index) => format!("POST {}: its id is made", post(index)),
            Action::Accept(index) => format!("POST {}: accepted", post(index)),
            Action::Deliver(index) => format!("record of {}: delivered", post(index)),
            Action::DeliverAgain(index) => format!("record of {}: delivered again", post(index)),
            Action::Crash(index) => format!("evaluation of {}: crashes", of(index)),
            Action::Patch(index) => {
                format!("PATCH of group {}: enabled is {}", group(index), !state.enabled[index])
            }
            Action::Rebuild => "the index is dropped, and every record delivered again".to_owned(),
            Action::ReadGateBeforeReds(index) => {
                format!("evaluation of {}: reads a gate before the ledger", of(index))
            }
            Action::ReadBeforeRaise(index) => {
                format!("evaluation of {}: reads the ledger and the gates", of(index))
            }
            Action::Continue(index) => {
                let step = match &state.evaluations[index].step {
                    Step::Raise { .. } => "raises the latest events".to_owned(),
                    Step::ReadGreens => "reads the greens".to_owned(),
                    Step::ReadReds { .. } => "reads the ledger".to_owned(),
                    Step::ReadGates { gates, .. } => format!("reads the {}. gate", gates.len() + 1),
                    Step::Commit(of) => format!("commits the gate of group {}", group(of.current.0)),
                    Step::ReadRedsAgain(_) => "reads the ledger again".to_owned(),
                    Step::ReadGateAgain(of) => {
                        format!("reads the gate of group {} again", group(of.current.0))
                    }
                };
                format!("evaluation of {}: {step}", of(index))
            }
        }
    }
}
