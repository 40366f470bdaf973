//! The receivers that messages contain beside their events.

use std::{collections::HashMap, future::Future};

use xzepr_domain::{EventReceiver, ReceiverId};
use xzepr_store::{StoreError, Table};

/// When the kept receivers have more bytes, they are forgotten before the next batch.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// How many receivers one request reads. Their schemas can have 64 KiB each, and a request has a second. The receivers of
/// the requests before one that fails are kept, so a retry reads the others alone.
const READ_AT_ONCE: usize = 25;

/// Reads receivers.
pub trait ReadReceivers {
    /// The receivers with these ids, as far as they exist.
    fn read(&self, ids: &[ReceiverId]) -> impl Future<Output = Result<Vec<EventReceiver>, StoreError>>;
}

// Without the box, the future of a function would exceed the compiler's limit for the depth of a type.
impl ReadReceivers for Table {
    async fn read(&self, ids: &[ReceiverId]) -> Result<Vec<EventReceiver>, StoreError> {
        Box::pin(self.receivers(ids)).await
    }
}

impl<R: ReadReceivers> ReadReceivers for &R {
    async fn read(&self, ids: &[ReceiverId]) -> Result<Vec<EventReceiver>, StoreError> {
        R::read(self, ids).await
    }
}

/// The receivers of earlier batches. A receiver never changes, so it is read once. They have 8 MiB and those of one batch
/// at most.
pub struct Receivers<R> {
    table: R,
    kept: HashMap<ReceiverId, EventReceiver>,
    bytes: usize,
}

impl<R: ReadReceivers> Receivers<R> {
    /// Keeps none yet.
    pub fn new(table: R) -> Self {
        Self { table, kept: HashMap::new(), bytes: 0 }
    }

    /// Reads the receivers of a batch that are not kept. Reads nothing if there are none.
    pub async fn read(&mut self, ids: impl Iterator<Item = ReceiverId>) -> Result<(), StoreError> {
        if self.bytes > MAX_BYTES {
            self.kept.clear();
            self.bytes = 0;
        }
        let mut unread: Vec<_> = ids.filter(|id| !self.kept.contains_key(id)).collect();
        unread.sort_unstable();
        unread.dedup();
        for ids in unread.chunks(READ_AT_ONCE) {
            for receiver in self.table.read(ids).await? {
                self.bytes +=
                    size_of::<EventReceiver>() + receiver.schema.as_str().len() + receiver.description.len();
                self.kept.insert(receiver.id, receiver);
            }
        }
        Ok(())
    }

    /// A receiver that was read. `None` if it does not exist.
    pub fn get(&self, id: ReceiverId) -> Option<&EventReceiver> {
        self.kept.get(&id)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use xzepr_domain::EventReceiverRequest;

    use super::*;

    /// A table that has every receiver, each with a schema of this number of bytes. Records the ids that are read.
    struct FakeTable {
        schema_bytes: usize,
        read: RefCell<Vec<ReceiverId>>,
    }

    impl ReadReceivers for FakeTable {
        async fn read(&self, ids: &[ReceiverId]) -> Result<Vec<EventReceiver>, StoreError> {
            self.read.borrow_mut().extend(ids);
            let title = "x".repeat(self.schema_bytes);
            let body = format!(
                r#"{{"name":"n","type":"t","version":"1","description":"d","schema":{{"title":"{title}"}}}}"#
            );
            let receiver = |id: &ReceiverId| EventReceiverRequest::parse(&body).unwrap().accept(*id).unwrap();
            Ok(ids.iter().map(receiver).collect())
        }
    }

    fn receivers(schema_bytes: usize) -> Receivers<FakeTable> {
        Receivers::new(FakeTable { schema_bytes, read: RefCell::default() })
    }

    #[tokio::test]
    async fn a_receiver_is_read_once() {
        let mut receivers = receivers(10);
        let (one, other) = (ReceiverId::generate(), ReceiverId::generate());
        receivers.read([one, one].into_iter()).await.unwrap();
        receivers.read([one, other].into_iter()).await.unwrap();
        receivers.read([].into_iter()).await.unwrap();
        assert_eq!(receivers.table.read.take(), [one, other]);
        assert_eq!(receivers.get(one).map(|receiver| receiver.id), Some(one));
        assert!(receivers.get(ReceiverId::generate()).is_none());
    }

    #[tokio::test]
    async fn the_receivers_of_a_batch_are_kept_and_those_of_earlier_ones_while_there_is_room() {
        let mut receivers = receivers(60_000);
        let large: Vec<_> = (0..200).map(|_| ReceiverId::generate()).collect();
        receivers.read(large.iter().copied()).await.unwrap();
        assert!(large.iter().all(|id| receivers.get(*id).is_some()));
        let next = ReceiverId::generate();
        receivers.read([next].into_iter()).await.unwrap();
        assert!(receivers.get(next).is_some() && receivers.get(large[0]).is_none());
        assert!(receivers.bytes < 100_000, "{}", receivers.bytes);
    }
}
