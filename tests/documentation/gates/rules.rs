//! The rules alone, with the facts in memory.

use std::collections::HashMap;

use xzepr_domain::{
    Artifact, Event, EventId, EventReceiverGroup, GroupId,
    gate::{Gate, Greens, Reds, evaluate},
};

use super::{World, run, table::Row};

#[derive(Default)]
struct Facts {
    group: Option<EventReceiverGroup>,
    greens: HashMap<Artifact, Greens>,
    reds: HashMap<Artifact, Reds>,
    gates: HashMap<Artifact, Gate>,
}

impl World for Facts {
    async fn accept(&mut self, event: &Event) {
        if !event.success {
            let reds = self.reds.entry(event.artifact()).or_default();
            reds.revision += u64::from(reds.latest.raise(event.event_receiver_id, event.id));
        }
    }

    async fn deliver(&mut self, event: &Event) {
        let artifact = event.artifact();
        let greens = self.greens.entry(artifact.clone()).or_default();
        if event.success {
            greens.latest.raise(event.event_receiver_id, event.id);
        }
        let Some(group) = &self.group else { return };
        let reds = self.reds.entry(artifact.clone()).or_default();
        let gate = self.gates.entry(artifact.clone()).or_default();
        if let Some(commit) = evaluate(group, &artifact, greens, reds, gate, EventId::generate())
            && commit.holds(gate, reds, group.enabled)
        {
            *gate = commit.gate;
        }
    }

    async fn create(&mut self, group: &EventReceiverGroup) {
        self.group = Some(group.clone());
    }

    async fn modify(&mut self, group: &EventReceiverGroup) {
        self.group = Some(group.clone());
    }

    async fn gate(&self, _: GroupId, artifact: &Artifact) -> Gate {
        self.gates.get(artifact).cloned().unwrap_or_default()
    }
}

#[tokio::test]
async fn the_truth_table_of_gates_holds_for_the_rules() {
    let rows = Row::all();
    assert!(rows.len() >= 30);
    for row in rows {
        let (messages, ..) = run(&row, &mut Facts::default()).await;
        assert_eq!(messages, row.messages, "{}", row.text);
    }
}
