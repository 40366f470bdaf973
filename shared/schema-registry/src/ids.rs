//! The ids that are known already.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use sha2::{Digest, Sha256};

use crate::SchemaError;

/// Receivers have subjects of their own, and callers create receivers. An entry has some 200 bytes.
pub(crate) const LIMIT: usize = 10_000;

/// The ids by subject and schema. The least recently used ones are forgotten when there are more than [`LIMIT`].
#[derive(Default)]
pub(crate) struct Ids {
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    uses: u64,
}

/// The subject, and the digest of the schema.
type Key = (String, [u8; 32]);

struct Entry {
    slot: Slot,
    last_use: u64,
}

/// The state of one id. It is locked during the requests about it, so callers of one id share them.
pub(crate) type Slot = Arc<tokio::sync::Mutex<State>>;

/// The state of one id.
#[derive(Debug, Default)]
pub(crate) enum State {
    #[default]
    Unknown,
    /// The id of a schema never changes.
    Known(u32),
    /// The last attempt failed. The next one is made at this time.
    Failed(SchemaError, Instant),
}

impl Ids {
    pub(crate) fn slot(&self, subject: &str, schema: &str) -> Slot {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.slot((subject.to_owned(), Sha256::digest(schema).into()))
    }
}

impl Entries {
    fn slot(&mut self, key: Key) -> Slot {
        self.uses += 1;
        if self.by_key.len() >= LIMIT && !self.by_key.contains_key(&key) {
            self.forget_one();
        }
        let entry = self.by_key.entry(key).or_insert_with(|| Entry { slot: Slot::default(), last_use: 0 });
        entry.last_use = self.uses;
        Arc::clone(&entry.slot)
    }

    /// Looks at every entry. The requests for the new one take far longer.
    fn forget_one(&mut self) {
        let oldest = self.by_key.iter().min_by_key(|(_, entry)| entry.last_use).map(|(key, _)| key.clone());
        if let Some(key) = oldest {
            self.by_key.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_id_is_forgotten_first() {
        let ids = Ids::default();
        let is_kept = |subject: &str| Arc::strong_count(&ids.slot(subject, "{}")) > 2;
        let first: Vec<_> = (0..LIMIT).map(|number| ids.slot(&number.to_string(), "{}")).collect();
        assert!(is_kept("0"));
        let _new = ids.slot("new", "{}");
        assert!(is_kept("0") && is_kept("new") && is_kept("2"));
        assert!(!is_kept("1"));
        assert_eq!(ids.entries.lock().unwrap().by_key.len(), LIMIT);
        drop(first);
    }

    #[test]
    fn an_id_belongs_to_a_subject_and_a_schema() {
        let ids = Ids::default();
        let slot = ids.slot("a", "{}");
        assert!(Arc::ptr_eq(&slot, &ids.slot("a", "{}")));
        assert!(!Arc::ptr_eq(&slot, &ids.slot("a", "{ }")));
        assert!(!Arc::ptr_eq(&slot, &ids.slot("b", "{}")));
    }
}
