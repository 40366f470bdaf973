//! An artifact's successes: one item of the index with an attribute for each receiver, the id of its latest successful
//! event.

use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use xzepr_domain::{
    Artifact, Event,
    gate::{Greens, Latest},
};

use crate::{
    error::StoreError,
    index::Index,
    keys::Key,
    ledger::{IS_LATER, latest},
    table::{Item, key_item},
    transaction::is_about_size,
};

/// The start of the attributes that name overrides. No receiver's id has a `#`.
const OVERRIDE_PREFIX: &str = "override#";

impl Index {
    /// Reads the successes of an artifact. The read sees every write that ended before it began.
    pub async fn greens(&self, artifact: &Artifact) -> Result<Greens, StoreError> {
        self.table
            .get(Key::greens(artifact))
            .await?
            .map_or_else(|| Ok(Greens::default()), |item| greens(&item))
    }

    /// Writes a successful event into the item of its artifact, unless a later one of the receiver is there. Returns the
    /// successes afterwards. Fails with [`StoreError::ArtifactFull`] if the item has no room.
    pub async fn raise_green(&self, event: &Event) -> Result<Greens, StoreError> {
        let receiver = event.event_receiver_id;
        let mut update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key_item(&Key::greens(&event.artifact()))))
            .condition_expression(IS_LATER)
            .expression_attribute_names("#receiver", receiver.to_string())
            .expression_attribute_values(":event", AttributeValue::S(event.id.to_string()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        update = if event.is_override {
            update
                .update_expression("SET #receiver = :event, #override = :event")
                .expression_attribute_names("#override", format!("{OVERRIDE_PREFIX}{receiver}"))
        } else {
            update.update_expression("SET #receiver = :event")
        };
        match update.send().await {
            Ok(output) => greens(&output.attributes.unwrap_or_default()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    greens(failed.item().unwrap_or(&Item::new()))
                }
                Some(other) if other.message().is_some_and(is_about_size) => Err(StoreError::ArtifactFull),
                _ => Err(error.into()),
            },
        }
    }
}

fn greens(item: &Item) -> Result<Greens, StoreError> {
    let latest: Latest = latest(item)?;
    let overridden = latest.iter().filter(|(receiver, event)| {
        let mark = item.get(&format!("{OVERRIDE_PREFIX}{receiver}")).and_then(|mark| mark.as_s().ok());
        mark.is_some_and(|mark| *mark == event.to_string())
    });
    let overrides = overridden.map(|(_, event)| event).collect();
    Ok(Greens { latest, overrides })
}
