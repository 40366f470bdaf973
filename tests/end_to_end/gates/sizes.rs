//! Large gates: many receivers, many groups of one receiver, and one artifact for everything.

use std::collections::BTreeSet;

use end_to_end::System;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{TYPE, artifact, await_states, gate, group, member_states, payload, post};

/// How many requests are under way at the same time.
const AT_ONCE: usize = 6;

/// Posts an event of each receiver, several at the same time.
async fn post_all(system: &System, receivers: &[String], release: &str, success: bool) {
    let posts = receivers.iter().map(|receiver| post(system, receiver, release, success));
    stream::iter(posts).buffer_unordered(AT_ONCE).for_each(async |_| ()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_500_receivers_completes_once() {
    let system = System::start().await;
    let receivers = system.create_receivers(500).await;
    let group = group(&system, &receivers, &json!({})).await;
    let (last, others) = receivers.split_last().unwrap();
    post_all(&system, others, "1", true).await;
    let mut states = vec!["green"; 499];
    states.push("missing");
    await_states(&system, &group, "1", &states).await;
    post(&system, last, "1", true).await;
    let message = payload(&system.next_message_of(TYPE).await);
    assert_eq!(message["events"].as_array().map(Vec::len), Some(500));
    let complete = gate(&system, &group, "1").await;
    assert_eq!((&complete["complete"], &complete["completions"]), (&json!(true), &json!(1)));
    assert_eq!(member_states(&complete).len(), 500);
    post_all(&system, &receivers[..5], "1", true).await;
    assert_eq!(system.further_messages_of(TYPE), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_in_100_groups_completes_each_of_them_once() {
    let system = System::start().await;
    let receivers = system.create_receivers(1).await;
    let mut groups = BTreeSet::new();
    for number in 0..100 {
        groups.insert(group(&system, &receivers, &json!({"name": format!("gate-{number}")})).await);
    }
    post(&system, &receivers[0], "1", true).await;
    let mut completed = BTreeSet::new();
    for _ in 0..100 {
        let message = payload(&system.next_message_of(TYPE).await);
        assert_eq!(message["completion"], 1, "{message}");
        completed.insert(message["group_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(completed, groups);
    assert_eq!(system.further_messages_of(TYPE), []);
    let told = system.read(&format!("/api/v1/gates?{}&limit=100", artifact("1"))).await;
    let told = told["data"].as_array().unwrap();
    assert!(told.len() == 100 && told.iter().all(|gate| gate["complete"] == true));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_artifact_for_everything_keeps_its_gate_right() {
    let system = System::start().await;
    let receivers = system.create_receivers(4).await;
    let group = group(&system, &receivers, &json!({})).await;
    // Each receiver posts many times, all at the same time.
    let many: Vec<_> = receivers.iter().cycle().take(80).cloned().collect();
    for round in 1..=3 {
        post_all(&system, &many, "latest", true).await;
        let message = payload(&system.next_message_of(TYPE).await);
        assert_eq!(message["completion"], round, "{message}");
        post_all(&system, &many, "latest", false).await;
        let red = gate(&system, &group, "latest").await;
        assert_eq!(member_states(&red), ["red"; 4], "{red}");
        assert_eq!((&red["complete"], &red["completions"]), (&json!(false), &json!(round)), "{red}");
    }
    let further: Vec<Value> = system.further_messages_of(TYPE).iter().map(payload).collect();
    assert_eq!(further, [] as [Value; 0]);
}
