//! The partitions of topics, and where they end.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::KafkaResult,
    metadata::Metadata,
};

use super::Topics;
use crate::error::{Error, Result};

const TOPIC_WITHIN: Duration = Duration::from_secs(30);

/// How long the brokers may take for a response.
const RESPONSE_WITHIN: Duration = Duration::from_secs(5);

const RETRY_EVERY: Duration = Duration::from_millis(50);

/// A topic and the number of its partition.
pub(super) type Partition = (String, i32);

/// The present partitions. Waits for the brokers, and for the topics that are named.
pub(super) fn await_topics<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topics: &Topics,
) -> Result<BTreeSet<Partition>> {
    let until = Instant::now() + TOPIC_WITHIN;
    loop {
        let found = match topics {
            Topics::Named(names) => names.iter().try_fold(BTreeSet::new(), |mut found, name| {
                let partitions = named(consumer, name).filter(|partitions| !partitions.is_empty());
                found.extend(partitions.ok_or_else(|| format!("topic {name} does not appear"))?);
                Ok(found)
            }),
            Topics::Accepted(_) => all(consumer, topics, RESPONSE_WITHIN)
                .map_err(|error| format!("the topics cannot be listed ({error})")),
        };
        match found {
            Ok(partitions) => return Ok(partitions),
            Err(fault) if Instant::now() > until => {
                return Err(Error::new(format!("{fault}: does the publisher reach Kafka?")));
            }
            Err(_) => thread::sleep(RETRY_EVERY),
        }
    }
}

/// The present partitions of all topics of the cluster that are followed.
pub(super) fn all<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topics: &Topics,
    within: Duration,
) -> KafkaResult<BTreeSet<Partition>> {
    let metadata = consumer.fetch_metadata(None, within)?;
    Ok(partitions(&metadata).filter(|(topic, _)| topics.contain(topic)).collect())
}

/// The offset after a partition's last record. A new partition has no leader yet, so this retries.
pub(super) fn end<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topic: &str,
    partition: i32,
) -> Result<i64> {
    let until = Instant::now() + TOPIC_WITHIN;
    loop {
        match consumer.fetch_watermarks(topic, partition, RESPONSE_WITHIN) {
            Ok((_, end)) => return Ok(end),
            Err(error) if Instant::now() > until => {
                return Err(Error::new(format!("reading topic {topic}: {error}")));
            }
            Err(_) => thread::sleep(RETRY_EVERY),
        }
    }
}

fn named<C: ConsumerContext>(consumer: &BaseConsumer<C>, name: &str) -> Option<BTreeSet<Partition>> {
    let metadata = consumer.fetch_metadata(Some(name), RESPONSE_WITHIN).ok()?;
    Some(partitions(&metadata).collect())
}

fn partitions(metadata: &Metadata) -> impl Iterator<Item = Partition> {
    let topics = metadata.topics().iter().filter(|topic| topic.error().is_none());
    topics.flat_map(|topic| {
        topic.partitions().iter().map(|partition| (topic.name().to_owned(), partition.id()))
    })
}
