//! Reads the messages of gates from the topic, past every proxy.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use end_to_end::{GateMessage, Ms};
use local::topic::{Reader, StartAt};

use crate::setup::TOPIC;

/// The messages by the ids of their events. At-least-once delivery may bring one of them twice, which is no second
/// completion.
type Messages = HashMap<String, (GateMessage, Instant)>;

/// The messages of gates so far. It stops when it is dropped.
pub(crate) struct GateTopic {
    messages: Arc<Mutex<Messages>>,
    is_over: Arc<AtomicBool>,
}

impl GateTopic {
    /// Reads the topic from its end on.
    pub(crate) fn start(brokers: &str) -> Self {
        let reader = Reader::open(brokers, TOPIC, StartAt::End).unwrap();
        let (messages, is_over) = (Arc::<Mutex<Messages>>::default(), Arc::new(AtomicBool::new(false)));
        let topic = Self { messages: Arc::clone(&messages), is_over: Arc::clone(&is_over) };
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let Some(record) = reader.next(Duration::from_millis(200)) else { continue };
                if let Some(message) = GateMessage::read(&record, now()) {
                    let id = message.id.clone();
                    messages.lock().unwrap().entry(id).or_insert((message, Instant::now()));
                }
            }
        });
        topic
    }

    /// The messages so far.
    pub(crate) fn messages(&self) -> Vec<GateMessage> {
        self.messages.lock().unwrap().values().map(|(message, _)| message.clone()).collect()
    }

    /// When the first completion for an artifact arrived.
    pub(crate) fn completed(&self, artifact: &str) -> Option<Instant> {
        let messages = self.messages.lock().unwrap();
        let of_artifact =
            messages.values().filter(|(message, _)| message.is_complete && message.artifact == artifact);
        of_artifact.map(|(_, arrived)| *arrived).min()
    }
}

impl Drop for GateTopic {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// The time of the clock that ids are made by.
pub(crate) fn now() -> Ms {
    Ms::try_from(chrono::Utc::now().timestamp_millis()).unwrap()
}
