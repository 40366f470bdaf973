//! The producer: idempotent, created once for the life of the process, used for one batch at a time.

mod corrections;
mod known_topics;
mod lanes;
mod readiness;
mod resend;
mod send;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use xzepr_messages::Message;
use xzepr_settings::{Compression, KafkaSettings};

#[cfg(test)]
pub(crate) use send::headers;

use known_topics::KnownTopics;
use lanes::{Lane, Lanes};

use crate::{
    access_error::AccessError,
    certificates,
    topic_limit::TopicLimits,
    topics::{self, ClusterDescription, request_producer_id},
    undelivered::Undelivered,
};

/// How long all of [`Producer::prepare`] may take. Lambda ends a function's init after 10 s.
const PREPARE_TIMEOUT: Duration = Duration::from_secs(8);

/// How long one request about a topic may take.
const TOPIC_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to the cluster.
pub struct Producer {
    settings: KafkaSettings,
    lanes: Lanes,
    topics: KnownTopics,
    limits: TopicLimits,
    stop: CancellationToken,
}

impl Producer {
    /// Checks the certificates that the settings contain. Connects to nothing.
    pub fn new(settings: KafkaSettings) -> Result<Self, AccessError> {
        certificates::check_given(&settings.security)?;
        if settings.security.sends_password_in_clear() {
            tracing::warn!("PLAIN without TLS sends the password in clear text: use SASL_SSL");
        }
        Ok(Self {
            settings,
            lanes: Lanes::default(),
            topics: KnownTopics::default(),
            limits: TopicLimits::default(),
            stop: CancellationToken::new(),
        })
    }

    /// A token. When it is cancelled, a [`publish`](Self::publish) that waits ends, and so does every later one.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Logs in, requests producer ids and makes sure that topics exist, in a function's init. Each topic comes with the
    /// codec of its messages. Returns the errors, one for the cluster or one for each topic that is refused. The caller
    /// logs them, and the first batch retries.
    pub async fn prepare(&mut self, topics: &[(Arc<str>, Compression)]) -> Vec<Undelivered> {
        match timeout(PREPARE_TIMEOUT, self.try_prepare(topics)).await {
            Ok(Ok(refusals)) => refusals,
            Ok(Err(error)) => vec![error],
            Err(_) => vec![Undelivered::NotReady],
        }
    }

    async fn try_prepare(
        &mut self,
        topics: &[(Arc<str>, Compression)],
    ) -> Result<Vec<Undelivered>, Undelivered> {
        let destinations: Vec<_> = topics.iter().map(|(topic, codec)| (topic, *codec)).collect();
        self.ready(&destinations).await?;
        let topic_of =
            |lane| destinations.iter().find(|(topic, codec)| Lane::of(topic, *codec, &self.limits) == lane);
        let requests = self.lanes.iter().filter_map(|(lane, session)| {
            let (topic, _) = topic_of(lane)?;
            Some(request_producer_id(session, topic, TOPIC_TIMEOUT))
        });
        join_all(requests).await;
        Ok(topics.iter().filter_map(|(topic, _)| self.topics.refusal(topic).cloned()).collect())
    }

    /// Logs in, and reads the cluster's brokers and a topic. Changes nothing there.
    pub async fn describe_cluster(&mut self, topic: &str) -> Result<ClusterDescription, Undelivered> {
        let lane = Lane::of(topic, self.settings.compression, &self.limits);
        self.lanes.log_in(&[lane], &self.settings).await?;
        let session = self.lanes.session(lane).ok_or(Undelivered::NotReady)?;
        topics::describe_cluster(session, topic, TOPIC_TIMEOUT).await
    }

    /// Sends messages, each to its own topic, all together, and waits for every delivery report, at most `within`, or
    /// until it is stopped. One result for each message, in their order. Nothing stays in the client's queue, so
    /// that a message that is reported as undelivered does not go out later beside its own retry.
    ///
    /// A message that a broker refused because of others is sent again without those. A message that a broker's
    /// validation refuses is sent again alone.
    pub async fn publish(&mut self, messages: &[&Message], within: Duration) -> Vec<Result<(), Undelivered>> {
        let until = Instant::now() + within;
        resend::send(&mut send::Sender { producer: self, until }, messages).await
    }
}

#[cfg(test)]
mod tests;
