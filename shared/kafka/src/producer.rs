//! The producer: idempotent, created once for the life of the process, used a batch at a time.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, join_all, ready};
use rdkafka::{
    error::KafkaError,
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _, PurgeConfig},
};
use tokio::time::{Instant, timeout};
use xzepr_cloudevents::Message;
use xzepr_settings::KafkaSettings;

use crate::{
    config::producer_config,
    error::Undelivered,
    topics::{ensure_default_topic, request_producer_id},
};

/// How long the topic is looked for in init, which Lambda ends after 10 s, and before a batch.
const TOPIC_TIMEOUT: Duration = Duration::from_secs(5);

/// How long purged messages may take to report that they were purged.
const PURGE_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection to the cluster and the default topic on it.
pub struct Producer {
    settings: KafkaSettings,
    client: FutureProducer,
    topic_is_ready: bool,
}

impl Producer {
    /// Creates the client; it connects in the background.
    pub fn connect(settings: KafkaSettings) -> Result<Self, KafkaError> {
        let client = producer_config(&settings).create()?;
        Ok(Self { settings, client, topic_is_ready: false })
    }

    /// Connects, asks for a producer id and makes sure that the default topic exists, during a
    /// function's init. What fails here is logged and tried again with the first batch.
    pub async fn prepare(&mut self) {
        match self.ensure_topic(TOPIC_TIMEOUT).await {
            Ok(()) => request_producer_id(&self.client, &self.settings.default_topic, TOPIC_TIMEOUT).await,
            Err(error) => tracing::warn!("Kafka is not ready: {error}"),
        }
    }

    /// Sends messages to the default topic, all together, and waits for every delivery report, at most
    /// `within`. One result for each message, in their order; nothing stays in the client's queue, so a
    /// message that is reported as undelivered does not go out later beside its own retry.
    pub async fn publish<'a>(
        &mut self,
        messages: impl ExactSizeIterator<Item = &'a Message>,
        within: Duration,
    ) -> Vec<Result<(), Undelivered>> {
        let (until, count) = (Instant::now() + within, messages.len());
        if let Err(error) = self.ensure_topic(within.min(TOPIC_TIMEOUT)).await {
            return vec![Err(error); count];
        }
        let reports = join_all(self.enqueue(messages).into_iter().map(|queued| match queued {
            Ok(delivery) => Either::Left(report(delivery)),
            Err(error) => Either::Right(ready(Err(error))),
        }));
        let mut reports = pin!(reports);
        let results = match tokio::time::timeout_at(until, &mut reports).await {
            Ok(results) => results,
            Err(_) => {
                self.client.purge(PurgeConfig::default().queue().inflight());
                let purged = timeout(PURGE_TIMEOUT, reports).await;
                purged.unwrap_or_else(|_| vec![Err(Undelivered::OutOfTime); count])
            }
        };
        self.replace_after_fatal_error();
        results
    }

    async fn ensure_topic(&mut self, within: Duration) -> Result<(), Undelivered> {
        if !self.topic_is_ready {
            ensure_default_topic(&self.client, &self.settings, within).await?;
            self.topic_is_ready = true;
        }
        Ok(())
    }

    /// Queues messages in order, up to the first that the client does not take.
    fn enqueue<'a>(
        &self,
        messages: impl ExactSizeIterator<Item = &'a Message>,
    ) -> Vec<Result<DeliveryFuture, Undelivered>> {
        let count = messages.len();
        let mut queued = Vec::with_capacity(count);
        for message in messages {
            let record =
                FutureRecord::to(&self.settings.default_topic).key(&message.key).payload(&message.value);
            match self.client.send_result(record) {
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

    /// An idempotent producer is of no more use after a fatal error.
    fn replace_after_fatal_error(&mut self) {
        let Some((code, reason)) = self.client.client().fatal_error() else { return };
        tracing::error!("the Kafka client is replaced after a fatal error: {code}: {reason}");
        match producer_config(&self.settings).create() {
            Ok(client) => self.client = client,
            Err(error) => tracing::error!("the Kafka client could not be replaced: {error}"),
        }
    }
}

async fn report(delivery: DeliveryFuture) -> Result<(), Undelivered> {
    match delivery.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(Undelivered::Failed(error)),
        Err(_) => Err(Undelivered::OutOfTime),
    }
}
