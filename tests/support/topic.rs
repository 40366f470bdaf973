//! The system as its consumers see it: the topic.

use std::{collections::HashMap, time::Duration};

use local::topic::Record;
use rdkafka::{
    ClientConfig,
    producer::{FutureProducer, FutureRecord},
};
use tokio::task::block_in_place;

use crate::{System, eventually};

/// Longer than the publisher's timeout: a message may wait for an invocation that must end first.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

/// How long one look at the topic waits for a message.
const LOOK: Duration = Duration::from_millis(50);

/// How long a test waits for a message that must not come. Without a fault a message needs some milliseconds.
const ARRIVES_SOON: Duration = Duration::from_secs(2);

impl System {
    /// Reads the topic until all of these ids have arrived. Returns the records of each key that arrived.
    pub async fn await_messages(&self, ids: &[String]) -> HashMap<String, Vec<Record>> {
        let mut arrived: HashMap<String, Vec<Record>> = HashMap::new();
        eventually(ARRIVES_WITHIN, async || {
            loop {
                let missing: Vec<_> = ids.iter().filter(|id| !arrived.contains_key(*id)).collect();
                if missing.is_empty() {
                    return Ok(());
                }
                let Some(record) = self.next_message(LOOK) else {
                    return Err(format!(
                        "{} of {} messages are missing: {missing:?}",
                        missing.len(),
                        ids.len()
                    ));
                };
                arrived.entry(record.key.clone()).or_default().push(record);
            }
        })
        .await;
        arrived
    }

    /// The next messages of the topic, as many as asked for.
    pub async fn next_messages(&self, count: usize) -> Vec<Record> {
        let mut records = Vec::with_capacity(count);
        eventually(ARRIVES_WITHIN, async || {
            while records.len() < count {
                let record = self.next_message(LOOK);
                records.push(record.ok_or_else(|| format!("{} of {count} messages arrived", records.len()))?);
            }
            Ok::<_, String>(())
        })
        .await;
        records
    }

    /// The next message whose event type is this one. Messages before it are dropped.
    pub async fn next_message_of(&self, event_type: &str) -> Record {
        eventually(ARRIVES_WITHIN, async || {
            while let Some(record) = self.next_message(LOOK) {
                if type_of(&record) == Some(event_type) {
                    return Ok(record);
                }
            }
            Err(format!("no message of {event_type} has arrived"))
        })
        .await
    }

    /// The messages of this event type that arrive until none of any type has arrived for two seconds. Tests call this
    /// where none must come.
    pub fn further_messages_of(&self, event_type: &str) -> Vec<Record> {
        let further = std::iter::from_fn(|| self.next_message(ARRIVES_SOON));
        further.filter(|record| type_of(record) == Some(event_type)).collect()
    }

    /// The message that arrives within two seconds, if one does. Tests call this where none must come.
    pub fn unexpected_message(&self) -> Option<Record> {
        self.next_message(ARRIVES_SOON)
    }

    /// The next message, which must match the JSON Schema of its format.
    fn next_message(&self, within: Duration) -> Option<Record> {
        let message = block_in_place(|| self.reader.lock().unwrap().next(within));
        message.inspect(|message| self.message_schema.check(message))
    }

    /// Sends a record to the topic past the publisher.
    pub async fn produce(&self, key: &str, value: &str) {
        let producer: FutureProducer =
            ClientConfig::new().set("bootstrap.servers", self.stack.kafka.brokers()).create().unwrap();
        let record = FutureRecord::to(&self.stack.topic).key(key).payload(value);
        producer.send(record, ARRIVES_WITHIN).await.unwrap();
    }
}

/// The type of a message's event.
fn type_of(record: &Record) -> Option<&str> {
    let header = record.headers.iter().find(|(name, _)| name == "xzepr-event-type");
    header.map(|(_, value)| value.as_str())
}
