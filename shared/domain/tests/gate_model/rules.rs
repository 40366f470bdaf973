//! The rules of the domain, as the functions call them. One check can be left out, by a rule that gets facts in which the
//! check finds nothing.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use xzepr_domain::{
    Artifact, EventId, EventReceiverGroup, EventReceiverGroupRequest, GroupId, ReceiverId,
    gate::{Commit, Gate, Greens, Latest, Reds, evaluate},
};

use crate::scripts::{Group, RECEIVERS, Script};

/// A check of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// The POST of a failed event raises the ledger. Without it, the consumer of the stream alone does.
    LedgerAtPost,
    /// The records of failed events are evaluated.
    EvaluationOfReds,
    /// The ledger and the gates are read after the greens are raised.
    FactsAfterGreens,
    /// A completion is committed only if the ledger is as it was read.
    RedsRevision,
    /// A commit needs the gate as it was read.
    GateRevision,
    /// A commit needs an enabled group.
    Enabled,
    /// A failure after the green of a member makes the member red.
    RedAfterGreen,
    /// A further completion needs a failure after the events of the last one. `repeat` leaves this check out.
    RedAfterBasis,
    /// A repeated completion needs a later event.
    LaterThanBasis,
    /// The end of a completion is announced once.
    AnnouncedOnce,
    /// An older green does not replace a newer one.
    GreatestGreen,
    /// An older red does not replace a newer one.
    GreatestRed,
}

type Facts = (usize, Rc<Greens>, Rc<Reds>, Rc<Gate>);

pub(crate) struct Rules {
    groups: [EventReceiverGroup; 2],
    artifact: Artifact,
    left_out: Option<Check>,
    /// The rule is pure, so each combination of facts is evaluated once.
    evaluated: RefCell<HashMap<Facts, Option<Rc<Commit>>>>,
}

impl Rules {
    pub(crate) fn new(script: &Script, left_out: Option<Check>) -> Self {
        let text = || "text".to_owned().try_into().unwrap();
        let [first, second] = script.groups;
        let is_repeating = left_out == Some(Check::RedAfterBasis);
        let group = |group: Group, id| accept(Group { repeat: group.repeat || is_repeating, ..group }, id);
        Self {
            groups: [group(first, group_id(0)), group(second, group_id(1))],
            artifact: Artifact {
                name: text(),
                version: text(),
                release: text(),
                platform_id: text(),
                package: text(),
            },
            left_out,
            evaluated: RefCell::default(),
        }
    }

    pub(crate) fn has(&self, check: Check) -> bool {
        self.left_out != Some(check)
    }

    /// Raises the greens, or the ledger of failures, by an event.
    pub(crate) fn raise_green(&self, greens: &mut Greens, receiver: usize, event: EventId) {
        self.raise(Check::GreatestGreen, &mut greens.latest, receiver, event);
    }

    pub(crate) fn raise_red(&self, reds: &mut Reds, receiver: usize, event: EventId) {
        if self.raise(Check::GreatestRed, &mut reds.latest, receiver, event) {
            reds.revision += 1;
        }
    }

    fn raise(&self, maximum: Check, latest: &mut Latest, receiver: usize, event: EventId) -> bool {
        let receiver = receiver_id(receiver);
        if self.has(maximum) {
            return latest.raise(receiver, event);
        }
        let is_changed = latest.get(receiver) != Some(event);
        let others = latest.iter().filter(|(other, _)| *other != receiver);
        *latest = others.chain([(receiver, event)]).collect();
        is_changed
    }

    /// The commit that the facts demand.
    pub(crate) fn evaluate(
        &self,
        group: usize,
        greens: &Rc<Greens>,
        reds: &Rc<Reds>,
        gate: &Rc<Gate>,
    ) -> Option<Rc<Commit>> {
        let facts = (group, Rc::clone(greens), Rc::clone(reds), Rc::clone(gate));
        if let Some(commit) = self.evaluated.borrow().get(&facts) {
            return commit.clone();
        }
        let commit = self.evaluate_facts(group, greens, reds, gate).map(Rc::new);
        self.evaluated.borrow_mut().insert(facts, commit.clone());
        commit
    }

    fn evaluate_facts(&self, group: usize, greens: &Greens, reds: &Reds, gate: &Gate) -> Option<Commit> {
        let (mut reds, mut gate) = (reds.clone(), gate.clone());
        if !self.has(Check::RedAfterGreen) {
            let is_hidden = |receiver, red| greens.latest.get(receiver).is_some_and(|green| green < red);
            let shown = reds.latest.iter().filter(|(receiver, red)| !is_hidden(*receiver, *red));
            reds.latest = shown.collect();
        }
        if !self.has(Check::LaterThanBasis) {
            gate.basis = Latest::default();
        }
        if !self.has(Check::AnnouncedOnce) {
            gate.incomplete = 0;
        }
        evaluate(&self.groups[group], &self.artifact, greens, &reds, &gate, gate_event_id())
    }

    /// Whether a commit may be written now.
    pub(crate) fn holds(&self, commit: &Commit, gate: &Gate, reds: &Reds, is_enabled: bool) -> bool {
        let mut commit = commit.clone();
        if !self.has(Check::RedsRevision) {
            commit.reds_revision = None;
        }
        if !self.has(Check::GateRevision) {
            commit.gate_revision = gate.revision;
        }
        commit.holds(gate, reds, is_enabled || !self.has(Check::Enabled))
    }
}

/// Makes a group as a POST does.
fn accept(group: Group, id: GroupId) -> EventReceiverGroup {
    let receivers = (0..RECEIVERS.len()).filter(|receiver| group.members.contains(RECEIVERS[*receiver]));
    let receivers: Vec<_> = receivers.map(receiver_id).collect();
    let body = format!(
        r#"{{"name":"n","type":"t","version":"1","description":"d","event_receiver_ids":[{}],"repeat":{},
        "notify_incomplete":{}}}"#,
        receivers.iter().map(|id| format!(r#""{id}""#)).collect::<Vec<_>>().join(","),
        group.repeat,
        group.notify_incomplete
    );
    let request = EventReceiverGroupRequest::parse(&body).unwrap();
    request.accept(&receivers.into_iter().collect(), id).unwrap()
}

fn group_id(group: usize) -> GroupId {
    format!("{group:026}").parse().unwrap()
}

pub(crate) fn receiver_id(receiver: usize) -> ReceiverId {
    format!("{receiver:026}").parse().unwrap()
}

/// The id of the event whose id is made as the `number`-th.
pub(crate) fn event_id(number: usize) -> EventId {
    format!("{number:026}").parse().unwrap()
}

/// Every event of a gate may have the same id, since no rule looks at it.
fn gate_event_id() -> EventId {
    event_id(1000)
}
