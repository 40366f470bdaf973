//! Reads the topic, from its beginning or from its end on.

use std::time::{Duration, Instant};

use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer, ConsumerContext, DefaultConsumerContext},
    message::Headers,
    metadata::{MetadataPartition, MetadataTopic},
};

use crate::error::{Context, Error, Result};

const TOPIC_WITHIN: Duration = Duration::from_secs(30);

/// A record of the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its partition.
    pub partition: i32,
    /// Its offset in the partition.
    pub offset: i64,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Its headers' names and values.
    pub headers: Vec<(String, String)>,
}

/// The place at which a reader starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// The oldest record.
    Beginning,
    /// After the newest record of this moment.
    End,
}

/// librdkafka's properties for a consumer that only reads.
pub const PROPERTIES: [(&str, &str); 5] = [
    ("group.id", "local"),
    ("enable.auto.commit", "false"),
    ("auto.offset.reset", "earliest"),
    ("reconnect.backoff.max.ms", "500"),
    ("log_level", "2"),
];

/// A consumer without a group. Its calls block.
pub struct Reader<C: ConsumerContext + 'static = DefaultConsumerContext> {
    consumer: BaseConsumer<C>,
}

impl Reader {
    /// Connects without security, waits for the topic and reads all of its partitions.
    pub fn open(brokers: &str, topic: &str, start: StartAt) -> Result<Self> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", brokers)
            .extend(PROPERTIES.map(|(name, value)| (name.into(), value.into())));
        Self::new(config.create().context("creating a consumer")?, topic, start)
    }
}

impl<C: ConsumerContext> Reader<C> {
    /// Waits for the topic and reads all of its partitions.
    pub fn new(consumer: BaseConsumer<C>, topic: &str, start: StartAt) -> Result<Self> {
        let partitions = partitions(&consumer, topic)?;
        let mut assignment = TopicPartitionList::new();
        for partition in partitions {
            let offset = match start {
                StartAt::Beginning => Offset::Beginning,
                StartAt::End => Offset::Offset(end(&consumer, topic, partition)?),
            };
            assignment.add_partition_offset(topic, partition, offset).context("assigning partitions")?;
        }
        consumer.assign(&assignment).context("assigning partitions")?;
        Ok(Self { consumer })
    }

    /// Returns the next record, or none after `within`. While a broker is unavailable, this waits.
    pub fn next(&self, within: Duration) -> Option<Record> {
        let until = Instant::now() + within;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.consumer.poll(left) {
                Some(Ok(message)) => {
                    let text = |bytes: Option<&[u8]>| {
                        String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
                    };
                    return Some(Record {
                        partition: message.partition(),
                        offset: message.offset(),
                        key: text(message.key()),
                        value: text(message.payload()),
                        headers: message
                            .headers()
                            .into_iter()
                            .flat_map(Headers::iter)
                            .map(|header| (header.key.to_owned(), text(header.value)))
                            .collect(),
                    });
                }
                _ if left.is_zero() => return None,
                _ => {}
            }
        }
    }
}

/// The offset after a partition's last record. A new partition has no leader yet, so this retries.
fn end<C: ConsumerContext>(consumer: &BaseConsumer<C>, topic: &str, partition: i32) -> Result<i64> {
    let until = Instant::now() + TOPIC_WITHIN;
    loop {
        match consumer.fetch_watermarks(topic, partition, Duration::from_secs(5)) {
            Ok((_, end)) => return Ok(end),
            Err(error) if Instant::now() > until => {
                return Err(Error::new(format!("reading topic {topic}: {error}")));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn partitions<C: ConsumerContext>(consumer: &BaseConsumer<C>, topic: &str) -> Result<Vec<i32>> {
    let until = Instant::now() + TOPIC_WITHIN;
    while Instant::now() < until {
        if let Ok(metadata) = consumer.fetch_metadata(Some(topic), Duration::from_secs(5)) {
            let ids: Vec<_> = metadata
                .topics()
                .iter()
                .filter(|topic| topic.error().is_none())
                .flat_map(MetadataTopic::partitions)
                .map(MetadataPartition::id)
                .collect();
            if !ids.is_empty() {
                return Ok(ids);
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(Error::new(format!("topic {topic} does not appear: does the publisher reach Kafka?")))
}
