//! Metrics: lines in CloudWatch's format in the log, and the same numbers for Prometheus.

use std::{collections::BTreeSet, time::Duration};

use end_to_end::{System, eventually};
use local::samples;
use serde_json::{Value, json};

/// A batch ends some time after its messages arrive.
const COUNTED_WITHIN: Duration = Duration::from_secs(30);

/// The value of a series. A metric of `local` whose labels are known begins with 0.
async fn value(system: &System, series: &str) -> f64 {
    let text = system.metrics().await;
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
}

/// Waits until a series has a value.
async fn await_value(system: &System, series: &str, expected: f64) {
    eventually(COUNTED_WITHIN, async || {
        let value = value(system, series).await;
        if value.total_cmp(&expected).is_eq() { Ok(()) } else { Err(format!("{series} is {value}")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_events_are_counted_by_their_outcome() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    system.create_receiver().await;
    let group = samples::group(&receiver);
    for _ in 0..2 {
        system.post_with_key("/api/v1/groups", &group, "gate").await;
    }
    let mut ids = system.create_events(&receiver, 3).await;
    let event = samples::event(&receiver);
    let mut wrong = event.clone();
    wrong["payload"] = json!({});
    let batch = json!([event, wrong, event]);
    let response = system.post("/api/v1/events/batch", batch.to_string()).await;
    assert_eq!(response.status, 207, "{response}");
    ids.extend([0, 2].map(|index| response.body["data"][index]["data"].as_str().unwrap().to_owned()));
    assert_eq!(system.post("/api/v1/events", "{").await.status, 400);
    system.await_messages(&ids).await;

    let requests =
        |kind: &str, outcome: &str| format!("xzepr_requests_total{{kind=\"{kind}\",outcome=\"{outcome}\"}}");
    for (kind, outcome, number) in [
        ("receiver", "accepted", 1.0),
        ("receiver", "repeated", 1.0),
        ("group", "accepted", 1.0),
        ("group", "repeated", 1.0),
        ("event", "accepted", 5.0),
        ("event", "repeated", 0.0),
        ("event", "refused", 2.0),
        ("event", "failed", 0.0),
        ("replay", "accepted", 0.0),
    ] {
        assert_eq!(value(&system, &requests(kind, outcome)).await, number, "{kind} {outcome}");
    }

    // The events of the receiver, of the group and of its completion are published too.
    await_value(&system, "xzepr_events_published_total{status=\"success\"}", 8.0).await;
    assert_eq!(value(&system, "xzepr_events_published_total{status=\"failure\"}").await, 0.0);
    for distribution in ["event_publish_duration_seconds", "acceptance_to_acknowledgement_seconds"] {
        assert_eq!(value(&system, &format!("xzepr_{distribution}_count")).await, 8.0, "{distribution}");
        assert!(value(&system, &format!("xzepr_{distribution}_sum")).await > 0.0, "{distribution}");
    }
    // Two functions read the stream.
    await_value(&system, "xzepr_batch_size_sum", 16.0).await;
    assert_eq!(value(&system, "xzepr_kafka_connection_status").await, 1.0);
    assert_eq!(value(&system, "xzepr_cold_starts_total{function=\"publish-events\"}").await, 1.0);
    let (hits, misses) = ("xzepr_schema_cache_hits_total", "xzepr_schema_cache_misses_total");
    let (hits, misses) = (value(&system, hits).await, value(&system, misses).await);
    assert!(misses >= 1.0 && hits + misses == 6.0, "{hits} {misses}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_counted_once_and_its_retries_are_failures() {
    let system = System::start().await;
    let poison = end_to_end::EventItem::new("01HJ1K2M3N4P5Q6R7S8T9V0W1Z").with("payload", "{");
    let key = poison.key();
    system.put(poison).await;
    await_value(&system, "xzepr_events_dead_lettered_total", 1.0).await;
    system.invoke("redrive-dead-letters", &json!({"action": "retry", "keys": [key]})).await;
    await_value(&system, "xzepr_events_published_total{status=\"failure\"}", 2.0).await;
    assert_eq!(value(&system, "xzepr_events_dead_lettered_total").await, 1.0);
    assert_eq!(value(&system, "xzepr_events_redriven_total").await, 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_counts_its_events() {
    let system = System::start().await;
    let start = system.now().await;
    let receiver = system.create_receiver().await;
    let ids = system.create_events(&receiver, 2).await;
    system.await_messages(&ids).await;
    let end = system.now().await;
    let path = format!("/api/v1/admin/replay-events?start={start}&end={end}");
    assert_eq!(system.post(&path, "").await.status, 202);
    await_value(&system, "xzepr_events_replayed_total", 3.0).await;
    assert_eq!(value(&system, "xzepr_requests_total{kind=\"replay\",outcome=\"accepted\"}").await, 1.0);
}

/// The rules of the specification, as a schema:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
fn specification() -> Value {
    let name = |max: u32| json!({"type": "string", "minLength": 1, "maxLength": max});
    json!({
        "required": ["_aws"],
        "properties": {"_aws": {
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": {
                    "required": ["Namespace", "Dimensions", "Metrics"],
                    "additionalProperties": false,
                    "properties": {
                        "Namespace": name(1024),
                        "Dimensions": {"type": "array", "minItems": 1, "items": {"type": "array", "maxItems": 30, "items": name(250)}},
                        "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": {
                            "required": ["Name"],
                            "additionalProperties": false,
                            "properties": {"Name": name(1024), "Unit": {"enum": ["Seconds", "Milliseconds", "Count", "None"]}},
                        }},
                    },
                }},
            },
        }},
    })
}

/// Checks that the names in a line's metadata are members of the line: a text for a dimension, one number or up to 100
/// with their counts for a metric.
fn check_members(line: &Value) {
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        for dimension in
            directive["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap())
        {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension} {line}");
        }
        for metric in directive["Metrics"].as_array().unwrap() {
            let value = &line[metric["Name"].as_str().unwrap()];
            let (values, counts) = (value["Values"].as_array(), value["Counts"].as_array());
            let is_distribution = values.is_some_and(|values| (1..=100).contains(&values.len()))
                && values.map(Vec::len) == counts.map(Vec::len);
            assert!(value.is_number() || is_distribution, "{metric} {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_metrics_follows_the_specification() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let ids = system.create_events(&receiver, 2).await;
    system.await_messages(&ids).await;
    await_value(&system, "xzepr_events_published_total{status=\"success\"}", 3.0).await;
    let specification = jsonschema::validator_for(&specification()).unwrap();
    let mut names = BTreeSet::new();
    for function in ["create-event", "create-event-receiver", "publish-events"] {
        let log = system.log(function);
        for line in log.lines().filter(|line| line.starts_with("{\"_aws\"")) {
            let line: Value = serde_json::from_str(line).unwrap();
            specification.validate(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            check_members(&line);
            assert_eq!(line["FunctionName"], function);
            names.extend(line.as_object().unwrap().keys().cloned());
        }
    }
    for name in
        ["Requests", "ColdStarts", "EventsPublished", "AcceptanceToAcknowledgement", "SchemaCacheMisses"]
    {
        assert!(names.contains(name), "{name} is not in {names:?}");
    }
}
