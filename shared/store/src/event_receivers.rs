//! Event receivers: declared once, however often they are declared.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::{Deserialize, Serialize};
use xzepr_domain::{Event, EventReceiver, Idempotency, JsonText, ReceiverId};

use crate::{
    error::StoreError,
    event_items::EventItem,
    idempotency::{answer_item, kept_answer},
    keys::{Key, PARTITION_KEY},
    table::{Item, Table, from_item, key_item, to_item},
    transaction::{NewItem, Written},
};

/// The most keys of one BatchGetItem:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MAX_KEYS: usize = 100;

/// How often keys that DynamoDB left unprocessed are asked for again.
const MAX_ROUNDS: usize = 5;

#[derive(Serialize, Deserialize)]
struct ReceiverItem {
    pk: String,
    sk: String,
    name: String,
    r#type: String,
    version: String,
    description: String,
    schema: String,
}

#[derive(Serialize, Deserialize)]
struct IdentityItem {
    pk: String,
    sk: String,
    receiver_id: String,
}

impl Table {
    /// The text of a receiver's schema; `None` where there is no such receiver.
    pub async fn receiver_schema(&self, id: ReceiverId) -> Result<Option<JsonText>, StoreError> {
        let Some(item) = self.get(Key::receiver(id)).await? else { return Ok(None) };
        let schema = from_item::<ReceiverItem>(item)?.schema;
        let schema = JsonText::try_from(schema).map_err(|error| {
            StoreError::Failed(format!("the schema of receiver {id} is not JSON: {error}"))
        })?;
        Ok(Some(schema))
    }

    /// Stores a receiver and its created event, unless a receiver with the same five members exists;
    /// returns the id of the one that is stored. Of two equal declarations at the same time one wins
    /// and both get its id. With an idempotency key, the answer is kept with it.
    pub async fn declare_receiver(
        &self,
        receiver: &EventReceiver,
        created: &Event,
        idempotency: Option<&Idempotency>,
    ) -> Result<String, StoreError> {
        let identity = Key::identity(&receiver.identity());
        // A pipeline declares its receivers on every run: a read is the cheap and common end.
        if let Some(item) = self.get(identity.clone()).await? {
            return self.keep_answer(idempotency, declared(item)?).await;
        }
        let id = receiver.id.to_string();
        let items = [
            to_item(IdentityItem {
                pk: identity.partition.clone(),
                sk: identity.sort.clone(),
                receiver_id: id.clone(),
            })?,
            to_item(receiver_item(receiver))?,
            to_item(EventItem::from(created))?,
        ];
        let mut items: Vec<NewItem> = items.into_iter().map(NewItem::from).collect();
        items.extend(idempotency.map(|idempotency| answer_item(idempotency, &id)).transpose()?);
        match (self.put_new(items).await?, idempotency) {
            (Written::All, _) => Ok(id),
            (Written::Exists { index: 0, item }, _) => self.keep_answer(idempotency, declared(item)?).await,
            (Written::Exists { index: 3, item }, Some(idempotency)) => kept_answer(item, idempotency),
            (Written::Exists { .. }, _) => Err(StoreError::Failed(format!("the new id {id} is taken"))),
        }
    }

    /// Which of these receivers exist.
    pub async fn existing_receivers(&self, ids: &[ReceiverId]) -> Result<HashSet<ReceiverId>, StoreError> {
        let mut existing = HashSet::with_capacity(ids.len());
        for ids in ids.chunks(MAX_KEYS) {
            let mut keys: Vec<Item> = ids.iter().map(|id| key_item(&Key::receiver(*id))).collect();
            let mut rounds = 0;
            while !keys.is_empty() {
                rounds += 1;
                if rounds > MAX_ROUNDS {
                    return Err(StoreError::Unavailable(format!(
                        "{} keys were left unprocessed",
                        keys.len()
                    )));
                }
                let (found, unprocessed) = self.batch_get(keys).await?;
                existing.extend(ids.iter().filter(|id| found.contains(&Key::receiver(**id).partition)));
                keys = unprocessed;
            }
        }
        Ok(existing)
    }

    /// The partition keys of the items that exist, and the keys that were left unprocessed.
    async fn batch_get(&self, keys: Vec<Item>) -> Result<(HashSet<String>, Vec<Item>), StoreError> {
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .projection_expression(PARTITION_KEY)
            .consistent_read(true)
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        let output = self.client.batch_get_item().request_items(&self.name, request).send().await?;
        let found = output
            .responses
            .into_iter()
            .flat_map(|mut tables| tables.remove(&self.name).unwrap_or_default())
            .filter_map(|mut item| match item.remove(PARTITION_KEY) {
                Some(AttributeValue::S(partition)) => Some(partition),
                _ => None,
            })
            .collect();
        let unprocessed = output
            .unprocessed_keys
            .and_then(|mut tables| tables.remove(&self.name))
            .map_or_else(Vec::new, |left| left.keys);
        Ok((found, unprocessed))
    }
}

fn receiver_item(receiver: &EventReceiver) -> ReceiverItem {
    let key = Key::receiver(receiver.id);
    ReceiverItem {
        pk: key.partition,
        sk: key.sort,
        name: receiver.name.to_string(),
        r#type: receiver.r#type.to_string(),
        version: receiver.version.to_string(),
        description: receiver.description.to_string(),
        schema: receiver.schema.as_str().to_owned(),
    }
}

fn declared(identity: Item) -> Result<String, StoreError> {
    let item: IdentityItem = from_item(identity)?;
    match item.receiver_id.parse::<ReceiverId>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err(StoreError::Failed(format!("{} holds no receiver's id", item.pk))),
    }
}
