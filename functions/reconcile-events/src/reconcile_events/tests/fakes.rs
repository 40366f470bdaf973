//! A table, dead letters and topics in memory.

use std::{cell::RefCell, rc::Rc};

use lambda_runtime::{Context, LambdaEvent};
use xzepr_domain::{Event, EventId, EventReceiver, ReceiverId, TimeRange};
use xzepr_fixtures::event_with_id;
use xzepr_kafka::{TopicRecord, UnreadableTopic};
use xzepr_messages::Messages;
use xzepr_publishing::ReadReceivers;
use xzepr_settings::Settings;
use xzepr_store::{Key, PageItem, StoreError, UnknownShape};

use crate::{
    letters::Letters,
    reconcile_events::ReconcileEvents,
    sources::{ReadDeadLetters, ReadItems, ReadTopic},
};

/// The sources that were read, in order.
type Reads = Rc<RefCell<Vec<String>>>;

#[derive(Default)]
pub(super) struct FakeTable {
    pub(super) events: Vec<Event>,
    pub(super) foreign: Vec<Key>,
    pub(super) receivers: Vec<EventReceiver>,
    pub(super) reads: Reads,
}

impl ReadItems for FakeTable {
    async fn pages(
        &self,
        range: TimeRange,
        mut see: impl AsyncFnMut(Vec<PageItem>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.reads.borrow_mut().push("table".to_owned());
        let ids = range.first_id()..=range.last_id();
        for event in self.events.iter().filter(|event| ids.contains(&event.id)) {
            see(vec![PageItem { key: Key::event(event.id), event: Ok(event.clone()) }]).await?;
        }
        let foreign = |key: &Key| PageItem { key: key.clone(), event: Err(UnknownShape::new("no payload")) };
        see(self.foreign.iter().map(foreign).collect()).await
    }
}

impl ReadReceivers for FakeTable {
    async fn read(&self, ids: &[ReceiverId]) -> Result<Vec<EventReceiver>, StoreError> {
        let receivers = self.receivers.iter().filter(|receiver| ids.contains(&receiver.id));
        Ok(receivers.cloned().collect())
    }
}

#[derive(Default)]
pub(super) struct FakeDeadLetters {
    /// The events whose items are dead letters.
    pub(super) items: Vec<EventId>,
    /// The events that are dead letters of a route.
    pub(super) routes: Vec<(EventId, &'static str)>,
    reads: Reads,
}

impl ReadDeadLetters for FakeDeadLetters {
    async fn letters(&self) -> Result<Letters, StoreError> {
        self.reads.borrow_mut().push("dead letters".to_owned());
        let items = self.items.iter().map(|id| (Key::event(*id), None));
        let route = |name: &str| Some(name.parse().unwrap());
        let routes = self.routes.iter().map(|(id, name)| (Key::event(*id), route(name)));
        Ok(items.chain(routes).collect())
    }
}

/// A record of a topic.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) topic: String,
    pub(super) key: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) value: Vec<u8>,
}

impl Record {
    /// A record of the default route, whose value nobody reads.
    pub(super) fn of(id: EventId) -> Self {
        let topic = "xzepr.dev.events".to_owned();
        Self { topic, key: id.to_string(), headers: Vec::new(), value: b"{}".to_vec() }
    }

    pub(super) fn with_header(mut self, name: &'static str) -> Self {
        self.headers.push((name, String::new()));
        self
    }
}

#[derive(Default)]
pub(super) struct FakeKafka {
    pub(super) records: Vec<Record>,
    pub(super) is_unreachable: bool,
    pub(super) from_ms: RefCell<Option<i64>>,
    reads: Reads,
}

impl ReadTopic for FakeKafka {
    async fn records(
        &self,
        topic: &str,
        from_ms: i64,
        mut see: impl FnMut(TopicRecord<'_>) + Send,
    ) -> Result<(), UnreadableTopic> {
        self.reads.borrow_mut().push(topic.to_owned());
        *self.from_ms.borrow_mut() = Some(from_ms);
        if self.is_unreachable {
            return Err(UnreadableTopic::Silent(topic.to_owned()));
        }
        for record in self.records.iter().filter(|record| record.topic == topic) {
            let headers = record.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
            see(TopicRecord { key: record.key.as_bytes(), value: &record.value, headers });
        }
        Ok(())
    }
}

pub(super) type Function = ReconcileEvents<FakeTable, FakeDeadLetters, FakeKafka>;

pub(super) const START: &str = "2024-01-15T10:30:00Z";
pub(super) const START_MS: u64 = 1_705_314_600_000;

/// The id of an event at this second after the start of the range, which has a minute.
pub(super) fn id(second: u64) -> EventId {
    EventId::first_of(START_MS + second * 1000)
}

pub(super) fn request() -> String {
    format!(r#"{{"start":"{START}","end":"2024-01-15T10:31:00Z"}}"#)
}

/// A function with these settings, whose table has events of these seconds.
pub(super) fn function(settings: &str, events: impl IntoIterator<Item = u64>) -> Function {
    let reads = Reads::default();
    let events = events.into_iter().map(|second| event_with_id(id(second))).collect();
    ReconcileEvents::new(
        Messages::new(Settings::new(|_| None, settings).unwrap().messages().unwrap()),
        FakeTable { events, reads: Rc::clone(&reads), ..FakeTable::default() },
        FakeDeadLetters { reads: Rc::clone(&reads), ..FakeDeadLetters::default() },
        FakeKafka { reads, ..FakeKafka::default() },
    )
}

/// The response.
pub(super) async fn reconcile(function: &Function) -> String {
    let event = LambdaEvent::new(serde_json::from_str(&request()).unwrap(), Context::default());
    serde_json::to_string(&function.reconcile(event).await.unwrap()).unwrap()
}

/// The member of a response that lists the events of these seconds.
pub(super) fn list(name: &str, seconds: &[u64]) -> String {
    let ids: Vec<_> = seconds.iter().map(|second| format!(r#""{}""#, id(*second))).collect();
    format!(r#""{name}":{{"count":{},"ids":[{}]}}"#, ids.len(), ids.join(","))
}
