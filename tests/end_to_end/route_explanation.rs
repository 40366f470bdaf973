//! `local routes explain`, beside a system with the same routes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    process::Stdio,
};

use end_to_end::System;
use local::samples;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

const ROUTES: &str = r#"[
    {"name": "all", "topic": "{environment}.{package}"},
    {"name": "failures", "topic": "failures", "key": "artifact", "when": {"success": false, "kind": "event"}},
    {"name": "builds", "topic": "{receiver_type}", "key": "receiver", "when": {"receiver_type": "com.example.*"}},
    {"name": "linux", "topic": "linux", "when": {"platform_id": ["linux*", "alpine"], "name": "com.example.{build,test}.*"}}
]"#;

const EVENTS: usize = 20;

fn variables() -> [(String, String); 2] {
    [("XZEPR_ROUTES", ROUTES), ("XZEPR_ENVIRONMENT", "dev")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// Runs the command, which must succeed, with this standard input. Returns the lines that it prints.
async fn explain(arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(local::program("local"));
    command.args(["routes", "explain"]).args(arguments).envs(variables());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The topic and the key of each route that matches.
fn matching(explanation: &str) -> BTreeMap<String, (String, String)> {
    let blocks = explanation.split("\n\n");
    let matching = blocks.filter_map(|block| {
        let (route, place) = block.strip_prefix("Route ")?.split_once(" matches:\n  topic: ")?;
        let (topic, rest) = place.split_once("\n  key: ")?;
        Some((route.to_owned(), (topic.to_owned(), rest.lines().next()?.to_owned())))
    });
    matching.collect()
}

/// An event with some of the values that the routes compare.
fn event(receiver: &str, random: &mut fastrand::Rng) -> Value {
    let mut event = samples::event(receiver);
    let mut choose = |choices: &[&'static str]| choices[random.usize(..choices.len())];
    event["package"] = choose(&["myapp", "my app", "other"]).into();
    event["platform_id"] = choose(&["linux-x86_64", "alpine", "windows"]).into();
    event["name"] = choose(&["com.example.build.finished", "com.example.deploy.finished"]).into();
    event["success"] = random.bool().into();
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_names_the_places_of_the_events_messages() {
    let system = System::start_with(|options| options.environment.extend(variables())).await;
    let receiver = system.create_receiver().await;
    let mut random = fastrand::Rng::with_seed(7);
    let mut expected = BTreeSet::new();
    for _ in 0..EVENTS {
        let id = system.create("/api/v1/events", &event(&receiver, &mut random)).await;
        let explanation = explain(&[&id, "--dynamodb-endpoint", &system.stack.dynamodb_url], "").await;
        let routes = matching(&explanation);
        assert!(routes.contains_key("all") && routes.contains_key("builds"), "{explanation}");
        expected.extend(routes.into_iter().map(|(route, (topic, key))| (route, topic, key, id.clone())));
    }
    let mut arrived = BTreeSet::new();
    // The event of the new receiver takes the routes `all` and `builds`.
    for record in system.next_messages(expected.len() + 2).await {
        let headers: HashMap<_, _> = record.headers.into_iter().collect();
        let message: Value = serde_json::from_str(&record.value).unwrap();
        let id = message["id"].as_str().unwrap().to_owned();
        arrived.insert((headers["xzepr-route"].clone(), record.topic, record.key, id));
    }
    let unexplained: BTreeSet<_> = arrived.difference(&expected).map(|(route, ..)| route.as_str()).collect();
    assert_eq!(unexplained, BTreeSet::from(["all", "builds"]));
    assert_eq!(arrived.len(), expected.len() + 2);
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_explained_with_its_receiver_from_the_table_or_with_the_named_type() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let body = samples::event(&receiver).to_string();
    let read = explain(&["-", "--dynamodb-endpoint", &system.stack.dynamodb_url], &body).await;
    assert_eq!(matching(&read)["builds"], ("com.example.build".to_owned(), receiver.clone()));
    let named = explain(&["-", "--receiver-type", "org.example.build"], &body).await;
    assert!(!matching(&named).contains_key("builds"), "{named}");
    let difference = r#"receiver_type is "org.example.build", and the route accepts com.example.*"#;
    assert!(named.contains(difference), "{named}");
    let unread = explain(&["-", "--dynamodb-endpoint", "http://127.0.0.1:1"], &body).await;
    assert!(unread.contains("Route builds may match. It compares the receiver_type:\n"), "{unread}");
    assert!(unread.contains("name its type with --receiver-type"), "{unread}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_call_ends_with_2_and_an_event_or_settings_that_cannot_be_read_with_1() {
    // The start of a system builds the program.
    let system = System::start().await;
    let endpoint = &*system.stack.dynamodb_url;
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let unknown = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";
    for (arguments, routes, status, text) in [
        (&["explain"][..], None, 2, "<EVENT>"),
        (&["explain", "-", "--receiver-type", " "], None, 2, "must not be blank"),
        (
            &["explain", "no-such-file"],
            None,
            1,
            "no-such-file is no event's id, and no file that can be read",
        ),
        (&["explain", path], None, 1, "the body is not JSON"),
        (&["explain", unknown, "--dynamodb-endpoint", endpoint], None, 1, "there is no event 01HJ1K2M3N4P5Q"),
        (&["explain", path], Some("[{}]"), 1, "settings: XZEPR_ROUTES"),
    ] {
        let mut command = Command::new(local::program("local"));
        command.arg("routes").args(arguments).stdin(Stdio::null());
        command.envs(routes.map(|routes| ("XZEPR_ROUTES", routes)));
        let output = command.output().await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        assert!(error.contains(text), "{arguments:?}: {error}");
    }
}
