//! Reads records behind the wire header of a schema registry, past every proxy.
//!
//! <https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format>

use std::{collections::HashMap, time::Duration};

use local::topic::PROPERTIES;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    message::Headers,
};
use serde_json::Value;

const RESPONDS_WITHIN: Duration = Duration::from_secs(20);

/// A record.
#[derive(Debug)]
pub(crate) struct Framed {
    /// The id in the header.
    pub(crate) schema_id: u32,
    pub(crate) value: Value,
    /// The record's own headers.
    pub(crate) headers: HashMap<String, String>,
}

/// Every record that a topic has now. This blocks.
pub(crate) fn read(brokers: &str, topic: &str) -> Vec<Framed> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .extend(PROPERTIES.map(|(name, value)| (name.into(), value.into())));
    let consumer: BaseConsumer = config.create().unwrap();
    let metadata = consumer.fetch_metadata(Some(topic), RESPONDS_WITHIN).unwrap();
    let (mut assignment, mut count) = (TopicPartitionList::new(), 0);
    for partition in metadata.topics()[0].partitions() {
        assignment.add_partition_offset(topic, partition.id(), Offset::Beginning).unwrap();
        let (low, high) = consumer.fetch_watermarks(topic, partition.id(), RESPONDS_WITHIN).unwrap();
        count += usize::try_from(high - low).unwrap();
    }
    consumer.assign(&assignment).unwrap();
    (0..count).map(|_| framed(&consumer.poll(RESPONDS_WITHIN).unwrap().unwrap())).collect()
}

fn framed(record: &impl Message) -> Framed {
    let Some([0, id @ ..]) = record.payload() else { panic!("a value has no wire header") };
    let (id, value) = id.split_first_chunk().unwrap();
    let headers = record.headers().into_iter().flat_map(Headers::iter);
    let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap_or_default().to_vec()).unwrap();
    Framed {
        schema_id: u32::from_be_bytes(*id),
        value: serde_json::from_slice(value).unwrap(),
        headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
    }
}
