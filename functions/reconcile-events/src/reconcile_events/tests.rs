use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use lambda_runtime::Context;
use xzepr_domain::EventId;
use xzepr_fixtures::event_with_id;
use xzepr_settings::Settings;
use xzepr_store::{Key, PageItem, UnknownShape};

use super::*;

/// The sources that were read, in order.
type Reads = Rc<RefCell<Vec<&'static str>>>;

#[derive(Default)]
struct FakeTable {
    events: Vec<EventId>,
    foreign: Vec<Key>,
    reads: Reads,
}

impl ReadItems for FakeTable {
    async fn read(&self, range: TimeRange, mut see: impl FnMut(PageItem)) -> Result<(), StoreError> {
        self.reads.borrow_mut().push("table");
        let ids = range.first_id()..=range.last_id();
        for id in self.events.iter().filter(|id| ids.contains(id)) {
            see(PageItem { key: Key::event(*id), event: Ok(event_with_id(*id)) });
        }
        for key in &self.foreign {
            see(PageItem { key: key.clone(), event: Err(UnknownShape::new("has no payload")) });
        }
        Ok(())
    }
}

#[derive(Default)]
struct FakeDeadLetters(BTreeSet<EventId>);

impl ReadDeadLetters for FakeDeadLetters {
    async fn event_ids(&self) -> Result<BTreeSet<EventId>, StoreError> {
        Ok(self.0.clone())
    }
}

/// A topic with records of these keys and header names.
#[derive(Default)]
struct FakeTopic {
    records: Vec<(String, &'static [&'static str])>,
    is_unreachable: bool,
    reads: Reads,
    from_ms: RefCell<Option<i64>>,
}

impl ReadTopic for FakeTopic {
    fn name(&self) -> &str {
        "topic"
    }

    async fn read(
        &self,
        from_ms: i64,
        mut see: impl FnMut(TopicRecord<'_>) + Send,
    ) -> Result<(), UnreadableTopic> {
        self.reads.borrow_mut().push("topic");
        *self.from_ms.borrow_mut() = Some(from_ms);
        if self.is_unreachable {
            return Err(UnreadableTopic::Silent(self.name().to_owned()));
        }
        for (key, header_names) in &self.records {
            let headers = header_names.iter().map(|name| (*name, &b"1"[..])).collect();
            see(TopicRecord { key: key.as_bytes(), value: b"{}", headers });
        }
        Ok(())
    }
}

type Function = ReconcileEvents<FakeTable, FakeDeadLetters, FakeTopic>;

const START: &str = "2024-01-15T10:30:00Z";
const START_MS: u64 = 1_705_314_600_000;

/// The id of an event at this second after the start of the range, which has a minute.
fn id(second: u64) -> EventId {
    EventId::first_of(START_MS + second * 1000)
}

fn request() -> String {
    format!(r#"{{"start":"{START}","end":"2024-01-15T10:31:00Z"}}"#)
}

/// A function whose table has these events, and whose topic has these records.
fn function(
    events: impl IntoIterator<Item = u64>,
    records: &[(EventId, &'static [&'static str])],
) -> Function {
    let reads = Reads::default();
    ReconcileEvents::new(
        messages("xzepr"),
        FakeTable {
            events: events.into_iter().map(id).collect(),
            reads: Rc::clone(&reads),
            ..FakeTable::default()
        },
        FakeDeadLetters::default(),
        FakeTopic {
            records: records.iter().map(|(id, headers)| (id.to_string(), *headers)).collect(),
            reads,
            ..FakeTopic::default()
        },
    )
}

/// Messages in this format.
fn messages(format: &'static str) -> Messages {
    let lookup = move |name: &str| (name == "XZEPR_FORMAT").then(|| format.to_owned());
    Messages::new(Settings::new(lookup, "").unwrap().messages().unwrap())
}

/// The response, without the members before `"accepted"`.
async fn reconcile(function: &Function) -> String {
    let event = LambdaEvent::new(serde_json::from_str(&request()).unwrap(), Context::default());
    let report = serde_json::to_string(&function.reconcile(event).await.unwrap()).unwrap();
    let (range, differences) = report.split_once(r#""accepted":"#).unwrap();
    assert_eq!(range, format!("{{{},\"topic\":\"topic\",", request().trim_matches(['{', '}'])));
    differences.to_owned()
}

/// The member of a response that lists the events of these seconds.
fn list(name: &str, seconds: &[u64]) -> String {
    let ids: Vec<_> = seconds.iter().map(|second| format!(r#""{}""#, id(*second))).collect();
    format!(r#""{name}":{{"count":{},"ids":[{}]}}"#, ids.len(), ids.join(","))
}

#[tokio::test]
async fn a_range_with_one_message_for_each_event_has_no_differences() {
    let function = function([1, 2], &[(id(1), &[]), (id(2), &["other"])]);
    assert_eq!(
        reconcile(&function).await,
        format!(
            r#"2,"published":2,"skipped":0,"replayed":0,{},{},{},{},"foreign":{{"count":0,"keys":[]}}}}"#,
            list("missing", &[]),
            list("dead_letters", &[]),
            list("doubled", &[]),
            list("unknown", &[])
        )
    );
}

#[tokio::test]
async fn an_event_without_a_message_is_missing_unless_it_is_a_dead_letter() {
    let mut function = function([1, 2, 3], &[(id(1), &[])]);
    function.dead_letters.0 = BTreeSet::from([id(1), id(3), id(90)]);
    let report = reconcile(&function).await;
    assert!(report.contains(&list("missing", &[2])), "{report}");
    assert!(report.contains(&list("dead_letters", &[3])), "{report}");
}

#[tokio::test]
async fn an_event_without_a_message_in_the_format_is_skipped_unless_it_is_on_the_topic() {
    let mut function = function([1, 2], &[(id(1), &[])]);
    // The payloads of these events are no CDEvents.
    function.messages = messages("cdevents");
    let report = reconcile(&function).await;
    assert!(report.starts_with(r#"2,"published":1,"skipped":1,"#), "{report}");
    assert!(report.contains(&list("missing", &[])), "{report}");
}

#[tokio::test]
async fn an_event_with_two_messages_is_doubled_unless_a_replay_has_sent_the_second() {
    let replay: &'static [&'static str] = &[REPLAY_HEADER];
    let records = [(id(1), [].as_slice()), (id(1), &[]), (id(2), &[]), (id(2), replay), (id(3), replay)];
    let report = reconcile(&function([1, 2, 3], &records)).await;
    assert!(report.starts_with(r#"3,"published":3,"skipped":0,"replayed":2,"#), "{report}");
    assert!(report.contains(&list("doubled", &[1])), "{report}");
}

#[tokio::test]
async fn a_message_of_the_range_without_an_event_is_unknown() {
    let mut function = function([1], &[(id(1), &[]), (id(7), &[]), (id(90), &[])]);
    function.topic.records.push(("no id".to_owned(), &[]));
    let report = reconcile(&function).await;
    assert!(report.contains(&list("unknown", &[7])), "{report}");
}

#[tokio::test]
async fn an_item_that_is_no_event_is_foreign_and_missing_only_if_its_key_is_an_events() {
    let mut function = function([], &[]);
    let copy = Key { sort: "copy".to_owned(), ..Key::event(id(1)) };
    function.table.foreign = vec![copy.clone(), Key::event(id(2))];
    let report = reconcile(&function).await;
    let foreign = format!(r#""foreign":{{"count":2,"keys":["{copy}","{}"]}}"#, Key::event(id(2)));
    assert!(report.contains(&foreign), "{report}");
    assert!(report.contains(&list("missing", &[2])), "{report}");
}

#[tokio::test]
async fn the_topic_is_read_after_the_table_from_a_minute_before_the_range() {
    let function = function([], &[]);
    reconcile(&function).await;
    assert_eq!(function.table.reads.take(), ["table", "topic"]);
    assert_eq!(function.topic.from_ms.take(), Some(i64::try_from(START_MS).unwrap() - 60_000));
}

#[tokio::test]
async fn an_unreachable_kafka_is_an_error() {
    let mut function = function([1], &[]);
    function.topic.is_unreachable = true;
    let event = LambdaEvent::new(serde_json::from_str(&request()).unwrap(), Context::default());
    let error = function.reconcile(event).await.unwrap_err().to_string();
    assert!(error.contains("topic"), "{error}");
}

#[test]
fn only_the_scheduled_request_has_metrics() {
    let range = TimeRange::parse(START, "2024-01-15T10:31:00Z").unwrap();
    let report = Report::new(range, "topic", &Accepted::default(), &BTreeMap::new());
    let has_metrics = |request: &str| metrics(&serde_json::from_str(request).unwrap(), &report).is_some();
    assert!(has_metrics(r#"{"action": "reconcile-past-hour"}"#));
    assert!(!has_metrics(&request()));
}
