//! Reads the topic all the time, past every proxy, and records when each message arrives.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use local::topic::{Reader, StartAt};

/// The messages that arrived with one key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrivals {
    pub(crate) first: Instant,
    /// Messages without the header of a replay.
    pub(crate) unmarked: u64,
    pub(crate) replayed: u64,
    /// The bytes of the value.
    pub(crate) length: usize,
    value: u64,
}

/// The topic so far. It stops when it is dropped.
pub(crate) struct Recorder {
    arrivals: Arc<Mutex<HashMap<String, Arrivals>>>,
    is_over: Arc<AtomicBool>,
}

impl Recorder {
    pub(crate) fn start(brokers: &str, topic: &str) -> Self {
        let reader = Reader::open(brokers, topic, StartAt::End).unwrap();
        let (arrivals, is_over) = (Arc::new(Mutex::new(HashMap::new())), Arc::new(AtomicBool::new(false)));
        let recorder = Self { arrivals: Arc::clone(&arrivals), is_over: Arc::clone(&is_over) };
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let Some(record) = reader.next(Duration::from_millis(200)) else { continue };
                let mut hasher = DefaultHasher::new();
                record.value.hash(&mut hasher);
                let value = hasher.finish();
                let mut arrivals = arrivals.lock().unwrap();
                let of_key = arrivals.entry(record.key.clone()).or_insert(Arrivals {
                    first: Instant::now(),
                    unmarked: 0,
                    replayed: 0,
                    length: record.value.len(),
                    value,
                });
                assert_eq!(of_key.value, value, "every delivery of {} has the same bytes", record.key);
                if record.headers.iter().any(|(name, _)| name == "xzepr-replay") {
                    of_key.replayed += 1;
                } else {
                    of_key.unmarked += 1;
                }
            }
        });
        recorder
    }

    /// The messages that arrived with a key so far.
    pub(crate) fn of(&self, id: &str) -> Option<Arrivals> {
        self.arrivals.lock().unwrap().get(id).copied()
    }

    /// The keys that arrived so far.
    pub(crate) fn keys(&self) -> BTreeSet<String> {
        self.arrivals.lock().unwrap().keys().cloned().collect()
    }

    /// How many messages have the header of a replay.
    pub(crate) fn replayed(&self) -> u64 {
        self.arrivals.lock().unwrap().values().map(|arrivals| arrivals.replayed).sum()
    }

    /// How many of these have not arrived.
    pub(crate) fn missing(&self, ids: impl Iterator<Item = String>) -> usize {
        let arrivals = self.arrivals.lock().unwrap();
        ids.filter(|id| !arrivals.contains_key(id)).count()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}
