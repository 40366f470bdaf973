//! Reads topics, from their beginnings or from their ends on.

mod partitions;
mod record;
#[cfg(test)]
mod tests;
mod topics;

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer, ConsumerContext, DefaultConsumerContext},
    error::KafkaResult,
};

use self::partitions::Partition;
pub use self::{record::Record, topics::Topics};
use crate::error::{Context, Result};

/// The time between two looks for new topics, and the longest time that one takes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The place at which a reader starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// The oldest record.
    Beginning,
    /// After the newest record of this moment. A topic or a partition that appears later is read from its beginning.
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
    topics: Topics,
    followed: Mutex<Followed>,
}

/// The partitions that a reader reads.
struct Followed {
    partitions: BTreeSet<Partition>,
    next_look: Instant,
}

impl Reader {
    /// Connects without security, waits for the named topics, and reads all partitions.
    pub fn open(brokers: &str, topics: impl Into<Topics>, start: StartAt) -> Result<Self> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", brokers)
            .extend(PROPERTIES.map(|(name, value)| (name.into(), value.into())));
        Self::new(config.create().context("creating a consumer")?, topics, start)
    }
}

impl<C: ConsumerContext> Reader<C> {
    /// Waits for the named topics, and reads all partitions.
    pub fn new(consumer: BaseConsumer<C>, topics: impl Into<Topics>, start: StartAt) -> Result<Self> {
        let topics = topics.into();
        let partitions = partitions::await_topics(&consumer, &topics)?;
        let mut assignment = TopicPartitionList::new();
        for (topic, partition) in &partitions {
            let offset = match start {
                StartAt::Beginning => Offset::Beginning,
                StartAt::End => Offset::Offset(partitions::end(&consumer, topic, *partition)?),
            };
            assignment.add_partition_offset(topic, *partition, offset).context("assigning partitions")?;
        }
        consumer.assign(&assignment).context("assigning partitions")?;
        let followed = Followed { partitions, next_look: Instant::now() + LOOK_EVERY };
        Ok(Self { consumer, topics, followed: Mutex::new(followed) })
    }

    /// Returns the next record, or none after `within`. While a broker is unavailable, this waits.
    pub fn next(&self, within: Duration) -> Option<Record> {
        let until = Instant::now() + within;
        loop {
            self.look_for_topics();
            let left = until.saturating_duration_since(Instant::now());
            match self.consumer.poll(left.min(LOOK_EVERY)) {
                Some(Ok(message)) => return Some(message.into()),
                _ if left.is_zero() => return None,
                _ => {}
            }
        }
    }

    /// Reads the topics and partitions that are new. Those that are named were there at the start.
    fn look_for_topics(&self) {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = Instant::now() >= followed.next_look;
        if matches!(self.topics, Topics::Named(_)) || !is_due {
            return;
        }
        // Brokers that do not respond are asked again.
        if let Ok(partitions) = partitions::all(&self.consumer, &self.topics, LOOK_EVERY) {
            for partition in partitions {
                if !followed.partitions.contains(&partition) && self.follow(&partition).is_ok() {
                    followed.partitions.insert(partition);
                }
            }
        }
        followed.next_look = Instant::now() + LOOK_EVERY;
    }

    fn follow(&self, (topic, partition): &Partition) -> KafkaResult<()> {
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(topic, *partition, Offset::Beginning)?;
        self.consumer.incremental_assign(&assignment)
    }
}
