//! How large a batch of records a topic accepts.

use std::{collections::HashMap, fmt, sync::Arc};

/// How large a batch of records, as it is sent, a topic accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicLimit {
    /// `max.message.bytes`.
    Bytes(u32),
    /// `segment.bytes`, where that is less: a batch must fit into a segment of the log.
    SegmentBytes(u32),
    /// The cluster does not return it.
    Unreadable,
}

impl TopicLimit {
    /// Whether a batch of this size is known to be under the limit.
    pub(crate) fn accepts(self, size: usize) -> bool {
        match self {
            Self::Bytes(bytes) | Self::SegmentBytes(bytes) => {
                u32::try_from(size).is_ok_and(|size| size <= bytes)
            }
            Self::Unreadable => false,
        }
    }

    /// The size of a producer's batches that respects the limit. At 1 each record goes alone.
    fn batch_size(self) -> u32 {
        match self {
            Self::Bytes(bytes) | Self::SegmentBytes(bytes) => bytes,
            Self::Unreadable => 1,
        }
    }

    /// The topic's property that sets the limit.
    pub(crate) fn property(self) -> &'static str {
        match self {
            Self::Bytes(_) | Self::Unreadable => "max.message.bytes",
            Self::SegmentBytes(_) => "segment.bytes",
        }
    }
}

impl fmt::Display for TopicLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) | Self::SegmentBytes(bytes) => write!(f, "{bytes} bytes"),
            Self::Unreadable => f.write_str(
                "it may not be read (needs DESCRIBE_CONFIGS, MSK: kafka-cluster:DescribeTopicDynamicConfiguration)",
            ),
        }
    }
}

/// How many limits are remembered. A caller's values can be part of a topic's name, so there can be any number.
const MAX_TOPICS: usize = 10_000;

/// The limits that refusals have made known, by topic.
#[derive(Debug, Default)]
pub(crate) struct TopicLimits(HashMap<Arc<str>, TopicLimit>);

impl TopicLimits {
    /// The limit of a topic, if it is known.
    pub(crate) fn of(&self, topic: &str) -> Option<TopicLimit> {
        self.0.get(topic).copied()
    }

    /// Keeps the limit that the cluster returned after it refused a batch. A limit that was known before does not
    /// explain the refusal: then it counts as unreadable, and each record goes alone.
    pub(crate) fn learn(&mut self, topic: &Arc<str>, returned: TopicLimit) {
        let is_known = self.of(topic) == Some(returned);
        let limit = if is_known { TopicLimit::Unreadable } else { returned };
        self.0.insert(Arc::clone(topic), limit);
    }

    /// Whether there are more limits than should be remembered.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() > MAX_TOPICS
    }

    /// The size of batches that respects every known limit.
    pub(crate) fn batch_size(&self) -> Option<u32> {
        self.0.values().copied().map(TopicLimit::batch_size).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_does_not_explain_a_refusal_sends_each_record_alone() {
        let (topic, mut limits) = ("topic".into(), TopicLimits::default());
        assert_eq!(limits.batch_size(), None);
        for (returned, kept, batch_size) in [
            (TopicLimit::Bytes(20_000), TopicLimit::Bytes(20_000), 20_000),
            (TopicLimit::SegmentBytes(10_000), TopicLimit::SegmentBytes(10_000), 10_000),
            (TopicLimit::SegmentBytes(10_000), TopicLimit::Unreadable, 1),
        ] {
            limits.learn(&topic, returned);
            assert_eq!((limits.of("topic"), limits.batch_size()), (Some(kept), Some(batch_size)));
        }
    }

    #[test]
    fn batches_respect_the_lowest_limit_of_all_topics() {
        let mut limits = TopicLimits::default();
        limits.learn(&"low".into(), TopicLimit::Bytes(1_000));
        limits.learn(&"high".into(), TopicLimit::Bytes(2_000));
        assert_eq!(limits.batch_size(), Some(1_000));
        assert_eq!((limits.of("high"), limits.of("unknown")), (Some(TopicLimit::Bytes(2_000)), None));
    }

    #[test]
    fn a_limit_that_cannot_be_read_is_known_to_accept_nothing() {
        assert!(TopicLimit::Bytes(10).accepts(10) && !TopicLimit::Bytes(10).accepts(11));
        assert!(!TopicLimit::SegmentBytes(10).accepts(usize::MAX));
        assert!(!TopicLimit::Unreadable.accepts(1));
    }
}
