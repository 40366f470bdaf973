//! The producer: idempotent, created once for the life of the process, used a batch at a time.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, join_all, ready};
use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _, PurgeConfig},
};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use xzepr_cloudevents::Message;
use xzepr_settings::KafkaSettings;

use crate::{
    certificates,
    connection::Connection,
    delivery::{Circumstances, report},
    error::{AccessError, TopicLimit, Undelivered},
    session::Session,
    topics::{self, ClusterDescription, ensure_default_topic, request_producer_id},
};

/// How long init may take in all: Lambda ends it after 10 s.
const PREPARE_TIMEOUT: Duration = Duration::from_secs(8);

/// How long the cluster's answer about the topic is waited for.
const READY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long purged messages may take to report that they were purged.
const PURGE_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection to the cluster and the default topic on it.
pub struct Producer {
    settings: KafkaSettings,
    session: Option<Session>,
    topic_is_ready: bool,
    topic_limit: Option<TopicLimit>,
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
            topic_limit: None,
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

    /// Sends messages to the default topic, all together, and waits for every delivery report, at most
    /// `within`, or until it is stopped. One result for each message, in their order; nothing stays in the
    /// client's queue, so a message that is reported as undelivered does not go out later beside its own
    /// retry. What a broker refused because of other messages is sent once more without those.
    pub async fn publish(&mut self, messages: &[&Message], within: Duration) -> Vec<Result<(), Undelivered>> {
        let until = Instant::now() + within;
        let mut results = self.send(messages, until).await;
        loop {
            let again: Vec<_> = (0..messages.len())
                .filter(|index| results[*index].as_ref().is_err_and(Undelivered::is_worth_sending_again))
                .collect();
            let once_more: Vec<_> = again.iter().map(|index| messages[*index]).collect();
            let mut is_progress = false;
            for (index, result) in again.into_iter().zip(self.send(&once_more, until).await) {
                is_progress |= !result.as_ref().is_err_and(Undelivered::is_worth_sending_again);
                results[index] = result;
            }
            if !is_progress {
                return results;
            }
        }
    }

    async fn send(&mut self, messages: &[&Message], until: Instant) -> Vec<Result<(), Undelivered>> {
        let count = messages.len();
        if count == 0 {
            return Vec::new();
        }
        let stop = self.stop.clone();
        let session = match timeout_at(until, stop.run_until_cancelled(Box::pin(self.ready()))).await {
            Ok(Some(Ok(session))) => session,
            Ok(Some(Err(error))) => return vec![Err(error); count],
            Ok(None) | Err(_) => return vec![Err(Undelivered::NotReady); count],
        };
        session.connection().forget_fault();
        let (client, connection) = (session.client.clone(), session.connection().clone());
        let reports = join_all(self.enqueue(&client, messages).into_iter().map(|queued| match queued {
            Ok(delivery) => Either::Left(report(delivery)),
            Err(error) => Either::Right(ready(Err(error))),
        }));
        let mut reports = pin!(reports);
        let reports = tokio::select! {
            reports = &mut reports => reports,
            _ = timeout_at(until, self.stop.run_until_cancelled(connection.refused())) => {
                client.purge(PurgeConfig::default().queue().inflight());
                let purged = timeout(PURGE_TIMEOUT, reports).await;
                purged.unwrap_or_else(|_| vec![Err(Undelivered::OutOfTime); count])
            }
        };
        let mut fault = None;
        if reports.iter().all(Result::is_ok) {
            connection.is_up();
        } else if let Some(session) = &self.session {
            fault = session.last_fault().await;
        }
        let circumstances =
            Circumstances { topic: &self.settings.default_topic, limit: self.topic_limit, fault };
        let results: Vec<_> = reports
            .into_iter()
            .zip(messages)
            .map(|(report, message)| report.map_err(|error| circumstances.explain(error, message)))
            .collect();
        self.learn_from(&results).await;
        results
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
            ensure_default_topic(session, &self.settings, READY_TIMEOUT).await?;
            self.topic_is_ready = true;
        }
        Ok(())
    }

    /// Opens a session where there is none, and renews its token.
    async fn log_in(&mut self) -> Result<&Session, AccessError> {
        let batch_size = self.topic_limit.map(TopicLimit::batch_size);
        let session = match &mut self.session {
            Some(session) => session,
            none => none.insert(Session::open(&self.settings, batch_size).await?),
        };
        session.renew_token(&self.settings).await?;
        Ok(session)
    }

    /// Queues messages in order, up to the first that the client does not take.
    fn enqueue(
        &self,
        client: &FutureProducer<Connection>,
        messages: &[&Message],
    ) -> Vec<Result<DeliveryFuture, Undelivered>> {
        let count = messages.len();
        let mut queued = Vec::with_capacity(count);
        for message in messages {
            let record =
                FutureRecord::to(&self.settings.default_topic).key(&message.key).payload(&message.value);
            match client.send_result(record.headers(headers(message))) {
                Ok(delivery) => queued.push(Ok(delivery)),
                Err((error, _)) => {
                    queued.push(Err(Undelivered::Failed(error)));
                    break;
                }
            }
        }
        queued.resize_with(count, || Err(Undelivered::HeldBack));
        queued
    }

    /// Prepares the next batch for what this one met.
    async fn learn_from(&mut self, results: &[Result<(), Undelivered>]) {
        let Some(session) = &self.session else { return };
        if let Some((code, reason)) = session.client.client().fatal_error() {
            tracing::error!("the Kafka client is replaced after a fatal error: {code}: {reason}");
            self.session = None;
            return;
        }
        let errors = || results.iter().filter_map(|result| result.as_ref().err());
        // The limit holds for a batch of records as it is sent: one that is refused can have small ones.
        if self.topic_limit.is_none() && errors().any(Undelivered::is_too_large_together) {
            self.topic_limit =
                Some(topics::limit(session, &self.settings.default_topic, READY_TIMEOUT).await);
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

fn headers(message: &Message) -> OwnedHeaders {
    let none = OwnedHeaders::new_with_capacity(message.headers.len());
    message
        .headers
        .iter()
        .fold(none, |headers, (key, value)| headers.insert(Header { key, value: Some(value) }))
}
