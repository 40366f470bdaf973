//! The topics that were asked for: those that are ready, and those that were refused a short time ago.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::undelivered::Undelivered;

/// How long a refusal counts. During this time a refused topic costs the other topics of a batch no request, and the
/// idempotent producer no new epoch. Afterwards it is asked again, so that a granted right takes effect soon.
const REFUSED_FOR: Duration = Duration::from_secs(10);

/// How many topics are remembered. A caller's values can be part of a topic's name, so there can be any number.
const MAX_TOPICS: usize = 10_000;

#[derive(Debug)]
enum State {
    Ready,
    Refused { error: Undelivered, until: Instant },
}

/// The topics that were asked for.
#[derive(Debug, Default)]
pub(super) struct KnownTopics(BTreeMap<Arc<str>, State>);

impl KnownTopics {
    /// Whether nothing needs to be asked about the topic now.
    pub(super) fn is_known(&self, topic: &str) -> bool {
        match self.0.get(topic) {
            None => false,
            Some(State::Ready) => true,
            Some(State::Refused { until, .. }) => Instant::now() < *until,
        }
    }

    /// The last refusal of the topic, if it is not ready.
    pub(super) fn refusal(&self, topic: &str) -> Option<&Undelivered> {
        match self.0.get(topic)? {
            State::Ready => None,
            State::Refused { error, .. } => Some(error),
        }
    }

    /// Keeps that messages can be sent to the topic.
    pub(super) fn set_ready(&mut self, topic: &Arc<str>) {
        self.0.insert(Arc::clone(topic), State::Ready);
    }

    /// Keeps an error of the topic. An error that is no lasting refusal counts for the present batch alone.
    pub(super) fn set_refused(&mut self, topic: &Arc<str>, error: Undelivered) {
        let lasts = if error.is_refusal_of_topic() { REFUSED_FOR } else { Duration::ZERO };
        let until = Instant::now() + lasts;
        self.0.insert(Arc::clone(topic), State::Refused { error, until });
    }

    /// Forgets the topic, so that it is asked again.
    pub(super) fn forget(&mut self, topic: &str) {
        self.0.remove(topic);
    }

    /// Whether there are more topics than should be remembered.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() > MAX_TOPICS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Undelivered {
        Undelivered::TopicMissing { topic: "gone".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_counts_for_ten_seconds_and_readiness_until_it_is_forgotten() {
        let mut topics = KnownTopics::default();
        topics.set_refused(&"gone".into(), missing());
        topics.set_ready(&"ready".into());
        assert!(topics.is_known("gone") && topics.is_known("ready") && !topics.is_known("new"));
        assert!(topics.refusal("gone").is_some() && topics.refusal("ready").is_none());
        tokio::time::advance(REFUSED_FOR).await;
        assert!(!topics.is_known("gone") && topics.is_known("ready"));
        topics.set_ready(&"gone".into());
        assert!(topics.refusal("gone").is_none());
        topics.forget("ready");
        assert!(!topics.is_known("ready"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_that_passes_is_asked_about_in_the_next_batch() {
        let mut topics = KnownTopics::default();
        topics.set_refused(&"slow".into(), Undelivered::OutOfTime);
        assert!(!topics.is_known("slow") && topics.refusal("slow").is_some());
    }

    #[tokio::test]
    async fn more_topics_than_should_be_remembered_are_noticed() {
        let mut topics = KnownTopics::default();
        for number in 0..=MAX_TOPICS {
            assert!(!topics.is_full());
            topics.set_ready(&number.to_string().into());
        }
        assert!(topics.is_full());
    }
}
