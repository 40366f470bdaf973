//! Log lines, as Lambda's JSON format has them.

use std::{collections::BTreeSet, fs, time::Duration};

use end_to_end::{PLANTED, System, eventually};
use local::samples;
use serde_json::{Value, json};

const LOGGED_WITHIN: Duration = Duration::from_secs(30);

async fn start_with_json() -> System {
    System::start_with(|options| {
        options.environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
    })
    .await
}

/// The lines of a function's log without those of metrics. Each is a JSON object.
fn lines(system: &System, function: &str) -> Vec<Value> {
    let log = system.log(function);
    let lines =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")));
    lines.filter(|line: &Value| line["_aws"].is_null()).collect()
}

/// The query in docs/operations.md.
fn query() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md");
    let text = fs::read_to_string(path).unwrap();
    let section = text.split("### Follow an event").nth(1).unwrap();
    section.split("```text\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

/// The paths of the members that a part of the query names.
fn members(part: &str) -> BTreeSet<String> {
    let words = part.split(|character: char| !(character.is_alphanumeric() || "._".contains(character)));
    words.filter(|word| word.starts_with("fields.") || word.starts_with("span.")).map(str::to_owned).collect()
}

fn member<'a>(line: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(line, |value, name| &value[name])
}

/// Whether the filter of the query selects a line: one of its members is the id, or contains it.
fn is_selected(line: &Value, filter: &str, id: &str) -> bool {
    members(filter).iter().any(|path| member(line, path).as_str().is_some_and(|text| text.contains(id)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_query_follows_an_event_from_its_post_to_its_topic() {
    let system = start_with_json().await;
    let receiver = system.create_receiver().await;
    let ids = system.create_events(&receiver, 2).await;
    system.await_messages(&ids).await;
    let query = query();
    let filter = query.split("| filter").nth(1).unwrap().split("| sort").next().unwrap();
    let selected = |function: &str| -> Vec<Value> {
        lines(&system, function).into_iter().filter(|line| is_selected(line, filter, &ids[0])).collect()
    };
    let [accepted] = &selected("create-event")[..] else { panic!("{:?}", selected("create-event")) };
    assert_eq!(accepted["fields"]["message"], "accepted");
    assert_eq!(accepted["fields"]["receiver_id"], json!(receiver));
    assert_eq!(accepted["fields"]["route"], "/api/v1/events");
    assert!(accepted["fields"]["duration_ms"].is_u64(), "{accepted}");
    let published = eventually(LOGGED_WITHIN, async || {
        let published = selected("publish-events");
        if published.is_empty() { Err("no line") } else { Ok(published) }
    })
    .await;
    let [published] = &published[..] else { panic!("{published:?}") };
    assert_eq!(published["fields"]["message"], "published");
    assert_eq!(published["fields"]["topic"], json!(system.stack.topic));

    for line in [accepted, published] {
        assert_eq!(line["level"], "INFO");
        for id in ["requestId", "xrayTraceId"] {
            assert!(line["span"][id].as_str().is_some_and(|id| !id.is_empty()), "{id} {line}");
        }
    }
    // Each member that the query shows is in one of the lines.
    for path in members(query.split("| filter").next().unwrap()) {
        let is_there = [accepted, published].iter().any(|line| !member(line, &path).is_null());
        assert!(is_there, "{path} is in no line");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_of_a_request_has_one_line() {
    let system = start_with_json().await;
    let receiver = system.create_receiver().await;
    system.create_receiver().await;
    let event = samples::event(&receiver);
    for _ in 0..2 {
        system.post_with_key("/api/v1/events", &event, "run-1").await;
    }
    system.post("/api/v1/events", "{}").await;
    let messages = |function: &str| -> Vec<String> {
        let lines = lines(&system, function);
        let of_requests = lines.iter().filter(|line| line["span"]["requestId"].is_string());
        let mut messages: Vec<_> =
            of_requests.map(|line| line["fields"]["message"].as_str().unwrap().to_owned()).collect();
        messages.sort_unstable();
        messages
    };
    assert_eq!(messages("create-event-receiver"), ["accepted", "repeated"]);
    assert_eq!(messages("create-event"), ["accepted", "refused: 8 faults in the body", "repeated"]);
    let ready = lines(&system, "publish-events");
    let ready = ready.iter().find(|line| line["fields"]["message"] == "the publisher is ready").unwrap();
    assert_eq!(ready["fields"]["topics"], 1);
}

/// The end of each system checks its logs.
#[tokio::test(flavor = "multi_thread")]
async fn no_part_of_a_request_is_logged() {
    for format in ["JSON", "Text"] {
        let system = System::start_with(|options| {
            options.environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), format.to_owned());
        })
        .await;
        let receiver = system.create_receiver().await;
        let mut planted = samples::receiver();
        planted["description"] = json!(PLANTED);
        planted["schema"] =
            json!({"title": PLANTED, "type": "object", "properties": {PLANTED: {"const": PLANTED}}});
        let planted_receiver = system.create("/api/v1/event-receivers", &planted).await;
        planted["schema"] = json!({"type": PLANTED});
        let refused = system.post_with_key("/api/v1/event-receivers", &planted, PLANTED).await;
        assert_eq!(refused.status, 400, "{refused}");

        let mut event = samples::event(&receiver);
        event["payload"]["token"] = json!(PLANTED);
        event["description"] = json!(PLANTED);
        let id = system.post_with_key("/api/v1/events", &event, PLANTED).await.id();
        event["event_receiver_id"] = json!(planted_receiver);
        event["payload"] = json!({PLANTED: "other"});
        let bodies = [event.to_string(), format!("{{\"{PLANTED}\": {PLANTED}"), format!("\"{PLANTED}\"")];
        for body in bodies {
            assert_eq!(system.post("/api/v1/events", body).await.status, 400);
        }
        let keyed: [(&str, &[u8]); 1] = [("idempotency-key", b"\"planted-a-secret")];
        assert_eq!(system.post_with_headers("/api/v1/events", &keyed, event.to_string()).await.status, 400);
        for (path, query, status) in [
            ("events", format!("name={PLANTED}&version={PLANTED}"), 200),
            ("events", format!("{PLANTED}={PLANTED}"), 400),
            ("events", format!("cursor={PLANTED}"), 400),
            ("receivers", format!("limit={PLANTED}"), 400),
            ("gates", format!("name={PLANTED}"), 400),
            (PLANTED, String::new(), 404),
        ] {
            let read = system.get(&format!("/api/v1/{path}?{query}")).await;
            assert_eq!(read.status, status, "{path}?{query}: {read}");
        }
        let group = system.create("/api/v1/groups", &samples::group(&receiver)).await;
        let changed = system.patch(&format!("/api/v1/groups/{group}"), format!("{{\"{PLANTED}\":0}}")).await;
        assert_eq!(changed.status, 400, "{changed}");
        let replay = format!("/api/v1/admin/replay-events?start={PLANTED}&end={PLANTED}");
        assert_eq!(system.post(&replay, "").await.status, 400);
        system.await_messages(&[id]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_knows_no_topic_says_nothing_of_kafka_before_its_first_message() {
    let system = System::start_with(|options| {
        let routes = r#"[{"name": "builds", "topic": "{package}.builds"}]"#;
        options.environment.insert("XZEPR_ROUTES".to_owned(), routes.to_owned());
        options.environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
    })
    .await;
    let waits = "the publisher connects to Kafka with its first message, which names the topic";
    let messages = eventually(LOGGED_WITHIN, async || {
        let lines = lines(&system, "publish-events");
        let messages: Vec<_> = lines.iter().map(|line| line["fields"]["message"].to_string()).collect();
        if messages.iter().any(|message| message.contains(waits)) {
            Ok(messages)
        } else {
            Err(messages.join("\n"))
        }
    })
    .await;
    assert!(!messages.iter().any(|message| message.contains("is ready")), "{messages:?}");
    let metrics = system.metrics().await;
    assert!(!metrics.contains("\nxzepr_kafka_connection_status 1"), "{metrics}");
}
