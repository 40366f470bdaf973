//! One send of messages: every message queued, every report awaited, and nothing left in the client's queue.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, join_all, ready};
use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _, PurgeConfig},
};
use tokio::time::{Instant, timeout, timeout_at};
use xzepr_messages::Message;

use super::{Producer, resend::SendBatches};
use crate::{
    access_error::AccessError,
    config::Batching,
    connection_context::ConnectionContext,
    delivery::{Circumstances, report},
    session::Session,
    undelivered::Undelivered,
};

/// How long purged messages may take to report that they were purged.
const PURGE_TIMEOUT: Duration = Duration::from_secs(1);

/// Sends messages with a producer, up to a time.
pub(super) struct Sender<'a> {
    pub(super) producer: &'a mut Producer,
    pub(super) until: Instant,
}

impl SendBatches for Sender<'_> {
    async fn send_together(&mut self, messages: &[&Message]) -> Vec<Result<(), Undelivered>> {
        if messages.is_empty() {
            return Vec::new();
        }
        let producer = &mut *self.producer;
        let stop = producer.stop.clone();
        let not_sent = |error: Undelivered| vec![Err(error); messages.len()];
        match timeout_at(self.until, stop.run_until_cancelled(Box::pin(producer.ready()))).await {
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(error))) => return not_sent(error),
            Ok(None) | Err(_) => return not_sent(Undelivered::NotReady),
        }
        let Some(session) = &producer.session else { return not_sent(Undelivered::NotReady) };
        let results = producer.deliver(session, messages, self.until).await;
        producer.correct_after(messages, &results).await;
        results
    }

    /// Uses a client of its own, whose batches hold one record each.
    async fn send_each_alone(&mut self, messages: &[&Message]) -> Option<Vec<Result<(), Undelivered>>> {
        let settings = &self.producer.settings;
        let open = async {
            let mut session = Session::open(settings, Batching::OneRecord).await?;
            session.renew_token(settings).await?;
            Ok::<_, AccessError>(session)
        };
        match timeout_at(self.until, self.producer.stop.run_until_cancelled(Box::pin(open))).await {
            Ok(Some(Ok(session))) => Some(self.producer.deliver(&session, messages, self.until).await),
            _ => None,
        }
    }
}

impl Producer {
    /// Gives messages to a client and waits for their reports.
    async fn deliver(
        &self,
        session: &Session,
        messages: &[&Message],
        until: Instant,
    ) -> Vec<Result<(), Undelivered>> {
        let (client, context) = (&session.client, session.context());
        context.forget_fault();
        let reports = join_all(enqueue(client, messages).into_iter().map(|queued| match queued {
            Ok(delivery) => Either::Left(report(delivery)),
            Err(error) => Either::Right(ready(Err(error))),
        }));
        let mut reports = pin!(reports);
        let reports = tokio::select! {
            reports = &mut reports => reports,
            _ = timeout_at(until, self.stop.run_until_cancelled(context.wait_for_refusal())) => {
                client.purge(PurgeConfig::default().queue().inflight());
                let purged = timeout(PURGE_TIMEOUT, reports).await;
                purged.unwrap_or_else(|_| vec![Err(Undelivered::OutOfTime); messages.len()])
            }
        };
        let mut fault = None;
        if reports.iter().all(Result::is_ok) {
            context.note_connected();
        } else {
            fault = session.last_fault().await;
        }
        let circumstances = Circumstances { limits: &self.limits, fault };
        reports
            .into_iter()
            .zip(messages)
            .map(|(report, message)| report.map_err(|error| circumstances.explain(error, message)))
            .collect()
    }
}

/// Queues messages in order, up to the first that the client refuses.
fn enqueue(
    client: &FutureProducer<ConnectionContext>,
    messages: &[&Message],
) -> Vec<Result<DeliveryFuture, Undelivered>> {
    let count = messages.len();
    let mut queued = Vec::with_capacity(count);
    for message in messages {
        let record = FutureRecord::to(&message.topic).key(&message.key).payload(&message.value);
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

/// The headers of a message as librdkafka has them.
pub(crate) fn headers(message: &Message) -> OwnedHeaders {
    let none = OwnedHeaders::new_with_capacity(message.headers.len());
    message
        .headers
        .iter()
        .fold(none, |headers, (key, value)| headers.insert(Header { key, value: Some(value) }))
}

#[cfg(test)]
mod tests {
    use rdkafka::{
        mocking::MockCluster,
        producer::DefaultProducerContext,
        types::{RDKafkaApiKey, RDKafkaRespErr},
    };
    use xzepr_settings::{Compression, Settings};

    use super::*;

    const TOPIC: &str = "topic";
    const WITHIN: Duration = Duration::from_secs(20);

    use RDKafkaRespErr::{
        RD_KAFKA_RESP_ERR_INVALID_RECORD as INVALID_RECORD,
        RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE as RECORD_LIST_TOO_LARGE,
    };

    /// A broker that returns these errors for the next requests to produce. As Redpanda, it does not name the records
    /// that are the reason.
    fn cluster(errors: &[RDKafkaRespErr]) -> (MockCluster<'static, DefaultProducerContext>, Producer) {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 1, 1).unwrap();
        cluster.request_errors(RDKafkaApiKey::Produce, errors);
        let brokers = cluster.bootstrap_servers();
        let variable = move |name: &str| match name {
            "XZEPR_KAFKA_BROKERS" => Some(brokers.clone()),
            "XZEPR_KAFKA_DEFAULT_TOPIC" => Some(TOPIC.to_owned()),
            _ => None,
        };
        let settings = Settings::new(variable, "").unwrap().kafka().unwrap();
        (cluster, Producer::new(settings).unwrap())
    }

    fn messages(count: usize) -> Vec<Message> {
        (0..count)
            .map(|index| Message {
                topic: TOPIC.into(),
                key: index.to_string(),
                value: b"{}".to_vec(),
                headers: Vec::new(),
                compression: Compression::None,
            })
            .collect()
    }

    async fn publish(producer: &mut Producer, messages: &[Message]) -> Vec<Result<(), Undelivered>> {
        producer.publish(&messages.iter().collect::<Vec<_>>(), WITHIN).await
    }

    // Messages of one burst may go in one request or in two. No test depends on either.

    #[tokio::test(flavor = "multi_thread")]
    async fn each_message_goes_to_its_own_topic() {
        let (cluster, mut producer) = cluster(&[]);
        cluster.create_topic("other", 1, 1).unwrap();
        let mut messages = messages(2);
        messages[1].topic = "other".into();
        assert!(publish(&mut producer, &messages).await.iter().all(Result::is_ok));
        let client = producer.session.as_ref().unwrap().client.clone();
        for topic in [TOPIC, "other"] {
            let (_, end) = client.client().fetch_watermarks(topic, 0, WITHIN).unwrap();
            assert_eq!(end, 1, "{topic}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_batch_that_is_refused_as_a_whole_is_sent_record_by_record() {
        let (_cluster, mut producer) = cluster(&[INVALID_RECORD]);
        let results = publish(&mut producer, &messages(4)).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        // The next batch is sent as usual.
        assert!(publish(&mut producer, &messages(4)).await.iter().all(Result::is_ok));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_record_of_a_large_batch_is_judged_alone() {
        let count = 500;
        let (cluster, mut producer) = cluster(&vec![INVALID_RECORD; 3 * count]);
        let results = publish(&mut producer, &messages(count)).await;
        assert!(
            results.iter().all(|result| result.as_ref().is_err_and(Undelivered::is_refused_alone)),
            "{results:?}"
        );
        cluster.clear_request_errors(RDKafkaApiKey::Produce);
        assert!(publish(&mut producer, &messages(3)).await.iter().all(Result::is_ok));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_message_without_company_is_sent_once() {
        let (_cluster, mut producer) = cluster(&[INVALID_RECORD]);
        let results = publish(&mut producer, &messages(1)).await;
        assert!(results[0].as_ref().is_err_and(Undelivered::is_refused_alone), "{results:?}");
        assert!(publish(&mut producer, &messages(1)).await[0].is_ok());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_batch_larger_than_a_segment_is_sent_in_smaller_ones() {
        let (_cluster, mut producer) = cluster(&[RECORD_LIST_TOO_LARGE]);
        let results = publish(&mut producer, &messages(4)).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_record_larger_than_a_segment_can_never_be_published() {
        // Once before its limit is known, and once after. The mock cluster returns no limit.
        let (_cluster, mut producer) = cluster(&[RECORD_LIST_TOO_LARGE, RECORD_LIST_TOO_LARGE]);
        let results = publish(&mut producer, &messages(1)).await;
        assert!(results[0].as_ref().is_err_and(Undelivered::is_permanent), "{results:?}");
        assert!(publish(&mut producer, &messages(1)).await[0].is_ok());
    }
}
