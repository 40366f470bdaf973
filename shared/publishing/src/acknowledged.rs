//! Messages that are on the topic although their batch will be delivered again.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use xzepr_messages::{Message, REPLAY_HEADER};

/// How long a message is remembered after the last failure of its batch. The mapping's own waits between retries are
/// far shorter.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// The most bytes of the remembered texts. They suffice for some tens of thousands of messages.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The bytes of an entry without its texts.
const OVERHEAD: usize = 64;

/// The messages of partly failed batches that are on the topic. A retry does not send them again. One process gets the
/// batches of several shards in turn, so the success of one shard's batch must not forget the messages of another's.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    /// The time of the last failure of each message's batch.
    failed_at: HashMap<Delivery, Instant>,
    bytes: usize,
}

/// The parts that distinguish a message from all others: its key, and the replay that sends it.
type Delivery = (String, Option<String>);

impl Acknowledged {
    pub(crate) fn contains(&self, message: &Message) -> bool {
        self.failed_at.contains_key(&delivery(message))
    }

    /// Remembers the messages that a failed batch has on the topic. If there are too many, the oldest are forgotten.
    pub(crate) fn remember<'a>(&mut self, messages: impl Iterator<Item = &'a Message>, now: Instant) {
        for message in messages {
            let delivery = delivery(message);
            let bytes = size(&delivery);
            if self.failed_at.insert(delivery, now).is_none() {
                self.bytes += bytes;
            }
        }
        self.retain(|failed_at| now.duration_since(failed_at) < KEPT);
        if self.bytes > MAX_BYTES {
            self.forget_oldest(self.bytes - MAX_BYTES);
        }
    }

    /// Forgets the oldest messages, until at least this number of bytes is free.
    fn forget_oldest(&mut self, mut bytes: usize) {
        let mut oldest: Vec<_> =
            self.failed_at.iter().map(|(delivery, failed_at)| (*failed_at, size(delivery))).collect();
        oldest.sort_unstable_by_key(|(failed_at, _)| *failed_at);
        for (failed_at, size) in oldest {
            bytes = bytes.saturating_sub(size);
            if bytes == 0 {
                // The messages of one batch have the same time, and are forgotten together.
                self.retain(|kept| kept > failed_at);
                return;
            }
        }
    }

    /// Forgets a batch that will not be delivered again.
    pub(crate) fn forget<'a>(&mut self, messages: impl Iterator<Item = &'a Message>) {
        for message in messages {
            let delivery = delivery(message);
            if self.failed_at.remove(&delivery).is_some() {
                self.bytes -= size(&delivery);
            }
        }
    }

    fn retain(&mut self, is_kept: impl Fn(Instant) -> bool) {
        let mut bytes = 0;
        self.failed_at.retain(|delivery, failed_at| {
            let kept = is_kept(*failed_at);
            bytes += if kept { size(delivery) } else { 0 };
            kept
        });
        self.bytes = bytes;
    }
}

fn delivery(message: &Message) -> Delivery {
    let replay = message.headers.iter().find(|(name, _)| *name == REPLAY_HEADER);
    (message.key.clone(), replay.map(|(_, replay)| replay.clone()))
}

fn size((key, replay): &Delivery) -> usize {
    key.len() + replay.as_ref().map_or(0, String::len) + OVERHEAD
}

#[cfg(test)]
mod tests {
    use xzepr_settings::Compression;

    use super::*;

    fn batch(shard: &str, count: usize) -> Vec<Message> {
        (0..count)
            .map(|index| Message {
                topic: "topic".into(),
                key: format!("{shard}-{index}"),
                value: Vec::new(),
                headers: Vec::new(),
                compression: Compression::None,
            })
            .collect()
    }

    #[test]
    fn the_success_of_another_shards_batch_forgets_no_message() {
        let mut acknowledged = Acknowledged::default();
        let (first, second) = (batch("first", 3), batch("second", 3));
        let now = Instant::now();
        acknowledged.remember(first.iter(), now);
        acknowledged.remember(second.iter(), now);
        acknowledged.forget(second.iter());
        assert!(first.iter().all(|message| acknowledged.contains(message)));
        assert!(!second.iter().any(|message| acknowledged.contains(message)));
        acknowledged.forget(first.iter());
        assert_eq!((acknowledged.failed_at.len(), acknowledged.bytes), (0, 0));
    }

    #[test]
    fn a_replayed_message_differs_from_its_first_delivery() {
        let mut acknowledged = Acknowledged::default();
        let mut message = batch("a", 1).remove(0);
        acknowledged.remember([&message].into_iter(), Instant::now());
        message.headers.push((REPLAY_HEADER, "1".to_owned()));
        assert!(!acknowledged.contains(&message));
    }

    #[test]
    fn the_oldest_messages_are_forgotten_when_there_are_too_many() {
        let mut acknowledged = Acknowledged::default();
        let start = Instant::now();
        for number in 0..100_u64 {
            let batch = batch(&number.to_string(), 500);
            acknowledged.remember(batch.iter(), start + Duration::from_secs(number));
            assert!(acknowledged.bytes <= MAX_BYTES, "{}", acknowledged.bytes);
            assert!(batch.iter().all(|message| acknowledged.contains(message)));
        }
        assert!(!acknowledged.contains(&batch("0", 1)[0]));
        assert!(acknowledged.failed_at.len() > 10_000, "{}", acknowledged.failed_at.len());
    }

    #[test]
    fn a_message_that_no_batch_has_contained_for_an_hour_is_forgotten() {
        let mut acknowledged = Acknowledged::default();
        let start = Instant::now();
        let (old, again) = (batch("old", 1), batch("again", 1));
        acknowledged.remember(old.iter().chain(&again), start);
        acknowledged.remember(again.iter(), start + KEPT / 2);
        acknowledged.remember(batch("new", 1).iter(), start + KEPT);
        assert!(!acknowledged.contains(&old[0]) && acknowledged.contains(&again[0]));
    }
}
