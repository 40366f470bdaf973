//! The completions of groups. A change is one transaction with the events that announce it.

mod raise;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use xzepr_domain::{
    Artifact, GroupId, InvalidId,
    gate::{Commit, Gate},
};

use crate::{
    condition::{Condition, IS_NEW},
    error::StoreError,
    event_items::EventItem,
    keys::{GATE_PREFIX, Key, artifact_partition},
    ledger::REVISION,
    new_items::id_exists_error,
    table::{Item, Table, from_item, to_item},
    transaction::NotWritten,
};

#[derive(Serialize, Deserialize)]
struct GateItem {
    pk: String,
    sk: String,
    revision: u64,
    completions: u64,
    basis: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    incomplete: u64,
}

/// The result of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The gate has changed, and its events are stored.
    Committed,
    /// The gate or the ledger is not as it was read. They must be read again.
    Changed,
    /// The group is disabled, or does not exist.
    Disabled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Gate,
    Reds,
    Group,
    Event,
}

impl Table {
    /// Reads the completions of a group for an artifact. The read sees every write that ended before it began.
    pub async fn gate(&self, artifact: &Artifact, group: GroupId) -> Result<Gate, StoreError> {
        let item = self.get(Key::gate(artifact, group)).await?;
        item.map_or_else(|| Ok(Gate::default()), |item| Ok(gate(item)?.1))
    }

    /// Reads all groups that were ever complete for an artifact. It is for reading alone, since it reads the items one
    /// after the other.
    pub async fn gates(&self, artifact: &Artifact) -> Result<Vec<(GroupId, Gate)>, StoreError> {
        let items = self.query_prefix(artifact_partition(artifact), GATE_PREFIX).await?;
        items.into_iter().map(gate).collect()
    }

    /// Writes a commit, if its conditions hold.
    pub async fn commit(&self, artifact: &Artifact, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        let table = &*self.name;
        let gate = to_item(gate_item(artifact, commit.group, &commit.gate))?;
        let mut writes = vec![(Part::Gate, has_revision(commit.gate_revision).put(table, gate)?)];
        if let Some(revision) = commit.reds_revision {
            writes.push((Part::Reds, has_revision(revision).check(table, &Key::reds(artifact))?));
        }
        let is_enabled = Condition::new("#enabled = :true")
            .name("#enabled", "enabled")
            .value(":true", AttributeValue::Bool(true));
        writes.push((Part::Group, is_enabled.check(table, &Key::group(commit.group))?));
        for event in commit.events.iter() {
            writes.push((Part::Event, Condition::is_new().put(table, to_item(EventItem::from(event))?)?));
        }
        match self.transact(writes).await {
            Ok(()) => Ok(CommitOutcome::Committed),
            Err(NotWritten::Refused { part: Part::Gate | Part::Reds, .. }) => Ok(CommitOutcome::Changed),
            Err(NotWritten::Refused { part: Part::Group, .. }) => Ok(CommitOutcome::Disabled),
            Err(NotWritten::Refused { part: Part::Event, .. }) => {
                let ids: Vec<_> = commit.events.iter().map(|event| event.id.to_string()).collect();
                Err(id_exists_error(&ids.join(" ")))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Holds if the item has this revision. An item that does not exist has the revision 0.
fn has_revision(revision: u64) -> Condition {
    if revision == 0 {
        return Condition::new(IS_NEW);
    }
    Condition::new("#revision = :revision")
        .name("#revision", REVISION)
        .value(":revision", AttributeValue::N(revision.to_string()))
}

fn gate_item(artifact: &Artifact, group: GroupId, gate: &Gate) -> GateItem {
    let key = Key::gate(artifact, group);
    GateItem {
        pk: key.partition,
        sk: key.sort,
        revision: gate.revision,
        completions: gate.completions,
        basis: gate.basis.iter().map(|(receiver, event)| (receiver.to_string(), event.to_string())).collect(),
        event: gate.event.map(|event| event.to_string()),
        incomplete: gate.incomplete,
    }
}

pub(crate) fn gate(item: Item) -> Result<(GroupId, Gate), StoreError> {
    let item: GateItem = from_item(item)?;
    // A commit takes the revision 0 for no item, so it would be tried again and again.
    if item.revision == 0 {
        return Err(StoreError::InvalidItem("the item of a gate has no revision".to_owned()));
    }
    let read = || -> Result<_, InvalidId> {
        let basis = item.basis.iter().map(|(receiver, event)| Ok((receiver.parse()?, event.parse()?)));
        let gate = Gate {
            revision: item.revision,
            completions: item.completions,
            basis: basis.collect::<Result<_, InvalidId>>()?,
            event: item.event.as_deref().map(str::parse).transpose()?,
            incomplete: item.incomplete,
        };
        Ok((item.sk.strip_prefix(GATE_PREFIX).unwrap_or_default().parse()?, gate))
    };
    read().map_err(|_| StoreError::InvalidItem("the item of a gate has an invalid id".to_owned()))
}

#[cfg(test)]
mod tests;
