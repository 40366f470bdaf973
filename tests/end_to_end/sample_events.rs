//! The samples in `events/`: each one is sent to its function, each function has one, and the docs name each one.

use std::{collections::BTreeSet, fs, path::PathBuf};

use end_to_end::System;
use serde_json::Value;

/// The response that a sample gets on a new system.
enum Expected {
    /// An HTTP response with this status.
    Status(u64),
    /// A response that is not HTTP.
    Success,
    /// The message stays in its queue: a replay of its time must end first.
    StaysInQueue,
    /// An error with this text: the sample names something that a new system does not have.
    Error(&'static str),
}

use Expected::{Error, Status, StaysInQueue, Success};

/// Each sample, its function and its response.
const SAMPLES: [(&str, &str, Expected); 25] = [
    ("create-event-receiver", "create-event-receiver", Status(200)),
    ("create-event-receiver-group", "create-event-receiver-group", Status(400)),
    ("create-event", "create-event", Status(400)),
    ("create-event-structured", "create-event", Status(400)),
    ("create-event-binary", "create-event", Status(400)),
    ("create-event-batch", "create-event", Status(207)),
    ("modify-event-receiver-group", "modify-event-receiver-group", Status(404)),
    ("query-registry", "query-registry", Status(200)),
    ("get-event", "query-registry", Status(404)),
    ("get-gate", "query-registry", Status(404)),
    ("refuse-unknown-path", "refuse-unknown-path", Status(404)),
    ("publish-events", "publish-events", Success),
    ("index-events", "index-events", Success),
    ("redrive-dead-letters", "redrive-dead-letters", Success),
    ("list-dead-letters", "redrive-dead-letters", Success),
    ("retry-dead-letters", "redrive-dead-letters", Success),
    ("drop-dead-letters", "redrive-dead-letters", Error("there is no dead letter EVENT#2023-12-19#Q")),
    ("start-replay", "manage-replays", Status(202)),
    ("get-replay", "manage-replays", Status(404)),
    ("get-status", "describe-api", Status(200)),
    ("replay-events", "replay-events", Error("01HJ37820W5Q6R7S8T9V0W1X2Y")),
    ("resume-replays", "resume-replays", Success),
    ("replay-unpublished", "replay-unpublished", StaysInQueue),
    ("reconcile-events", "reconcile-events", Success),
    ("reconcile-past-hour", "reconcile-events", Success),
];

/// Whether a count or a list of failures is absent or empty.
fn is_none(failures: &Value) -> bool {
    failures.is_null() || failures == 0 || failures.as_array().is_some_and(Vec::is_empty)
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The samples' names: those of the files without `.json`.
fn files() -> BTreeSet<String> {
    let paths = fs::read_dir(root().join("events")).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| path.file_name().unwrap().to_str().unwrap().replace(".json", "")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_gets_its_response() {
    let system = System::start().await;
    for (sample, function, expected) in SAMPLES {
        let text = fs::read_to_string(root().join(format!("events/{sample}.json"))).unwrap();
        let event: Value = serde_json::from_str(&text).unwrap();
        let response = system.stack.invoke(function, &event).await;
        match (expected, response) {
            (Status(status), Ok(response)) => {
                assert_eq!(response["statusCode"], status, "{sample}: {response}")
            }
            (Success, Ok(response)) => {
                assert_eq!(response["statusCode"], Value::Null, "{sample}: {response}");
                let failures = [&response["batchItemFailures"], &response["failed"]];
                assert!(failures.iter().all(|failed| is_none(failed)), "{sample}: {response}");
            }
            (StaysInQueue, Ok(response)) => {
                assert_eq!(response["batchItemFailures"].as_array().map(Vec::len), Some(1), "{response}")
            }
            (Error(text), Err(error)) => assert!(error.to_string().contains(text), "{sample}: {error}"),
            (_, response) => panic!("{sample}: {response:?}"),
        }
    }
    let published: Vec<_> = system.next_messages(4).await.into_iter().map(|record| record.key).collect();
    assert!(published.iter().any(|key| key == "01HJ1MENSCTEVPANSG0DDWE0CQ"), "{published:?}");
}

#[test]
fn every_file_is_a_sample_of_this_test() {
    assert_eq!(files(), SAMPLES.iter().map(|(sample, ..)| (*sample).to_owned()).collect());
}

#[test]
fn every_function_has_a_sample() {
    for function in fs::read_dir(root().join("functions")).unwrap() {
        let function = function.unwrap().file_name();
        assert!(SAMPLES.iter().any(|(_, of, _)| **of == *function), "{function:?} has no sample in events/");
    }
}

#[test]
fn the_docs_name_every_sample() {
    let mut docs = fs::read_to_string(root().join("README.md")).unwrap();
    for entry in fs::read_dir(root().join("docs")).into_iter().flatten() {
        docs += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    let is_in_a_name = |character: char| character.is_alphanumeric() || character == '-';
    let names: BTreeSet<_> = docs.split(|character| !is_in_a_name(character)).collect();
    for sample in files() {
        assert!(names.contains(&*sample), "neither README.md nor docs/ names {sample}");
    }
}
