//! How large a batch of records a topic accepts.

use std::fmt;

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

    /// The limit to work with after a batch was too large, from the one that was known and the one that the
    /// cluster returned since. The same limit twice does not explain the refusal: then it counts as unreadable,
    /// and each record goes alone.
    pub(crate) fn after_refusal(known: Option<Self>, returned: Self) -> Self {
        if known == Some(returned) { Self::Unreadable } else { returned }
    }

    /// The size of a producer's batches that respects the limit. At 1 each record goes alone.
    pub(crate) fn batch_size(self) -> u32 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_does_not_explain_a_refusal_sends_each_record_alone() {
        let (limit, lower) = (TopicLimit::Bytes(20_000), TopicLimit::SegmentBytes(10_000));
        assert_eq!(TopicLimit::after_refusal(None, limit), limit);
        assert_eq!(TopicLimit::after_refusal(Some(limit), lower), lower);
        assert_eq!(TopicLimit::after_refusal(Some(limit), limit), TopicLimit::Unreadable);
        assert_eq!(TopicLimit::Unreadable.batch_size(), 1);
    }

    #[test]
    fn a_limit_that_cannot_be_read_is_known_to_accept_nothing() {
        assert!(TopicLimit::Bytes(10).accepts(10) && !TopicLimit::Bytes(10).accepts(11));
        assert!(!TopicLimit::SegmentBytes(10).accepts(usize::MAX));
        assert!(!TopicLimit::Unreadable.accepts(1));
    }
}
