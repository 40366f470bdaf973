//! One send of messages: every message queued, every report awaited, and nothing left in the client's queue.

use std::{collections::HashSet, time::Duration};

use futures_util::future::join_all;
use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::{BaseRecord, Producer as _, PurgeConfig},
};
use tokio::{
    task::yield_now,
    time::{Instant, timeout, timeout_at},
};
use xzepr_messages::Message;

use super::{
    Producer,
    lanes::{Lane, Lanes, distinct},
    resend::SendBatches,
};
use crate::{
    config::LINGER,
    delivery::Circumstances,
    librdkafka::flush,
    session::{Client, Session},
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
        let destinations: Vec<_> =
            messages.iter().map(|message| (&message.topic, message.compression)).collect();
        let ready = Box::pin(producer.ready(&destinations));
        let not_sent = |error: Undelivered| vec![Err(error); messages.len()];
        match timeout_at(self.until, stop.run_until_cancelled(ready)).await {
            Ok(Some(Ok(()))) => {}
            Ok(Some(Err(error))) => return not_sent(error),
            Ok(None) | Err(_) => return not_sent(Undelivered::NotReady),
        }
        let lane_of = |message: &Message| Lane::of(&message.topic, message.compression, &producer.limits);
        let results = producer.deliver_by_lane(&producer.lanes, lane_of, messages, self.until).await;
        producer.correct_after(messages, &results).await;
        results
    }

    /// Uses clients of their own, whose batches hold one record each.
    async fn send_each_alone(&mut self, messages: &[&Message]) -> Option<Vec<Result<(), Undelivered>>> {
        let producer = &*self.producer;
        let mut lanes = Lanes::default();
        let wanted = distinct(messages.iter().map(|message| Lane::alone(message)));
        let open = Box::pin(lanes.log_in(&wanted, &producer.settings));
        match timeout_at(self.until, producer.stop.run_until_cancelled(open)).await {
            Ok(Some(Ok(()))) => {
                Some(producer.deliver_by_lane(&lanes, Lane::alone, messages, self.until).await)
            }
            _ => None,
        }
    }
}

impl Producer {
    /// Gives messages to the clients of their lanes, all at the same time and in order within a lane. A message to a topic
    /// that is refused is not sent.
    async fn deliver_by_lane(
        &self,
        lanes: &Lanes,
        lane_of: impl Fn(&Message) -> Lane,
        messages: &[&Message],
        until: Instant,
    ) -> Vec<Result<(), Undelivered>> {
        let refusal = |message: &Message| self.topics.refusal(&message.topic).cloned();
        let mut results: Vec<_> =
            messages.iter().map(|message| Err(refusal(message).unwrap_or(Undelivered::NotReady))).collect();
        let is_refused = |message: &Message| self.topics.refusal(&message.topic).is_some();
        let deliveries = lanes.iter().filter_map(|(lane, session)| {
            let (indices, of_lane): (Vec<usize>, Vec<&Message>) = messages
                .iter()
                .enumerate()
                .filter(|(_, message)| lane_of(message) == lane && !is_refused(message))
                .unzip();
            if indices.is_empty() {
                return None;
            }
            Some(async move { (indices, self.deliver(session, &of_lane, until).await) })
        });
        for (indices, reports) in join_all(deliveries).await {
            for (index, report) in indices.into_iter().zip(reports) {
                results[index] = report;
            }
        }
        results
    }

    /// Gives messages to a client and waits for their reports.
    async fn deliver(
        &self,
        session: &Session,
        messages: &[&Message],
        until: Instant,
    ) -> Vec<Result<(), Undelivered>> {
        let (client, context) = (&session.client, session.context());
        context.forget_fault();
        let reports = client.context().reports();
        enqueue(client, messages);
        // The other clients queue their messages before the flush blocks the thread, so they linger during it at most.
        yield_now().await;
        flush(client.client(), LINGER);
        tokio::select! {
            () = reports.all() => {}
            _ = timeout_at(until, self.stop.run_until_cancelled(context.wait_for_refusal())) => {
                client.purge(PurgeConfig::default().queue().inflight());
                // A message without a report after this is out of time.
                let _ = timeout(PURGE_TIMEOUT, reports.all()).await;
            }
        }
        let out_of_time = || Err(Undelivered::OutOfTime);
        let reports: Vec<_> =
            reports.end().into_iter().map(|report| report.unwrap_or_else(out_of_time)).collect();
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

/// Queues messages in order. One that the client refuses has its report at once, and the later ones to its topic are
/// held back.
fn enqueue(client: &Client, messages: &[&Message]) {
    let reports = client.context().reports();
    let first = reports.begin(messages.len());
    let mut blocked_topics = HashSet::new();
    for (index, message) in messages.iter().enumerate() {
        let number = first.wrapping_add(index);
        if blocked_topics.contains(&message.topic) {
            reports.add(number, Err(Undelivered::HeldBack));
            continue;
        }
        let record =
            BaseRecord::with_opaque_to(&message.topic, number).key(&message.key).payload(&message.value);
        if let Err((error, _)) = client.send(record.headers(headers(message))) {
            blocked_topics.insert(&message.topic);
            reports.add(number, Err(Undelivered::Failed(error)));
        }
    }
}

/// The headers of a message as librdkafka has them.
pub(crate) fn headers(message: &Message) -> OwnedHeaders {
    let none = OwnedHeaders::new_with_capacity(message.headers.len());
    message
        .headers
        .iter()
        .fold(none, |headers, (key, value)| headers.insert(Header { key, value: Some(value) }))
}
