//! The ledger of an artifact's failures: one item with an attribute for each receiver, the id of its latest failed event.
//!
//! The POST of a failed event writes it in its own transaction. So the ledger has each accepted failure, at once.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use xzepr_domain::{
    Artifact, Event,
    gate::{Latest, Reds},
};

use crate::{
    error::StoreError,
    keys::{Key, PARTITION_KEY, SORT_KEY},
    table::{Item, Table, key_item},
    transaction::NotWritten,
};

/// The attribute with the number of changes.
pub(crate) const REVISION: &str = "revision";

/// Holds if the receiver has no event in the item, or an earlier one.
pub(crate) const IS_LATER: &str = "attribute_not_exists(#receiver) OR #receiver < :event";

impl Table {
    /// Reads the ledger of an artifact. The read sees every write that ended before it began.
    pub async fn reds(&self, artifact: &Artifact) -> Result<Reds, StoreError> {
        let Some(mut item) = self.get(Key::reds(artifact)).await? else { return Ok(Reds::default()) };
        let revision = item.remove(REVISION).and_then(|revision| revision.as_n().ok()?.parse().ok());
        // A commit takes the revision 0 for no item, so it would be tried again and again.
        let revision = revision.filter(|revision| *revision > 0);
        let revision =
            revision.ok_or_else(|| StoreError::InvalidItem("a ledger has no revision".to_owned()))?;
        Ok(Reds { latest: latest(&item)?, revision })
    }

    /// Writes an event into the ledger, if it is a failed one of a caller. The POST of the event has done that already, so
    /// this changes nothing unless the item is lost.
    pub async fn raise_red(&self, event: &Event) -> Result<(), StoreError> {
        let Some(update) = raise_in_ledger(&self.name, event)? else { return Ok(()) };
        match self.transact(vec![((), update)]).await {
            Ok(()) | Err(NotWritten::Refused { .. }) => Ok(()),
            Err(NotWritten::TooLarge { .. }) => Err(StoreError::ArtifactFull),
            Err(error) => Err(error.into()),
        }
    }
}

/// The write of an event into its ledger, under the condition that the ledger has no later one of the receiver. It is
/// `None` if the event belongs into no ledger.
pub(crate) fn raise_in_ledger(table: &str, event: &Event) -> Result<Option<TransactWriteItem>, StoreError> {
    if event.success || !event.kind.is_callers() {
        return Ok(None);
    }
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(key_item(&Key::reds(&event.artifact()))))
        .update_expression("SET #receiver = :event ADD #revision :one")
        .condition_expression(IS_LATER)
        .expression_attribute_names("#receiver", event.event_receiver_id.to_string())
        .expression_attribute_names("#revision", REVISION)
        .expression_attribute_values(":event", AttributeValue::S(event.id.to_string()))
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .build()
        .map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(Some(TransactWriteItem::builder().update(update).build()))
}

/// The receivers of an item with their events.
pub(crate) fn latest(item: &Item) -> Result<Latest, StoreError> {
    let invalid = |_| StoreError::InvalidItem("an item about an artifact has an invalid id".to_owned());
    item.iter()
        .filter(|(name, _)| ![PARTITION_KEY, SORT_KEY].contains(&&***name) && !name.contains('#'))
        .map(|(receiver, event)| {
            let event = event.as_s().map_or("", String::as_str);
            Ok((receiver.parse().map_err(invalid)?, event.parse().map_err(invalid)?))
        })
        .collect()
}
