//! One gate from its first event to its second completion, and on.

use end_to_end::{System, created_at, redacted};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{TYPE, await_states, gate, group, member_states, payload, post};

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_completes_at_the_last_green_and_again_only_after_a_failure() {
    let system = System::start().await;
    let receivers = system.create_receivers(2).await;
    let [build, scan] = &receivers[..] else { unreachable!() };
    let group = group(&system, &receivers, &json!({})).await;
    let before = gate(&system, &group, "1").await;
    assert_eq!(member_states(&before), ["missing", "missing"], "{before}");
    assert_eq!((&before["complete"], &before["completions"]), (&json!(false), &json!(0)), "{before}");
    assert_eq!((&before["last"], &before["enabled"]), (&Value::Null, &json!(true)), "{before}");
    assert_eq!(before["blocked_by"].as_array().map(Vec::len), Some(2), "{before}");

    let built = post(&system, build, "1", true).await;
    let failed = post(&system, scan, "1", false).await;
    // A failure is known at once.
    let red = gate(&system, &group, "1").await;
    assert_eq!(
        (&red["members"][1]["state"], &red["members"][1]["event_id"]),
        (&json!("red"), &json!(failed))
    );
    let red = await_states(&system, &group, "1", &["green", "red"]).await;
    assert_eq!((&red["members"][0]["event_id"], &red["complete"]), (&json!(built), &json!(false)), "{red}");
    assert_eq!(red["blocked_by"].as_array().map(Vec::len), Some(1), "{red}");
    assert_eq!(system.further_messages_of(TYPE), []);

    let scanned = post(&system, scan, "1", true).await;
    let message = system.next_message_of(TYPE).await;
    let event = message.key.clone();
    let [first, second] = if build < scan { [build, scan] } else { [scan, build] };
    let of = |receiver: &String| if receiver == build { &*built } else { &*scanned };
    let values = [
        (&*event, "event"),
        (&*group, "group"),
        (&*created_at(&event), "time of the event's id"),
        (&*format!(r#""trigger_event_id":"{scanned}""#), "the last green"),
        (&**first, "first receiver"),
        (of(first), "its event"),
        (&**second, "second receiver"),
        (of(second), "event of the second"),
    ];
    assert_snapshot!(redacted(&message.value, &values), @r#"{"success":true,"id":"[event]","specversion":"1.0.1","type":"com.example.gate","source":"xzepr.event.receiver.group.[group]","api_version":"v1","name":"com.example.build.finished","version":"2.1.0","release":"1","platform_id":"linux-x86_64","package":"myapp","data":{"description":"Event receiver group 'release-gate' is complete","event_receiver_id":"[group]","created_at":"[time of the event's id]","payload":{"group_id":"[group]","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"The steps before a release","completion":1,[the last green],"events":[{"event_receiver_id":"[first receiver]","event_id":"[its event]"},{"event_receiver_id":"[second receiver]","event_id":"[event of the second]"}]}}}"#);
    let complete = await_states(&system, &group, "1", &["green", "green"]).await;
    assert_eq!((&complete["complete"], &complete["completions"]), (&json!(true), &json!(1)), "{complete}");
    assert_eq!(complete["blocked_by"], json!([]), "{complete}");
    let last = &complete["last"];
    assert_eq!((&last["event_id"], &last["completion"]), (&json!(event), &json!(1)), "{complete}");
    assert_eq!((&last["events"], &last["at"]), (&payload(&message)["events"], &json!(created_at(&event))));
    let read = system.read(&format!("/api/v1/events/{event}")).await;
    assert_eq!((&read["kind"], &read["type"]), (&json!("group.complete"), &json!(TYPE)), "{read}");
    assert_eq!((&read["payload"], &read["release"]), (&payload(&message), &json!("1")), "{read}");

    for receiver in [build, scan, build] {
        post(&system, receiver, "1", true).await;
    }
    assert_eq!(system.further_messages_of(TYPE), [], "a step that runs again completes nothing again");
    post(&system, build, "1", false).await;
    let red = gate(&system, &group, "1").await;
    assert_eq!((&red["complete"], &red["completions"]), (&json!(false), &json!(1)), "{red}");
    assert_eq!(system.further_messages_of(TYPE), [], "a failure is announced only where it was asked for");
    let built = post(&system, build, "1", true).await;
    let second = payload(&system.next_message_of(TYPE).await);
    assert_eq!((&second["completion"], &second["trigger_event_id"]), (&json!(2), &json!(built)), "{second}");
    assert_eq!(system.further_messages_of(TYPE), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_another_artifact_complete_no_gate() {
    let system = System::start().await;
    let receivers = system.create_receivers(2).await;
    let group = group(&system, &receivers, &json!({})).await;
    post(&system, &receivers[0], "1", true).await;
    post(&system, &receivers[1], "2", true).await;
    assert_eq!(member_states(&await_states(&system, &group, "1", &["green", "missing"]).await).len(), 2);
    await_states(&system, &group, "2", &["missing", "green"]).await;
    assert_eq!(system.further_messages_of(TYPE), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_gate_announces_nothing_and_a_later_event_does_once_it_is_enabled() {
    let system = System::start().await;
    let receivers = system.create_receivers(2).await;
    let group = group(&system, &receivers, &json!({"enabled": false})).await;
    let path = format!("/api/v1/event-receiver-groups/{group}");
    for receiver in &receivers {
        post(&system, receiver, "1", true).await;
    }
    let disabled = await_states(&system, &group, "1", &["green", "green"]).await;
    assert_eq!((&disabled["enabled"], &disabled["completions"]), (&json!(false), &json!(0)), "{disabled}");
    assert_eq!(disabled["complete"], false, "{disabled}");
    assert_eq!(disabled["blocked_by"].as_array().map(Vec::len), Some(1), "{disabled}");
    assert_eq!(system.patch(&path, r#"{"enabled":true}"#).await.status, 200);
    assert_eq!(system.further_messages_of(TYPE), [], "enabling announces nothing by itself");
    post(&system, &receivers[0], "1", true).await;
    assert_eq!(payload(&system.next_message_of(TYPE).await)["completion"], 1);

    assert_eq!(system.patch(&path, r#"{"enabled":false}"#).await.status, 200);
    post(&system, &receivers[0], "1", false).await;
    post(&system, &receivers[0], "1", true).await;
    assert_eq!(system.further_messages_of(TYPE), [], "it is disabled again");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_came_before_the_group_count() {
    let system = System::start().await;
    let receivers = system.create_receivers(2).await;
    for receiver in &receivers {
        post(&system, receiver, "1", true).await;
    }
    system.next_messages(4).await;
    let group = group(&system, &receivers, &json!({})).await;
    let seen = await_states(&system, &group, "1", &["green", "green"]).await;
    assert_eq!(seen["completions"], 0, "{seen}");
    assert_eq!(system.further_messages_of(TYPE), [], "a new group announces nothing by itself");
    post(&system, &receivers[1], "1", true).await;
    assert_eq!(payload(&system.next_message_of(TYPE).await)["completion"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_last_greens_at_the_same_time_make_one_completion() {
    let system = System::start().await;
    let receivers = system.create_receivers(2).await;
    group(&system, &receivers, &json!({})).await;
    let releases: Vec<_> = (0..25).map(|release| release.to_string()).collect();
    for release in &releases {
        tokio::join!(
            post(&system, &receivers[0], release, true),
            post(&system, &receivers[1], release, true)
        );
    }
    let mut completed = Vec::new();
    for _ in &releases {
        let message = system.next_message_of(TYPE).await;
        assert_eq!(payload(&message)["completion"], 1, "{message:?}");
        let value: Value = serde_json::from_str(&message.value).unwrap();
        completed.push(value["release"].as_str().unwrap().to_owned());
    }
    completed.sort_by_key(|release| release.parse::<u32>().unwrap());
    assert_eq!(completed, releases);
    assert_eq!(system.further_messages_of(TYPE), []);
}
