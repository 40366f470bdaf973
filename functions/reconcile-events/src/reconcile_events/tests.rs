mod fakes;
mod routes;

use lambda_runtime::Context;
use xzepr_store::Key;

use super::*;
use fakes::{Function, Record, START, function, id, list, reconcile, request};

/// The response of a function with the default route, without the members before `"accepted"` and without the list of
/// topics, which has the same figures once more.
async fn differences(function: &Function) -> String {
    let report = reconcile(function).await;
    let (range, figures) = report.split_once(r#""accepted":"#).unwrap();
    assert_eq!(range, format!("{{{},", request().trim_matches(['{', '}'])));
    figures.split_once(r#","topics":[{"topic":"xzepr.dev.events","#).unwrap().0.to_owned()
}

#[tokio::test]
async fn a_range_with_one_message_for_each_event_has_no_differences() {
    let mut function = function("", [1, 2]);
    function.kafka.records = vec![Record::of(id(1)), Record::of(id(2)).with_header("other")];
    let none = ["missing", "dead_letters", "doubled", "unknown"]
        .map(|name| format!("{},", list(name, &[])))
        .concat();
    let topic = format!(r#""expected":2,"published":2,"replayed":0,{}"#, none.trim_end_matches(','));
    let totals =
        format!(r#""accepted":2,"unrouted":0,"skipped":0,{topic},"foreign":{{"count":0,"keys":[]}}"#);
    assert_eq!(
        reconcile(&function).await,
        format!(
            r#"{{{},{totals},"topics":[{{"topic":"xzepr.dev.events",{topic}}}]}}"#,
            request().trim_matches(['{', '}'])
        )
    );
}

#[tokio::test]
async fn an_event_without_a_message_is_missing_unless_it_is_a_dead_letter() {
    let mut function = function("", [1, 2, 3, 4]);
    function.kafka.records = vec![Record::of(id(1))];
    function.dead_letters.items = vec![id(1), id(3), id(90)];
    function.dead_letters.routes = vec![(id(4), "default"), (id(2), "removed")];
    let report = differences(&function).await;
    assert!(report.contains(&list("missing", &[2])), "{report}");
    assert!(report.contains(&list("dead_letters", &[3, 4])), "{report}");
}

#[tokio::test]
async fn an_event_without_a_message_in_the_format_is_skipped() {
    // The payloads of these events are no CDEvents.
    let report = differences(&function("format: cdevents", [1, 2])).await;
    assert!(report.starts_with(r#"2,"unrouted":0,"skipped":2,"expected":0,"published":0,"#), "{report}");
    assert!(report.contains(&list("missing", &[])), "{report}");
}

#[tokio::test]
async fn an_event_with_two_messages_is_doubled_unless_a_replay_has_sent_the_second() {
    let mut function = function("", [1, 2, 3]);
    let replayed = |second| Record::of(id(second)).with_header(REPLAY_HEADER);
    function.kafka.records =
        vec![Record::of(id(1)), Record::of(id(1)), Record::of(id(2)), replayed(2), replayed(3)];
    let report = differences(&function).await;
    assert!(report.contains(r#""expected":3,"published":3,"replayed":2,"#), "{report}");
    assert!(report.contains(&list("doubled", &[1])), "{report}");
}

#[tokio::test]
async fn a_message_of_the_range_without_an_event_is_unknown() {
    let mut function = function("", [1]);
    function.kafka.records = [1, 7, 7, 90].map(|second| Record::of(id(second))).to_vec();
    function.kafka.records.push(Record { key: "no id".to_owned(), ..Record::of(id(1)) });
    let report = differences(&function).await;
    assert!(report.contains(&list("unknown", &[7])), "{report}");
}

#[tokio::test]
async fn an_item_that_is_no_event_is_foreign_and_missing_only_if_its_key_is_an_events() {
    let mut function = function("", []);
    let copy = Key { sort: "copy".to_owned(), ..Key::event(id(1)) };
    function.table.foreign = vec![copy.clone(), Key::event(id(2)), Key::event(id(3)), Key::event(id(4))];
    // An item that was an event when it was published.
    function.kafka.records = vec![Record::of(id(4)), Record::of(id(4))];
    function.dead_letters.items = vec![id(3)];
    let report = differences(&function).await;
    let foreign = format!(r#""foreign":{{"count":4,"keys":["{copy}","{}","#, Key::event(id(2)));
    assert!(report.contains(&foreign), "{report}");
    assert!(report.starts_with(r#"3,"unrouted":0,"skipped":0,"expected":3,"published":1,"#), "{report}");
    for expected in
        [list("missing", &[2]), list("dead_letters", &[3]), list("doubled", &[]), list("unknown", &[])]
    {
        assert!(report.contains(&expected), "{report}");
    }
}

#[tokio::test]
async fn the_topic_is_read_after_the_tables_from_a_minute_before_the_range() {
    let function = function("", []);
    reconcile(&function).await;
    assert_eq!(function.table.reads.take(), ["table", "dead letters", "xzepr.dev.events"]);
    assert_eq!(function.kafka.from_ms.take(), Some(fakes::START_MS.cast_signed() - 60_000));
}

#[tokio::test]
async fn an_unreachable_kafka_is_an_error() {
    let mut function = function("", [1]);
    function.kafka.is_unreachable = true;
    let event = LambdaEvent::new(serde_json::from_str(&request()).unwrap(), Context::default());
    let error = function.reconcile(event).await.unwrap_err().to_string();
    assert!(error.contains("xzepr.dev.events"), "{error}");
}

#[test]
fn only_the_scheduled_request_has_metrics() {
    let has_metrics = |request: &str| {
        let request = serde_json::from_str(request).unwrap();
        metrics(&request, &Report::default()).is_some()
    };
    assert!(has_metrics(r#"{"action": "reconcile-past-hour"}"#));
    assert!(!has_metrics(&request()));
    assert!(request().contains(START));
}
