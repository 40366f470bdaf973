//! A cache of compiled schemas, limited by their memory.

use std::{collections::HashMap, sync::Arc};

use xzepr_domain::{ReceiverId, Schema};

/// The most bytes of all schemas together, without the one that is added last.
const MAX_BYTES: usize = 16 << 20;

/// The bytes of an entry without its schema. They also limit the number of entries.
const ENTRY_BYTES: usize = 1 << 10;

/// Removes the schemas that were not used for the longest time when it is full.
#[derive(Default)]
pub(crate) struct Cache {
    entries: HashMap<ReceiverId, Entry>,
    bytes: usize,
    uses: u64,
}

struct Entry {
    schema: Arc<Schema>,
    last_use: u64,
}

impl Entry {
    fn bytes(&self) -> usize {
        ENTRY_BYTES + self.schema.bytes()
    }
}

impl Cache {
    pub(crate) fn get(&mut self, receiver: ReceiverId) -> Option<Arc<Schema>> {
        self.uses += 1;
        let entry = self.entries.get_mut(&receiver)?;
        entry.last_use = self.uses;
        Some(Arc::clone(&entry.schema))
    }

    pub(crate) fn insert(&mut self, receiver: ReceiverId, schema: Arc<Schema>) {
        while self.bytes > MAX_BYTES && self.remove_oldest() {}
        self.uses += 1;
        let entry = Entry { schema, last_use: self.uses };
        self.bytes += entry.bytes();
        if let Some(replaced) = self.entries.insert(receiver, entry) {
            self.bytes -= replaced.bytes();
        }
    }

    fn remove_oldest(&mut self) -> bool {
        let oldest =
            self.entries.iter().min_by_key(|(_, entry)| entry.last_use).map(|(receiver, _)| *receiver);
        let removed = oldest.and_then(|receiver| self.entries.remove(&receiver));
        self.bytes -= removed.as_ref().map_or(0, Entry::bytes);
        removed.is_some()
    }
}

#[cfg(test)]
mod tests {
    use xzepr_domain::JsonText;

    use super::*;

    /// A schema of some hundred KiB.
    fn large() -> Arc<Schema> {
        let properties: Vec<_> = (0..4000).map(|index| format!(r#""p{index}":{{}}"#)).collect();
        let text = format!(r#"{{"properties":{{{}}}}}"#, properties.join(","));
        Arc::new(Schema::compile(&JsonText::try_from(text).unwrap()).unwrap())
    }

    #[test]
    fn the_cache_stays_under_its_limit_and_keeps_the_schemas_in_use() {
        let (mut cache, schema) = (Cache::default(), large());
        let favourite = ReceiverId::generate();
        cache.insert(favourite, Arc::clone(&schema));
        let receivers: Vec<_> = (0..2 * MAX_BYTES / schema.bytes()).map(|_| ReceiverId::generate()).collect();
        for receiver in &receivers {
            assert!(cache.get(favourite).is_some());
            cache.insert(*receiver, Arc::clone(&schema));
            assert!(cache.bytes <= MAX_BYTES + ENTRY_BYTES + schema.bytes());
        }
        assert!(cache.get(receivers[0]).is_none());
        assert!(cache.get(receivers[receivers.len() - 1]).is_some());
        let bytes: usize = cache.entries.values().map(Entry::bytes).sum();
        assert_eq!(cache.bytes, bytes);
    }

    #[test]
    fn a_schema_that_is_inserted_twice_counts_once() {
        let (mut cache, receiver) = (Cache::default(), ReceiverId::generate());
        for _ in 0..3 {
            cache.insert(receiver, large());
        }
        assert_eq!(cache.bytes, cache.entries[&receiver].bytes());
    }
}
