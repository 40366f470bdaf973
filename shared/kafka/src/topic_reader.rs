//! Reads a topic from a time to its present end.

use std::time::{Duration, Instant};

use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    message::Headers,
    metadata::{MetadataPartition, MetadataTopic},
};
use xzepr_settings::KafkaSettings;

use crate::{
    access_error::AccessError, connection_context::ConnectionContext, consumer::consumer, topics::is_sendable,
};

/// How long one request about the topic may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// How often the partitions that are read to their ends are paused.
const PAUSE_EVERY: Duration = Duration::from_secs(1);

/// How long the brokers may be silent before the topic counts as unreadable.
const SILENCE: Duration = Duration::from_secs(30);

/// librdkafka's properties for a consumer that joins no group and stores no position.
const PROPERTIES: [(&str, &str); 4] = [
    ("group.id", "xzepr-reconcile"),
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("auto.offset.reset", "earliest"),
];

/// The parts of a record that a reader gets.
#[derive(Debug)]
pub struct TopicRecord<'a> {
    /// Its key.
    pub key: &'a [u8],
    /// Its value. A record without a value has an empty one.
    pub value: &'a [u8],
    /// Its headers, names and values, in order. A header without a value has an empty one.
    pub headers: Vec<(&'a str, &'a [u8])>,
}

/// Why the topic could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableTopic {
    /// There is no client.
    #[error(transparent)]
    NoAccess(#[from] AccessError),
    /// The brokers refuse a request.
    #[error("reading topic {topic}: {error} (needs READ and DESCRIBE, MSK: kafka-cluster:ReadData)")]
    Refused {
        /// The topic.
        topic: String,
        /// librdkafka's error.
        error: KafkaError,
    },
    /// No record arrived for 30 s.
    #[error("reading topic {0}: the brokers are silent")]
    Silent(String),
}

/// Calls `see` with every record of a topic that was appended at or after `from_ms` (milliseconds since 1970) and before
/// this call. A topic that does not exist has no records.
pub async fn read_topic(
    settings: &KafkaSettings,
    topic: &str,
    from_ms: i64,
    mut see: impl FnMut(TopicRecord<'_>) + Send,
) -> Result<(), UnreadableTopic> {
    if !is_sendable(topic) {
        return Ok(());
    }
    let consumer = consumer(settings, &PROPERTIES).await?;
    let refused = |error| refused(topic, error);
    let mut ends = assign(&consumer, topic, from_ms)?;
    let (mut last_record, mut last_pause) = (Instant::now(), Instant::now());
    while !ends.is_empty() {
        if last_pause.elapsed() >= PAUSE_EVERY {
            last_pause = Instant::now();
            pause_read(&consumer, topic, &mut ends)?;
        }
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                last_record = Instant::now();
                let headers = message.headers().into_iter().flat_map(Headers::iter);
                see(TopicRecord {
                    key: message.key().unwrap_or_default(),
                    value: message.payload().unwrap_or_default(),
                    headers: headers.map(|header| (header.key, header.value.unwrap_or_default())).collect(),
                });
                ends.retain(|(partition, end)| {
                    *partition != message.partition() || message.offset() + 1 < *end
                });
            }
            Some(Err(error)) if last_record.elapsed() > SILENCE => return Err(refused(error)),
            None if last_record.elapsed() > SILENCE => return Err(UnreadableTopic::Silent(topic.to_owned())),
            Some(Err(_)) | None => {}
        }
    }
    Ok(())
}

/// Stops reading the partitions that are read to their ends, because others may write to them for ever. The last entry
/// of a partition may be no record, but a transaction's marker, or a record that was aborted or removed by compaction.
fn pause_read(
    consumer: &BaseConsumer<ConnectionContext>,
    topic: &str,
    ends: &mut Vec<(i32, i64)>,
) -> Result<(), UnreadableTopic> {
    let refused = |error| refused(topic, error);
    let positions = consumer.position().map_err(refused)?;
    ends.retain(|(partition, end)| {
        let position = positions.find_partition(topic, *partition).map(|at| at.offset());
        !matches!(position, Some(Offset::Offset(position)) if position >= *end)
    });
    let mut read = TopicPartitionList::new();
    for element in positions.elements_for_topic(topic) {
        if !ends.iter().any(|(partition, _)| *partition == element.partition()) {
            read.add_partition(topic, element.partition());
        }
    }
    consumer.pause(&read).map_err(refused)
}

/// Assigns the partitions that have records to read, and returns the end of each.
fn assign(
    consumer: &BaseConsumer<ConnectionContext>,
    topic: &str,
    from_ms: i64,
) -> Result<Vec<(i32, i64)>, UnreadableTopic> {
    let refused = |error| refused(topic, error);
    let metadata = consumer.fetch_metadata(Some(topic), REQUEST_TIMEOUT).map_err(refused)?;
    let partitions: Vec<_> = metadata
        .topics()
        .iter()
        .filter(|topic| topic.error().is_none())
        .flat_map(MetadataTopic::partitions)
        .map(MetadataPartition::id)
        .collect();
    if partitions.is_empty() {
        // The first batch creates it. Until then it holds nothing.
        tracing::warn!(topic, "the topic does not exist");
        return Ok(Vec::new());
    }
    let (since, ever) =
        (starts(consumer, topic, &partitions, from_ms)?, starts(consumer, topic, &partitions, 0)?);
    let (mut assignment, mut ends) = (TopicPartitionList::new(), Vec::new());
    for partition in partitions {
        let (low, end) = consumer.fetch_watermarks(topic, partition, REQUEST_TIMEOUT).map_err(refused)?;
        let start = |starts: &TopicPartitionList| match starts
            .find_partition(topic, partition)
            .map(|start| start.offset())
        {
            Some(Offset::Offset(start)) => start,
            _ => end,
        };
        // librdkafka's mock cluster, which is the embedded Kafka of `local`, returns the end for any time.
        let searches_by_time = start(&ever) < end;
        let start = if searches_by_time { start(&since) } else { low };
        if start < end {
            assignment.add_partition_offset(topic, partition, Offset::Offset(start)).map_err(refused)?;
            ends.push((partition, end));
        }
    }
    consumer.assign(&assignment).map_err(refused)?;
    Ok(ends)
}

/// The first record of each partition that was appended at or after `from_ms`.
fn starts(
    consumer: &BaseConsumer<ConnectionContext>,
    topic: &str,
    partitions: &[i32],
    from_ms: i64,
) -> Result<TopicPartitionList, UnreadableTopic> {
    let refused = |error| refused(topic, error);
    let mut times = TopicPartitionList::new();
    for partition in partitions {
        times.add_partition_offset(topic, *partition, Offset::Offset(from_ms)).map_err(refused)?;
    }
    consumer.offsets_for_times(times, REQUEST_TIMEOUT).map_err(refused)
}

fn refused(topic: &str, error: KafkaError) -> UnreadableTopic {
    UnreadableTopic::Refused { topic: topic.to_owned(), error }
}

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;
    use xzepr_messages::Message;
    use xzepr_settings::{Compression, Settings};

    use super::*;
    use crate::Producer;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_record_is_read_with_its_value_and_headers_from_the_topic_that_is_asked_for() {
        let cluster = MockCluster::new(1).unwrap();
        let brokers = cluster.bootstrap_servers();
        let variable = move |name: &str| (name == "XZEPR_KAFKA_BROKERS").then(|| brokers.clone());
        let settings = Settings::new(variable, "").unwrap().kafka().unwrap();
        let message = |topic: &str| Message {
            topic: topic.into(),
            key: format!("key of {topic}"),
            value: b"{}".to_vec(),
            headers: vec![("a", "1".to_owned()), ("empty", String::new())],
            compression: Compression::Gzip,
        };
        for topic in ["first", "second"] {
            cluster.create_topic(topic, 3, 1).unwrap();
        }
        let messages = [message("first"), message("second"), message("second")];
        let mut producer = Producer::new(settings.clone()).unwrap();
        let sent = producer.publish(&messages.each_ref(), SILENCE).await;
        assert!(sent.iter().all(Result::is_ok), "{sent:?}");

        let mut records = Vec::new();
        let see = |record: TopicRecord<'_>| {
            let headers: Vec<_> =
                record.headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
            records.push((record.key.to_vec(), record.value.to_vec(), headers));
        };
        read_topic(&settings, "second", 0, see).await.unwrap();
        let headers = vec![("a".to_owned(), b"1".to_vec()), ("empty".to_owned(), Vec::new())];
        assert_eq!(records, vec![(b"key of second".to_vec(), b"{}".to_vec(), headers); 2]);
        for topic in ["missing", &"x".repeat(600)] {
            read_topic(&settings, topic, 0, |_| panic!("it has no records")).await.unwrap();
        }
    }
}
