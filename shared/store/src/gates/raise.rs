//! Restores completions that the table has lost, from the events that announced them. A restore to a point in time may
//! contain a part of a transaction: the event of a completion, and the gate as it was before.

use serde::Deserialize;
use xzepr_domain::{
    Event, EventKind, GroupId, InvalidId,
    gate::{Gate, Latest},
};

use super::{gate_item, has_revision};
use crate::{
    error::StoreError,
    table::{Table, to_item},
    transaction::NotWritten,
};

/// The most attempts of a change that conflicts with other changes of the gate.
const MAX_ROUNDS: usize = 10;

/// The part of the payload of a gate's event that a gate follows from.
#[derive(Deserialize)]
struct Payload {
    group_id: String,
    completion: u64,
    /// Only the event of a completion has them.
    #[serde(default)]
    events: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    event_receiver_id: String,
    event_id: String,
}

impl Table {
    /// Brings a gate to the completion, or to the end of a completion, that this event has announced. Changes nothing if
    /// the gate has come that far, or if the event is none of a gate.
    pub async fn raise_gate(&self, event: &Event) -> Result<(), StoreError> {
        if !matches!(event.kind, EventKind::GroupComplete | EventKind::GroupIncomplete) {
            return Ok(());
        }
        let invalid = || StoreError::InvalidItem(format!("the payload of event {} is of no gate", event.id));
        let payload: Payload = serde_json::from_str(event.payload.as_str()).map_err(|_| invalid())?;
        let group: GroupId = payload.group_id.parse().map_err(|_| invalid())?;
        let basis = basis(&payload.events).map_err(|_| invalid())?;
        let artifact = event.artifact();
        for _ in 0..MAX_ROUNDS {
            let gate = self.gate(&artifact, group).await?;
            let Some(raised) = raised(&gate, event, payload.completion, &basis) else { return Ok(()) };
            let item = to_item(gate_item(&artifact, group, &raised))?;
            match self.transact(vec![((), has_revision(gate.revision).put(&self.name, item)?)]).await {
                Ok(()) => return Ok(()),
                Err(NotWritten::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Unavailable("a gate changes too often".to_owned()))
    }
}

fn basis(events: &[Member]) -> Result<Latest, InvalidId> {
    events.iter().map(|member| Ok((member.event_receiver_id.parse()?, member.event_id.parse()?))).collect()
}

/// The gate after the event; `None` if the gate has come that far. The basis has the later event of each member, since the
/// gate may have been completed again after the loss, with a lower number.
fn raised(gate: &Gate, event: &Event, completion: u64, basis: &Latest) -> Option<Gate> {
    let mut raised = Gate { revision: gate.revision + 1, ..gate.clone() };
    if event.kind == EventKind::GroupIncomplete {
        raised.incomplete = completion;
        return (completion > gate.incomplete).then_some(raised);
    }
    raised.completions = completion;
    raised.event = gate.event.max(Some(event.id));
    for (receiver, event) in basis.iter() {
        raised.basis.raise(receiver, event);
    }
    (completion > gate.completions).then_some(raised)
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{
        Artifact, EventId, EventReceiverGroup, ReceiverId,
        gate::{Commit, Greens, Reds, evaluate},
    };
    use xzepr_fixtures::{event, group};

    use super::*;
    use crate::{keys::Key, table::key_item, test_table::table};

    struct Gates {
        table: Table,
        group: EventReceiverGroup,
        artifact: Artifact,
    }

    impl Gates {
        async fn new() -> Self {
            let group = EventReceiverGroup { notify_incomplete: true, ..group() };
            let gates = Self { table: table().await, group, artifact: event().artifact() };
            let created = Event::group_created(&gates.group, EventId::generate());
            gates.table.create_group(&gates.group, &created, None, None).await.unwrap();
            gates
        }

        fn member(&self) -> ReceiverId {
            self.group.event_receiver_ids[0]
        }

        async fn gate(&self) -> Gate {
            self.table.gate(&self.artifact, self.group.id).await.unwrap()
        }

        /// Commits the change that a success and a failure at these times demand.
        async fn change(&self, green: u64, red: Option<u64>) -> Commit {
            let latest = |ms| Latest::from_iter([(self.member(), EventId::first_of(ms))]);
            let greens = Greens { latest: latest(green), ..Greens::default() };
            let reds = Reds { latest: red.map(latest).unwrap_or_default(), revision: 0 };
            let gate = self.gate().await;
            let id = EventId::generate();
            let commit = evaluate(&self.group, &self.artifact, &greens, &reds, &gate, id).unwrap();
            let outcome = self.table.commit(&self.artifact, &commit).await.unwrap();
            assert_eq!(outcome, super::super::CommitOutcome::Committed);
            commit
        }

        async fn lose(&self) {
            let key = key_item(&Key::gate(&self.artifact, self.group.id));
            self.table
                .client
                .delete_item()
                .table_name(&self.table.name)
                .set_key(Some(key))
                .send()
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn a_lost_gate_is_restored_from_its_events_in_any_order_and_more_than_once() {
        let gates = Gates::new().await;
        let commits =
            [gates.change(1, None).await, gates.change(1, Some(2)).await, gates.change(3, Some(2)).await];
        let before = gates.gate().await;
        assert_eq!((before.completions, before.incomplete), (2, 1));
        let mut events: Vec<_> = commits.iter().flat_map(|commit| commit.events.iter().cloned()).collect();
        assert_eq!(events.len(), 3);
        for _ in 0..2 {
            gates.lose().await;
            for event in events.iter().chain(&events) {
                gates.table.raise_gate(event).await.unwrap();
            }
            assert_eq!(Gate { revision: before.revision, ..gates.gate().await }, before);
            events.reverse();
        }
    }

    #[tokio::test]
    async fn a_gate_that_has_come_further_is_not_changed() {
        let gates = Gates::new().await;
        let first = gates.change(1, None).await.events.complete.unwrap();
        gates.change(3, Some(2)).await;
        let before = gates.gate().await;
        gates.table.raise_gate(&first).await.unwrap();
        gates.table.raise_gate(&event()).await.unwrap();
        assert_eq!(gates.gate().await, before);
    }

    #[tokio::test]
    async fn a_gate_that_was_completed_again_after_its_loss_keeps_the_later_events() {
        let gates = Gates::new().await;
        gates.change(1, None).await;
        let lost = gates.change(3, Some(2)).await.events.complete.unwrap();
        gates.lose().await;
        let again = gates.change(5, Some(4)).await;
        assert_eq!(again.gate.completions, 1);
        gates.table.raise_gate(&lost).await.unwrap();
        let gate = gates.gate().await;
        assert_eq!((gate.completions, gate.basis.get(gates.member())), (2, Some(EventId::first_of(5))));
        assert_eq!(gate.event, again.gate.event);
    }
}
