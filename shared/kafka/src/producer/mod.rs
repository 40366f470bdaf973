//! The producer: idempotent, created once for the life of the process, used a batch at a time.

mod publish;
#[cfg(test)]
pub(crate) use publish::headers;

use std::time::Duration;

use rdkafka::producer::Producer as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use xzepr_messages::Message;
use xzepr_settings::KafkaSettings;

use crate::{
    access_error::AccessError,
    certificates,
    config::Batching,
    session::Session,
    topic_limit::TopicLimits,
    topics::{self, ClusterDescription, ensure_topic, request_producer_id},
    undelivered::Undelivered,
};

/// How long init may take in all: Lambda ends it after 10 s.
const PREPARE_TIMEOUT: Duration = Duration::from_secs(8);

/// How long the cluster's answer about the topic is waited for.
const READY_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to the cluster and the default topic on it.
pub struct Producer {
    settings: KafkaSettings,
    session: Option<Session>,
    topic_is_ready: bool,
    limits: TopicLimits,
    stop: CancellationToken,
}

impl Producer {
    /// Checks the certificates that the settings have; connects to nothing.
    pub fn new(settings: KafkaSettings) -> Result<Self, AccessError> {
        certificates::check_given(&settings.security)?;
        if settings.security.sends_password_in_clear() {
            tracing::warn!("PLAIN without TLS sends the password in clear: use SASL_SSL");
        }
        Ok(Self {
            settings,
            session: None,
            topic_is_ready: false,
            limits: TopicLimits::default(),
            stop: CancellationToken::new(),
        })
    }

    /// The topic that messages go to.
    pub fn topic(&self) -> &str {
        &self.settings.default_topic
    }

    /// Cancelled, it ends a [`publish`](Self::publish) that is under way, and every later one.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Logs in, asks for a producer id and makes sure that the default topic exists, during a
    /// function's init. What fails is for the caller to log; it is tried again with the first batch.
    pub async fn prepare(&mut self) -> Result<(), Undelivered> {
        timeout(PREPARE_TIMEOUT, async {
            let topic = self.settings.default_topic.clone();
            let session = self.ready().await?;
            request_producer_id(session, &topic, READY_TIMEOUT).await;
            Ok(())
        })
        .await
        .unwrap_or(Err(Undelivered::NotReady))
    }

    /// Logs in and asks the cluster for its brokers and the default topic; changes nothing there.
    pub async fn describe_cluster(&mut self) -> Result<ClusterDescription, Undelivered> {
        let topic = self.settings.default_topic.clone();
        topics::describe_cluster(self.log_in().await?, &topic, READY_TIMEOUT).await
    }

    /// Opens a session where there is none, renews its token, and makes sure of the topic. Once more,
    /// where the brokers refuse credentials that have been rotated since.
    async fn ready(&mut self) -> Result<&Session, Undelivered> {
        if let Err(error) = self.try_ready().await {
            if !self.drop_outdated_session(&error).await {
                return Err(error);
            }
            self.try_ready().await?;
        }
        self.session.as_ref().ok_or(Undelivered::NotReady)
    }

    async fn try_ready(&mut self) -> Result<(), Undelivered> {
        self.log_in().await?;
        if let (false, Some(session)) = (self.topic_is_ready, &self.session) {
            ensure_topic(session, &self.settings.default_topic, &self.settings, READY_TIMEOUT).await?;
            self.topic_is_ready = true;
        }
        Ok(())
    }

    /// Opens a session where there is none, and renews its token.
    async fn log_in(&mut self) -> Result<&Session, AccessError> {
        let batching = Batching::UpTo(self.limits.batch_size());
        let session = match &mut self.session {
            Some(session) => session,
            none => none.insert(Session::open(&self.settings, batching).await?),
        };
        session.renew_token(&self.settings).await?;
        Ok(session)
    }

    /// Prepares the next batch for what this one met.
    async fn learn_from(&mut self, messages: &[&Message], results: &[Result<(), Undelivered>]) {
        let Some(session) = &self.session else { return };
        if let Some((code, reason)) = session.client.client().fatal_error() {
            tracing::error!("the Kafka client is replaced after a fatal error: {code}: {reason}");
            self.session = None;
            return;
        }
        let errors = || results.iter().filter_map(|result| result.as_ref().err());
        // The limit holds for a batch of records as it is sent: one that is refused can have small ones.
        let is_too_large =
            |result: &Result<(), Undelivered>| result.as_ref().is_err_and(Undelivered::is_too_large_together);
        if let Some((message, _)) = messages.iter().zip(results).find(|(_, result)| is_too_large(result)) {
            let limit = topics::limit(session, &message.topic, READY_TIMEOUT).await;
            self.limits.learn(&message.topic, limit);
            self.session = None;
            return;
        }
        // librdkafka remembers what a topic was refused for: only to ask again makes it try again.
        self.topic_is_ready &= !errors().any(Undelivered::is_about_the_topic);
        if let Some(error) = errors().next() {
            self.drop_outdated_session(&error.clone()).await;
        }
    }

    async fn drop_outdated_session(&mut self, error: &Undelivered) -> bool {
        let Some(session) = &self.session else { return false };
        let outdated = error.is_refusal_of_credentials() && session.is_outdated(&self.settings).await;
        if outdated {
            tracing::info!("the credentials have changed: logging in again");
            self.session = None;
        }
        outdated
    }
}
