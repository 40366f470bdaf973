//! A state of the model: everything that is stored, and every evaluation under way, for one artifact.

use std::rc::Rc;

use xzepr_domain::{
    EventId,
    gate::{Gate, Greens, Reds},
};

use crate::scripts::Script;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// The POSTs in the order of the script.
    pub(crate) posts: Vec<PostState>,
    pub(crate) reds: Rc<Reds>,
    pub(crate) greens: Rc<Greens>,
    /// The gate of each group.
    pub(crate) gates: [Rc<Gate>; 2],
    pub(crate) enabled: [bool; 2],
    /// Whether each group has had no PATCH since the last event of one of its members was accepted.
    pub(crate) is_unchanged: [bool; 2],
    /// The evaluations under way, in the order of their posts.
    pub(crate) evaluations: Vec<Evaluation>,
    pub(crate) patches_left: [u8; 2],
    pub(crate) crashes_left: u8,
    pub(crate) redeliveries_left: u8,
    pub(crate) rebuilds_left: u8,
}

/// A POST. A ULID is made before its event is stored, so the order of ids is not the order of the writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PostState {
    Unsent,
    /// The event has its id and is not stored yet.
    Made(EventId),
    /// The event is stored.
    Accepted {
        id: EventId,
        /// Whether the stream has to deliver its record.
        is_undelivered: bool,
    },
}

/// The evaluation of one record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Evaluation {
    pub(crate) post: usize,
    pub(crate) step: Step,
}

/// The next step of an evaluation, with the facts that it has read so far. Each step reads or writes one item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Raises the greens, whose update returns them, or repeats the update of the ledger. Only without
    /// [`Check::FactsAfterGreens`](crate::rules::Check::FactsAfterGreens) are there facts that were read before.
    Raise {
        early: Option<EarlyFacts>,
    },
    /// After a red record.
    ReadGreens,
    /// The gates are read at the same time as the ledger, so some may be read before it.
    ReadReds {
        greens: Rc<Greens>,
        gates: Vec<GateRead>,
    },
    /// Reads the gates that were not read before the ledger. All are read before the first commit.
    ReadGates {
        greens: Rc<Greens>,
        reds: Rc<Reds>,
        gates: Vec<GateRead>,
    },
    Commit(Settling),
    /// After a commit that was refused since the facts had changed.
    ReadRedsAgain(Settling),
    ReadGateAgain(Settling),
}

/// A group with its gate as it was read.
pub(crate) type GateRead = (usize, Rc<Gate>);

/// The ledger and every gate.
pub(crate) type EarlyFacts = (Rc<Reds>, [Rc<Gate>; 2]);

/// The evaluation of one gate after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Settling {
    pub(crate) greens: Rc<Greens>,
    pub(crate) current: GateRead,
    /// The ledger for the current gate. It is read again if the facts have changed.
    pub(crate) reds: Rc<Reds>,
    /// The gates after the current one.
    pub(crate) others: Vec<GateRead>,
    /// The ledger for the other gates.
    pub(crate) first_reds: Rc<Reds>,
}

impl State {
    pub(crate) fn initial(script: &Script) -> Self {
        Self {
            posts: vec![PostState::Unsent; script.posts.len()],
            reds: Rc::default(),
            greens: Rc::default(),
            gates: Default::default(),
            enabled: script.groups.map(|group| group.is_enabled),
            is_unchanged: [true; 2],
            evaluations: Vec::new(),
            patches_left: script.groups.map(|group| group.patches),
            crashes_left: script.crashes,
            redeliveries_left: script.redeliveries,
            rebuilds_left: script.rebuilds,
        }
    }

    pub(crate) fn is_accepted(&self, post: usize) -> bool {
        matches!(self.posts[post], PostState::Accepted { .. })
    }

    /// Whether every accepted event is processed.
    pub(crate) fn is_at_rest(&self) -> bool {
        let is_undelivered =
            |post: &PostState| matches!(post, PostState::Accepted { is_undelivered: true, .. });
        self.evaluations.is_empty() && !self.posts.iter().any(is_undelivered)
    }

    /// The accepted events of a receiver, with whether each is successful.
    pub(crate) fn accepted_of(
        &self,
        script: &Script,
        receiver: usize,
    ) -> impl Iterator<Item = (EventId, bool)> {
        let posts = script.posts.iter().zip(&self.posts);
        posts.filter_map(move |(post, state)| match state {
            PostState::Accepted { id, .. } if post.receiver == receiver => Some((*id, post.is_green)),
            _ => None,
        })
    }

    /// The stream has to deliver the record of a post, again if it did so before.
    pub(crate) fn redeliver(&mut self, post: usize) {
        if let PostState::Accepted { is_undelivered, .. } = &mut self.posts[post] {
            *is_undelivered = true;
        }
    }

    /// Starts the evaluation of a record.
    pub(crate) fn evaluate(&mut self, post: usize) {
        self.evaluations.push(Evaluation { post, step: Step::Raise { early: None } });
        self.evaluations.sort_by_key(|evaluation| evaluation.post);
    }
}
