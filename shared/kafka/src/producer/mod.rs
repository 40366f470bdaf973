//! The producer: idempotent, created once for the life of the process, used for one batch at a time.

mod corrections;
mod readiness;
mod resend;
mod send;

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use xzepr_messages::Message;
use xzepr_settings::KafkaSettings;

#[cfg(test)]
pub(crate) use send::headers;

use crate::{
    access_error::AccessError,
    certificates,
    session::Session,
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
    session: Option<Session>,
    is_topic_ready: bool,
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
            session: None,
            is_topic_ready: false,
            limits: TopicLimits::default(),
            stop: CancellationToken::new(),
        })
    }

    /// The default topic.
    pub fn topic(&self) -> &str {
        &self.settings.default_topic
    }

    /// A token. When it is cancelled, a [`publish`](Self::publish) that waits ends, and so does every later one.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Logs in, requests a producer id and makes sure that the default topic exists, in a function's init. The
    /// caller logs the error, and the first batch retries.
    pub async fn prepare(&mut self) -> Result<(), Undelivered> {
        timeout(PREPARE_TIMEOUT, async {
            let topic = self.settings.default_topic.clone();
            let session = self.ready().await?;
            request_producer_id(session, &topic, TOPIC_TIMEOUT).await;
            Ok(())
        })
        .await
        .unwrap_or(Err(Undelivered::NotReady))
    }

    /// Logs in, and reads the cluster's brokers and the default topic. Changes nothing there.
    pub async fn describe_cluster(&mut self) -> Result<ClusterDescription, Undelivered> {
        let topic = self.settings.default_topic.clone();
        topics::describe_cluster(self.log_in().await?, &topic, TOPIC_TIMEOUT).await
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
