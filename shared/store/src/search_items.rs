//! Search items: each event once under its name and once under its receiver, and a marker of its day.
//!
//! They follow from the events alone, so that they can be dropped and written again. Every write is a put of the same
//! item, so it can be repeated.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use xzepr_domain::{Event, EventSummary};

use crate::{
    error::StoreError,
    event_items::{InvalidItem, is_false, stored_kind},
    index::Index,
    keys::Key,
    search_keys::{day_key, name_partition, receiver_partition, search_key},
    table::{Item, key_item, to_item},
};

/// The most items of one BatchWriteItem:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>
const MAX_ITEMS: usize = 25;

/// How many requests run at once.
const REQUESTS: usize = 4;

/// The waits before the items that DynamoDB left unprocessed are sent again.
const DELAYS_MS: [u64; 6] = [25, 50, 100, 200, 400, 800];

/// The attributes of a search item. Those of an event item have the same names, so that it is read by this type too.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SearchItem {
    pub(crate) pk: String,
    pub(crate) sk: String,
    name: String,
    version: String,
    release: String,
    platform_id: String,
    package: String,
    description: String,
    event_receiver_id: String,
    success: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    #[serde(default, rename = "override", skip_serializing_if = "is_false")]
    is_override: bool,
}

impl SearchItem {
    /// The attributes, for a projection.
    pub(crate) const ATTRIBUTES: [&str; 13] = [
        "pk",
        "sk",
        "name",
        "version",
        "release",
        "platform_id",
        "package",
        "description",
        "event_receiver_id",
        "success",
        "kind",
        "type",
        "override",
    ];

    fn new(partition: String, event: &Event) -> Self {
        let key = search_key(partition, event.id);
        Self {
            pk: key.partition,
            sk: key.sort,
            name: event.name.to_string(),
            version: event.version.to_string(),
            release: event.release.to_string(),
            platform_id: event.platform_id.to_string(),
            package: event.package.to_string(),
            description: event.description.to_string(),
            event_receiver_id: event.event_receiver_id.to_string(),
            success: event.success,
            kind: Some(event.kind.to_string()),
            r#type: event.r#type.as_ref().map(ToString::to_string),
            is_override: event.is_override,
        }
    }
}

impl TryFrom<SearchItem> for EventSummary {
    type Error = InvalidItem;

    fn try_from(item: SearchItem) -> Result<Self, InvalidItem> {
        let id = item.sk.parse()?;
        let members = [&*item.name, &item.release, &item.platform_id, &item.package];
        let kind = stored_kind(item.kind.as_deref(), members)?;
        Ok(Self {
            id,
            kind,
            r#type: item.r#type.map(TryInto::try_into).transpose()?,
            name: item.name.try_into()?,
            version: item.version.try_into()?,
            release: item.release.try_into()?,
            platform_id: item.platform_id.try_into()?,
            package: item.package.try_into()?,
            description: item.description.try_into()?,
            event_receiver_id: item.event_receiver_id.parse()?,
            success: item.success,
            is_override: item.is_override,
        })
    }
}

impl Index {
    /// Writes the search items of events, and the markers of their days. Events that were written before do no harm. It
    /// costs two write units for an event of up to 1 KB without its payload, and one for each day of the events.
    ///
    /// No marker is remembered from one call to the next: the table may be dropped between them, and a day whose marker
    /// is missing would not be searched.
    pub async fn put_search_items<'a>(
        &self,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<(), StoreError> {
        let puts: Vec<_> = items(events)?.into_values().map(put).collect::<Result<_, _>>()?;
        let batches: Vec<_> = puts.chunks(MAX_ITEMS).map(<[_]>::to_vec).collect();
        stream::iter(batches)
            .map(|batch| self.put_batch(batch))
            .buffer_unordered(REQUESTS)
            .try_collect()
            .await
    }

    /// Sends at most [`MAX_ITEMS`] puts, and those again that DynamoDB leaves unprocessed.
    async fn put_batch(&self, mut puts: Vec<WriteRequest>) -> Result<(), StoreError> {
        let mut delays = DELAYS_MS.into_iter();
        loop {
            let output =
                self.table.client.batch_write_item().request_items(&self.table.name, puts).send().await?;
            puts = output
                .unprocessed_items
                .and_then(|mut tables: HashMap<_, _>| tables.remove(&self.table.name))
                .unwrap_or_default();
            if puts.is_empty() {
                return Ok(());
            }
            match delays.next() {
                Some(delay_ms) => tokio::time::sleep(Duration::from_millis(delay_ms)).await,
                None => {
                    let error = format!("DynamoDB left {} search items unprocessed", puts.len());
                    return Err(StoreError::Unavailable(error));
                }
            }
        }
    }
}

/// The items by their keys. An event that is there twice has its items once, since DynamoDB refuses a batch with two
/// puts of one key.
fn items<'a>(
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<BTreeMap<(String, String), Item>, StoreError> {
    let mut items = BTreeMap::new();
    for event in events {
        for partition in [name_partition(&event.name), receiver_partition(event.event_receiver_id)] {
            let item = SearchItem::new(partition, event);
            items.insert((item.pk.clone(), item.sk.clone()), to_item(item)?);
        }
        if let Some(time) = event.id.time() {
            let Key { partition, sort } = day_key(time.date_naive());
            let marker = key_item(&Key { partition: partition.clone(), sort: sort.clone() });
            items.insert((partition, sort), marker);
        }
    }
    Ok(items)
}

fn put(item: HashMap<String, AttributeValue>) -> Result<WriteRequest, StoreError> {
    let put = PutRequest::builder().set_item(Some(item)).build();
    let put = put.map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

#[cfg(test)]
mod tests;
