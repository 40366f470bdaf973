//! A batch: every message queued, every report awaited, nothing left behind.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, join_all, ready};
use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _, PurgeConfig},
};
use tokio::time::{Instant, timeout, timeout_at};
use xzepr_messages::Message;

use super::Producer;
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

impl Producer {
    /// Sends messages to their topics, all together, and waits for every delivery report, at most
    /// `within`, or until it is stopped. One result for each message, in their order; nothing stays in the
    /// client's queue, so a message that is reported as undelivered does not go out later beside its own
    /// retry. A message that a broker refused because of others is sent again without those, and one that its
    /// validation refuses is sent again alone.
    pub async fn publish(&mut self, messages: &[&Message], within: Duration) -> Vec<Result<(), Undelivered>> {
        let until = Instant::now() + within;
        let mut results = self.send(messages, until).await;
        while self.send_again(messages, &mut results, until).await {}
        self.send_alone(messages, &mut results, until).await;
        results
    }

    /// Sends each message that the broker's validation refuses in a batch of its own: then the refusal is of
    /// that message. All of them are on their way together, so that this costs one more send and no more. What
    /// there is no time for keeps its result, which is no judgement.
    async fn send_alone(
        &mut self,
        messages: &[&Message],
        results: &mut [Result<(), Undelivered>],
        until: Instant,
    ) {
        let is_refused =
            |result: &Result<(), Undelivered>| result.as_ref().is_err_and(Undelivered::is_refused_in_company);
        let refused: Vec<_> = (0..messages.len()).filter(|index| is_refused(&results[*index])).collect();
        // The only message of all was alone.
        if messages.len() > 1 && !refused.is_empty() {
            let alone: Vec<_> = refused.iter().map(|index| messages[*index]).collect();
            let Some(reports) = self.send_each_alone(&alone, until).await else { return };
            for (index, result) in refused.iter().zip(reports) {
                results[*index] = result;
            }
        }
        for index in refused {
            if is_refused(&results[index]) {
                results[index] = Err(Undelivered::RecordRefused);
            }
        }
    }

    /// `None` where there is no client for it: nothing was sent.
    async fn send_each_alone(
        &mut self,
        messages: &[&Message],
        until: Instant,
    ) -> Option<Vec<Result<(), Undelivered>>> {
        let stop = self.stop.clone();
        let open = async {
            let mut session = Session::open(&self.settings, Batching::OneRecord).await?;
            session.renew_token(&self.settings).await?;
            Ok::<_, AccessError>(session)
        };
        match timeout_at(until, stop.run_until_cancelled(Box::pin(open))).await {
            Ok(Some(Ok(session))) => Some(self.deliver(&session, messages, until).await),
            _ => None,
        }
    }

    /// Sends once more what is worth it. Whether any of that has come to another result.
    async fn send_again(
        &mut self,
        messages: &[&Message],
        results: &mut [Result<(), Undelivered>],
        until: Instant,
    ) -> bool {
        let is_worth_it = |result: &Result<(), Undelivered>| {
            result.as_ref().is_err_and(Undelivered::is_worth_sending_again)
        };
        let again: Vec<_> = (0..messages.len()).filter(|index| is_worth_it(&results[*index])).collect();
        let once_more: Vec<_> = again.iter().map(|index| messages[*index]).collect();
        for (index, result) in again.iter().zip(self.send(&once_more, until).await) {
            results[*index] = result;
        }
        again.iter().any(|index| !is_worth_it(&results[*index]))
    }

    async fn send(&mut self, messages: &[&Message], until: Instant) -> Vec<Result<(), Undelivered>> {
        let count = messages.len();
        if count == 0 {
            return Vec::new();
        }
        let stop = self.stop.clone();
        match timeout_at(until, stop.run_until_cancelled(Box::pin(self.ready()))).await {
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(error))) => return vec![Err(error); count],
            Ok(None) | Err(_) => return vec![Err(Undelivered::NotReady); count],
        }
        let Some(session) = &self.session else { return vec![Err(Undelivered::NotReady); count] };
        let results = self.deliver(session, messages, until).await;
        self.learn_from(messages, &results).await;
        results
    }

    /// Hands messages to a client and waits for their reports.
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

/// Queues messages in order, up to the first that the client does not take.
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
    use xzepr_settings::Settings;

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
