//! The receivers that were read before. A receiver never changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use xzepr_domain::ReceiverId;

use crate::records::ReceiverRecord;

/// When the kept receivers have more bytes, they are forgotten before the next one.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Receivers of at most 8 MiB, and the one that was kept last.
#[derive(Debug, Default)]
pub(crate) struct KeptReceivers(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    receivers: HashMap<ReceiverId, Arc<ReceiverRecord>>,
    bytes: usize,
}

impl KeptReceivers {
    pub(crate) fn get(&self, id: ReceiverId) -> Option<Arc<ReceiverRecord>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).receivers.get(&id).cloned()
    }

    pub(crate) fn keep(&self, id: ReceiverId, receiver: &Arc<ReceiverRecord>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes > MAX_BYTES {
            *kept = Kept::default();
        }
        if kept.receivers.insert(id, Arc::clone(receiver)).is_none() {
            kept.bytes += bytes(receiver);
        }
    }
}

fn bytes(receiver: &ReceiverRecord) -> usize {
    let ReceiverRecord { name, r#type, version, description, schema, .. } = receiver;
    let texts = name.len() + r#type.len() + version.len() + description.len();
    // The id, the fingerprint, the time and the entry have less than this.
    texts + schema.as_str().len() + 1024
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{EventReceiver, JsonText};
    use xzepr_fixtures::receiver;

    use super::*;

    fn large() -> Arc<ReceiverRecord> {
        let schema = format!(r#"{{"title":"{}"}}"#, "x".repeat(60_000));
        let receiver = EventReceiver { schema: JsonText::try_from(schema).unwrap(), ..receiver() };
        Arc::new(receiver.into())
    }

    #[test]
    fn receivers_are_kept_while_there_is_room() {
        let (kept, receiver) = (KeptReceivers::default(), large());
        let ids: Vec<_> = (0..300).map(|_| ReceiverId::generate()).collect();
        for id in &ids {
            kept.keep(*id, &receiver);
            kept.keep(*id, &receiver);
            assert!(kept.get(*id).is_some());
            let Kept { receivers, bytes } = &*kept.0.lock().unwrap();
            assert_eq!(*bytes, receivers.len() * super::bytes(&receiver));
            assert!(*bytes <= MAX_BYTES + super::bytes(&receiver));
        }
        assert!(kept.get(ids[0]).is_none() && kept.get(ReceiverId::generate()).is_none());
    }
}
