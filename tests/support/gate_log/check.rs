//! The comparison of the log with the messages.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    GateLog, GateMessage, GateReport, LoggedEvent,
    gate::{Gate, made},
};

impl GateLog {
    /// Compares the log with the messages at a quiet point. Each message is there once, whatever the topic has.
    pub fn check(&self, messages: &[GateMessage]) -> GateReport {
        let mut events: BTreeMap<&str, Vec<&LoggedEvent>> = BTreeMap::new();
        for event in &self.events {
            events.entry(&event.artifact).or_default().push(event);
        }
        let mut of_gates: BTreeMap<(&str, &str), Vec<&GateMessage>> = BTreeMap::new();
        for message in messages {
            of_gates.entry((&message.group, &message.artifact)).or_default().push(message);
        }
        let mut report = GateReport::default();
        let artifacts = events.keys().filter(|artifact| !self.uncertain.contains(**artifact));
        for artifact in artifacts {
            for group in &self.groups {
                let messages = of_gates.remove(&(&*group.id, *artifact)).unwrap_or_default();
                report.add(&Gate::of(self, group, artifact, &events[artifact], &messages));
            }
        }
        let unknown = of_gates.into_values().flatten();
        for message in unknown.filter(|message| !self.uncertain.contains(&message.artifact)) {
            report.wrong.push(format!("{message:?}: no such group, or no event of the artifact"));
        }
        report
    }
}

impl GateReport {
    fn add(&mut self, gate: &Gate<'_>) {
        self.completions += gate.completions.len();
        self.ends += gate.ends.len();
        self.add_doubled(gate, &gate.completions, "completion");
        self.add_doubled(gate, &gate.ends, "end of completion");
        let mut before: Option<&GateMessage> = None;
        for completion in &gate.completions {
            let is_doubled = before.is_some_and(|before| before.completion == completion.completion);
            if !is_doubled {
                let faults = faults(gate, before, completion);
                self.wrong.extend(
                    faults.into_iter().map(|fault| {
                        format!("{}, completion {}: {fault}", gate.name(), completion.completion)
                    }),
                );
                self.undecided += usize::from(is_undecided(gate, completion));
                before = Some(completion);
            }
        }
        for end in &gate.ends {
            if let Some(fault) = fault_of_end(gate, end) {
                self.wrong.push(format!("{}, end of completion {}: {fault}", gate.name(), end.completion));
            }
        }
        self.add_missing(gate);
    }

    fn add_doubled(&mut self, gate: &Gate<'_>, messages: &[&GateMessage], kind: &str) {
        let mut numbers = BTreeSet::new();
        for message in messages.iter().filter(|message| !numbers.insert(message.completion)) {
            self.doubled.push(format!("{}: {kind} {}", gate.name(), message.completion));
        }
    }

    fn add_missing(&mut self, gate: &Gate<'_>) {
        let announced: BTreeSet<_> = gate.ends.iter().map(|end| end.completion).collect();
        let last = gate.completions.last();
        if gate.group.notify_incomplete && !gate.group.repeat {
            let followed = gate.completions.iter().rev().skip(1);
            for completion in followed.filter(|completion| !announced.contains(&completion.completion)) {
                self.missing.push(format!("{}: end of completion {}", gate.name(), completion.completion));
            }
        }
        if !gate.is_claimed() {
            return;
        }
        let has_ended = last.is_some_and(|last| gate.has_ended(last));
        if let Some(latest) = gate.latest_greens() {
            self.due += 1;
            let rests_on = |last: &GateMessage| {
                latest
                    .iter()
                    .all(|(receiver, event)| last.events.get(*receiver).is_some_and(|id| id == event))
            };
            let is_there = last.is_some_and(|last| !has_ended && (!gate.group.repeat || rests_on(last)));
            if !is_there {
                let number = last.map_or(1, |last| last.completion + 1);
                self.missing.push(format!("{}: completion {number} by {latest:?}", gate.name()));
            }
        } else if let Some(last) = last.filter(|_| has_ended && gate.group.notify_incomplete)
            && !announced.contains(&last.completion)
        {
            self.missing.push(format!("{}: end of completion {}", gate.name(), last.completion));
        }
    }
}

/// The rules that a completion breaks.
fn faults(gate: &Gate<'_>, before: Option<&GateMessage>, completion: &GateMessage) -> Vec<String> {
    let mut faults = Vec::new();
    let members: BTreeSet<_> = gate.group.members.iter().collect();
    if completion.events.keys().collect::<BTreeSet<_>>() != members {
        faults.push(format!("its receivers are not those of the group: {:?}", completion.events));
    }
    for (receiver, event) in &completion.events {
        let of_receiver = gate.events.get(&**receiver).into_iter().flatten();
        if !of_receiver.clone().any(|accepted| accepted.success && accepted.id == *event) {
            faults.push(format!("{event} is no accepted success of {receiver}"));
        }
        let is_before = |red: &&LoggedEvent| red.responded < made(&completion.id);
        if let Some(red) = gate.reds_after(receiver, Some(event)).find(is_before) {
            faults.push(format!("{} had failed before, after {event}", red.id));
        }
    }
    if !gate.may_be_enabled(made(&completion.id), completion.arrived) {
        faults.push("the group was disabled".to_owned());
    }
    let expected = before.map_or(1, |before| before.completion + 1);
    if completion.completion != expected {
        faults.push(format!("its number is not {expected}"));
    }
    faults.extend(before.and_then(|before| fault_after(gate, before, completion)));
    faults
}

/// The rule that a completion breaks together with the one before.
fn fault_after(gate: &Gate<'_>, before: &GateMessage, completion: &GateMessage) -> Option<String> {
    let pairs =
        || completion.events.iter().map(|(receiver, event)| (before.events.get(receiver), receiver, event));
    if pairs().any(|(earlier, _, event)| earlier > Some(event)) {
        return Some("an event is earlier than in the completion before".to_owned());
    }
    let has_red_between = pairs()
        .any(|(earlier, receiver, event)| gate.reds_after(receiver, earlier).any(|red| red.id < *event));
    let is_repeated = gate.group.repeat && pairs().any(|(earlier, _, event)| earlier < Some(event));
    (!has_red_between && !is_repeated).then(|| "nothing failed since the completion before".to_owned())
}

/// Whether a failure was under way when the completion was committed, so that S1 cannot be decided.
fn is_undecided(gate: &Gate<'_>, completion: &GateMessage) -> bool {
    completion.events.iter().any(|(receiver, event)| {
        let mut reds = gate.reds_after(receiver, Some(event));
        reds.any(|red| made(&red.id) <= completion.arrived && red.responded >= made(&completion.id))
    })
}

fn fault_of_end(gate: &Gate<'_>, end: &GateMessage) -> Option<String> {
    if !gate.group.notify_incomplete {
        return Some("the group does not ask for it".to_owned());
    }
    let ended = gate.completions.iter().find(|completion| completion.completion == end.completion);
    let Some(ended) = ended else { return Some("there is no such completion".to_owned()) };
    let is_later_red = |(receiver, event): (&String, &String)| {
        gate.reds_after(receiver, ended.events.get(receiver)).any(|red| red.id == *event)
    };
    let is_right = !end.events.is_empty() && end.events.iter().all(is_later_red);
    (!is_right).then(|| format!("it names other events than later failures: {:?}", end.events))
}
