//! Event receivers. Declarations with the same five members declare the same receiver.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use xzepr_domain::{
    CreatedBy, Event, EventReceiver, Idempotency, InvalidId, InvalidJson, InvalidText, JsonText, ReceiverId,
};

use crate::{
    created_by::made_by,
    error::StoreError,
    event_items::EventItem,
    idempotency::{existing_response, response_item},
    keys::{Key, PARTITION_KEY},
    lists::listed_receiver,
    new_items::{Created, NewItem, Role, id_exists_error},
    table::{Item, Table, from_item, large_read, to_item},
};

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
    /// The text of a receiver's schema; `None` if there is no such receiver.
    pub async fn receiver_schema(&self, id: ReceiverId) -> Result<Option<JsonText>, StoreError> {
        let Some(item) = self.get(Key::receiver(id)).await? else { return Ok(None) };
        let schema = from_item::<ReceiverItem>(item)?.schema;
        let schema = JsonText::try_from(schema).map_err(|error| {
            StoreError::InvalidItem(format!("the schema of receiver {id} is not JSON: {error}"))
        })?;
        Ok(Some(schema))
    }

    /// Reads a receiver. The read sees every write that ended before it began.
    pub async fn receiver(&self, id: ReceiverId) -> Result<Option<EventReceiver>, StoreError> {
        let receiver = self.get(Key::receiver(id)).await?.map(receiver).transpose();
        receiver.map_err(|error| {
            StoreError::InvalidItem(format!("the item of receiver {id} cannot be read: {error}"))
        })
    }

    /// Stores a receiver and its created event, unless a receiver with the same five members exists. Returns the id of
    /// the stored receiver. If two equal declarations arrive at the same time, one is stored and both get its id. With
    /// an idempotency key, the response is stored too.
    pub async fn declare_receiver(
        &self,
        receiver: &EventReceiver,
        created: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> Result<String, StoreError> {
        let identity = Key::identity(&receiver.identity());
        // A pipeline declares its receivers on every run, so the receiver mostly exists. A read is cheap.
        if let Some(item) = self.get(identity.clone()).await? {
            return self.store_response(idempotency, receiver_id(item)?).await;
        }
        let id = receiver.id.to_string();
        let identity = IdentityItem { pk: identity.partition, sk: identity.sort, receiver_id: id.clone() };
        let mut items = vec![
            NewItem::new(Role::Identity, to_item(identity)?),
            NewItem::new(Role::Entity, made_by(to_item(receiver_item(receiver))?, created_by)),
            NewItem::new(Role::Entity, listed_receiver(receiver)?),
            NewItem::new(Role::Entity, made_by(to_item(EventItem::from(created))?, created_by)),
        ];
        items.extend(idempotency.map(|idempotency| response_item(idempotency, &id)).transpose()?);
        match (self.create(items).await?, idempotency) {
            (Created::All, _) => Ok(id),
            (Created::Exists(Role::Identity, item), _) => {
                self.store_response(idempotency, receiver_id(item)?).await
            }
            (Created::Exists(Role::Response, item), Some(idempotency)) => {
                existing_response(item, idempotency)
            }
            (Created::Exists(..), _) => Err(id_exists_error(&id)),
        }
    }

    /// Returns those of the receivers that exist.
    pub async fn existing_receivers(&self, ids: &[ReceiverId]) -> Result<HashSet<ReceiverId>, StoreError> {
        let items = self.get_all(receiver_keys(ids), &[PARTITION_KEY]).await?;
        let found: HashSet<_> =
            items.iter().filter_map(|item| item.get(PARTITION_KEY)?.as_s().ok()).collect();
        Ok(ids.iter().copied().filter(|id| found.contains(&Key::receiver(*id).partition)).collect())
    }

    /// Reads receivers. The result has only those that exist. A receiver's item that contains no receiver is logged,
    /// and is left out too.
    pub async fn receivers(&self, ids: &[ReceiverId]) -> Result<Vec<EventReceiver>, StoreError> {
        let items = self.get_all_within(&large_read(), receiver_keys(ids), &[]).await?;
        Ok(items.into_iter().filter_map(readable_receiver).collect())
    }
}

fn receiver_keys(ids: &[ReceiverId]) -> Vec<Key> {
    ids.iter().map(|id| Key::receiver(*id)).collect()
}

/// The reason why a receiver's item contains no receiver.
#[derive(Debug, thiserror::Error)]
enum InvalidReceiver {
    #[error(transparent)]
    Item(#[from] StoreError),
    #[error("its id {0}")]
    Id(#[from] InvalidId),
    #[error("a text attribute {0}")]
    Text(#[from] InvalidText),
    #[error("schema is not JSON: {0}")]
    Schema(#[from] InvalidJson),
}

fn readable_receiver(item: Item) -> Option<EventReceiver> {
    let key = item.get(PARTITION_KEY).and_then(|key| key.as_s().ok().cloned());
    match receiver(item) {
        Ok(receiver) => Some(receiver),
        Err(error) => {
            tracing::error!(key, "the item of a receiver cannot be read: {error}");
            None
        }
    }
}

fn receiver(item: Item) -> Result<EventReceiver, InvalidReceiver> {
    let item: ReceiverItem = from_item(item)?;
    Ok(EventReceiver {
        id: item.pk.rsplit('#').next().unwrap_or_default().parse()?,
        name: item.name.try_into()?,
        r#type: item.r#type.try_into()?,
        version: item.version.try_into()?,
        description: item.description.try_into()?,
        schema: item.schema.try_into()?,
    })
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

fn receiver_id(identity: Item) -> Result<String, StoreError> {
    let item: IdentityItem = from_item(identity)?;
    match item.receiver_id.parse::<ReceiverId>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err(StoreError::InvalidItem(format!("{} contains no id of a receiver", item.pk))),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use xzepr_domain::{Caller, EventId, EventReceiverRequest};

    use super::*;
    use crate::test_table::table;

    fn receiver(version: &str) -> (EventReceiver, Event) {
        let body =
            format!(r#"{{"name":"build","type":"t","version":"{version}","description":"d","schema":{{}}}}"#);
        let receiver = EventReceiverRequest::parse(&body).unwrap().accept(ReceiverId::generate()).unwrap();
        let created = Event::receiver_created(&receiver, EventId::generate());
        (receiver, created)
    }

    fn idempotency(body: &str) -> Idempotency {
        Idempotency::new(Caller::Anonymous, "key".parse().unwrap(), "/", body)
    }

    #[tokio::test]
    async fn equal_declarations_at_the_same_time_are_one_receiver() {
        let table = table().await;
        let [(one, created_one), (other, created_other)] = [receiver("1"), receiver("1")];
        let (first, second) = tokio::join!(
            table.declare_receiver(&one, &created_one, None, None),
            table.declare_receiver(&other, &created_other, None, None)
        );
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first, second);
        let id = first.parse().unwrap();
        let unstored = if one.id == id { other.id } else { one.id };
        assert!(table.receiver_schema(id).await.unwrap().is_some());
        assert_eq!(table.existing_receivers(&[id, unstored]).await.unwrap(), HashSet::from([id]));
    }

    #[tokio::test]
    async fn a_key_gets_its_first_response_again_and_no_other_request() {
        let table = table().await;
        let ((first, created_first), (second, created_second)) = (receiver("1"), receiver("2"));
        let key = idempotency("body");
        assert_eq!(table.first_response(Some(&key)).await.unwrap(), None);
        let id = table.declare_receiver(&first, &created_first, Some(&key), None).await.unwrap();
        assert_eq!(table.first_response(Some(&key)).await.unwrap(), Some(id.clone()));
        // The second request has passed the check of the key before the first is stored.
        assert_eq!(table.declare_receiver(&second, &created_second, Some(&key), None).await.unwrap(), id);
        assert!(table.receiver_schema(second.id).await.unwrap().is_none());
        let other_body =
            table.declare_receiver(&second, &created_second, Some(&idempotency("other")), None).await;
        assert!(matches!(other_body, Err(StoreError::KeyReused)), "{other_body:?}");
    }

    #[tokio::test]
    async fn receivers_are_read_whole_and_an_item_that_is_none_is_left_out() {
        let table = table().await;
        let mut declared = Vec::new();
        for version in 0..3 {
            let (receiver, created) = receiver(&version.to_string());
            table.declare_receiver(&receiver, &created, None, None).await.unwrap();
            declared.push(receiver);
        }
        let mut item = table.get(Key::receiver(declared[1].id)).await.unwrap().unwrap();
        item.insert("schema".to_owned(), AttributeValue::S("{".to_owned()));
        table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.unwrap();
        let ids: Vec<_> =
            declared.iter().map(|receiver| receiver.id).chain([ReceiverId::generate()]).collect();
        let mut read = table.receivers(&ids).await.unwrap();
        read.sort_by_key(|receiver| receiver.id);
        declared.remove(1);
        declared.sort_by_key(|receiver| receiver.id);
        assert_eq!(read, declared);
    }

    #[tokio::test]
    async fn a_response_that_expired_is_replaced() {
        let table = table().await;
        let (first, created) = receiver("1");
        let key = idempotency("body");
        table.declare_receiver(&first, &created, Some(&key), None).await.unwrap();
        let mut item = table.get(Key::idempotency(&key)).await.unwrap().unwrap();
        item.insert("expires_at".to_owned(), AttributeValue::N("1".to_owned()));
        table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.unwrap();
        assert_eq!(table.first_response(Some(&key)).await.unwrap(), None);
        let (second, created) = receiver("2");
        let id = table.declare_receiver(&second, &created, Some(&key), None).await.unwrap();
        assert_eq!(table.first_response(Some(&key)).await.unwrap(), Some(id));
    }
}
