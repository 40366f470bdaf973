//! Messages that are on the topic although their batch comes again.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use xzepr_messages::Message;

/// How long a message is remembered after a batch with it failed last. The mapping's own waits between retries
/// are far shorter.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// How many bytes the remembered keys and headers may have: some tens of thousands of messages.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The bytes of an entry beside its texts.
const OVERHEAD: usize = 64;

/// The messages that are on the topic, of batches that failed in part: a retry does not send them again. One
/// process has the batches of several shards by turns, so what one shard's batch ends with says nothing of
/// another's.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    since: HashMap<Delivery, Instant>,
    bytes: usize,
}

/// The parts that tell a message from every other: its key, and the headers that mark a replay.
type Delivery = (String, Vec<(&'static str, String)>);

impl Acknowledged {
    pub(crate) fn has(&self, message: &Message) -> bool {
        self.since.contains_key(&delivery(message))
    }

    /// Remembers what a batch that comes again has on the topic; the oldest go when there is too much.
    pub(crate) fn remember<'a>(&mut self, messages: impl Iterator<Item = &'a Message>, now: Instant) {
        for message in messages {
            let delivery = delivery(message);
            let bytes = size(&delivery);
            if self.since.insert(delivery, now).is_none() {
                self.bytes += bytes;
            }
        }
        self.keep(|since| now.duration_since(since) < KEPT);
        if self.bytes > MAX_BYTES {
            let mut times: Vec<_> =
                self.since.iter().map(|(delivery, since)| (*since, size(delivery))).collect();
            times.sort_unstable_by_key(|(since, _)| *since);
            let mut excess = self.bytes.saturating_sub(MAX_BYTES);
            let newest_to_go = times.into_iter().find(|(_, bytes)| {
                excess = excess.saturating_sub(*bytes);
                excess == 0
            });
            // Those of one batch are of one time: they go together.
            if let Some((newest_to_go, _)) = newest_to_go {
                self.keep(|since| since > newest_to_go);
            }
        }
    }

    /// Forgets a batch that does not come again.
    pub(crate) fn forget<'a>(&mut self, messages: impl Iterator<Item = &'a Message>) {
        for message in messages {
            let delivery = delivery(message);
            if self.since.remove(&delivery).is_some() {
                self.bytes -= size(&delivery);
            }
        }
    }

    fn keep(&mut self, is_kept: impl Fn(Instant) -> bool) {
        let mut bytes = 0;
        self.since.retain(|delivery, since| {
            let kept = is_kept(*since);
            bytes += if kept { size(delivery) } else { 0 };
            kept
        });
        self.bytes = bytes;
    }
}

fn delivery(message: &Message) -> Delivery {
    (message.key.clone(), message.headers.clone())
}

fn size((key, headers): &Delivery) -> usize {
    let headers: usize = headers.iter().map(|(name, value)| name.len() + value.len() + OVERHEAD).sum();
    key.len() + headers + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(shard: &str, count: usize) -> Vec<Message> {
        (0..count)
            .map(|index| Message {
                topic: "topic".into(),
                key: format!("{shard}-{index}"),
                value: Vec::new(),
                headers: Vec::new(),
            })
            .collect()
    }

    #[test]
    fn the_batch_of_another_shard_makes_nothing_forgotten() {
        let mut acknowledged = Acknowledged::default();
        let (first, second) = (batch("first", 3), batch("second", 3));
        let now = Instant::now();
        acknowledged.remember(first.iter(), now);
        acknowledged.remember(second.iter(), now);
        acknowledged.forget(second.iter());
        assert!(first.iter().all(|message| acknowledged.has(message)));
        assert!(!second.iter().any(|message| acknowledged.has(message)));
        acknowledged.forget(first.iter());
        assert_eq!((acknowledged.since.len(), acknowledged.bytes), (0, 0));
    }

    #[test]
    fn a_replayed_message_is_not_its_first_delivery() {
        let mut acknowledged = Acknowledged::default();
        let mut message = batch("a", 1).remove(0);
        acknowledged.remember([&message].into_iter(), Instant::now());
        message.headers.push(("xzepr-replay", "1".to_owned()));
        assert!(!acknowledged.has(&message));
    }

    #[test]
    fn the_oldest_go_when_there_is_too_much() {
        let mut acknowledged = Acknowledged::default();
        let start = Instant::now();
        for number in 0..100_u64 {
            let batch = batch(&number.to_string(), 500);
            acknowledged.remember(batch.iter(), start + Duration::from_secs(number));
            assert!(acknowledged.bytes <= MAX_BYTES, "{}", acknowledged.bytes);
            assert!(batch.iter().all(|message| acknowledged.has(message)));
        }
        assert!(!acknowledged.has(&batch("0", 1)[0]));
        assert!(acknowledged.since.len() > 10_000, "{}", acknowledged.since.len());
    }

    #[test]
    fn what_no_batch_has_brought_again_for_an_hour_is_forgotten() {
        let mut acknowledged = Acknowledged::default();
        let start = Instant::now();
        let (old, again) = (batch("old", 1), batch("again", 1));
        acknowledged.remember(old.iter().chain(&again), start);
        acknowledged.remember(again.iter(), start + KEPT / 2);
        acknowledged.remember(batch("new", 1).iter(), start + KEPT);
        assert!(!acknowledged.has(&old[0]) && acknowledged.has(&again[0]));
    }
}
