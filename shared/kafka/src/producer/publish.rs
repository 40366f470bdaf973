//! A batch: every message queued, every report awaited, nothing left behind.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, join_all, ready};
use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _, PurgeConfig},
};
use tokio::time::{Instant, timeout, timeout_at};
use xzepr_cloudevents::Message;

use super::Producer;
use crate::{
    connection::Connection,
    delivery::{Circumstances, report},
    error::Undelivered,
};

/// How long purged messages may take to report that they were purged.
const PURGE_TIMEOUT: Duration = Duration::from_secs(1);

impl Producer {
    /// Sends messages to the default topic, all together, and waits for every delivery report, at most
    /// `within`, or until it is stopped. One result for each message, in their order; nothing stays in the
    /// client's queue, so a message that is reported as undelivered does not go out later beside its own
    /// retry. What a broker refused because of other messages is sent once more without those.
    pub async fn publish(&mut self, messages: &[&Message], within: Duration) -> Vec<Result<(), Undelivered>> {
        let until = Instant::now() + within;
        let mut results = self.send(messages, until).await;
        while self.send_again(messages, &mut results, until).await {}
        results
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
}

fn headers(message: &Message) -> OwnedHeaders {
    let none = OwnedHeaders::new_with_capacity(message.headers.len());
    message
        .headers
        .iter()
        .fold(none, |headers, (key, value)| headers.insert(Header { key, value: Some(value) }))
}
