//! Items of events as they are in the table, and their records as they are in its stream.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use ulid::Ulid;

/// An item of the table.
pub type Item = HashMap<String, AttributeValue>;

/// The item of an event that no POST made. It is valid unless a test changes it.
#[derive(Debug, Clone)]
pub struct EventItem(Item);

impl EventItem {
    /// A valid item of the event with this id.
    pub fn new(id: &str) -> Self {
        let mut item = Self(HashMap::from([("success".to_owned(), AttributeValue::Bool(true))]));
        for name in ["name", "version", "release", "platform_id", "package", "description"] {
            item = item.with(name, name);
        }
        item.with("event_receiver_id", "01HJ1K2M3N4P5Q6R7S8T9V0W1X")
            .with("payload", "{}")
            .at(&partition_key(id), id)
    }

    /// Puts it under these keys, which need not belong to an event.
    pub fn at(self, partition_key: &str, sort_key: &str) -> Self {
        self.with("pk", partition_key).with("sk", sort_key)
    }

    /// Sets an attribute to this text.
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::S(text.to_owned()));
        self
    }

    /// Removes an attribute.
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// Both keys in the form in which dead letters and reports name an item.
    pub fn key(&self) -> String {
        let text = |name: &str| self.0[name].as_s().unwrap();
        format!("{} {}", text("pk"), text("sk"))
    }

    /// The record that the table's stream has of the item.
    pub fn record(&self, sequence_number: usize) -> Value {
        let attribute = |value: &AttributeValue| match value {
            AttributeValue::S(text) => json!({"S": text}),
            AttributeValue::Bool(value) => json!({"BOOL": value}),
            other => panic!("an item of an event has no {other:?}"),
        };
        let image: Map<_, _> = self.0.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
        json!({
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {
                "Keys": {"pk": image["pk"], "sk": image["sk"]},
                "NewImage": image,
                "SequenceNumber": sequence_number.to_string(),
            },
        })
    }
}

impl From<Item> for EventItem {
    fn from(item: Item) -> Self {
        Self(item)
    }
}

impl From<EventItem> for Item {
    fn from(item: EventItem) -> Self {
        item.0
    }
}

/// The partition key of an event.
pub fn partition_key(id: &str) -> String {
    format!("EVENT#{}#{}", time(id).format("%Y-%m-%d"), &id[25..])
}

/// The time at which an id was made, as messages have it.
pub fn created_at(id: &str) -> String {
    time(id).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn time(id: &str) -> DateTime<Utc> {
    let ms = id.parse::<Ulid>().unwrap().timestamp_ms();
    DateTime::from_timestamp_millis(i64::try_from(ms).unwrap()).unwrap()
}
