//! The questions about gates: of one group, and of all groups that concern an artifact.

use end_to_end::System;
use serde_json::{Value, json};

use super::{artifact, await_states, gate, group, post};

const UNKNOWN: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_tells_each_members_event_and_how_far_greens_are_behind() {
    let system = System::start().await;
    let receivers = system.create_receivers(3).await;
    let group = group(&system, &receivers, &json!({})).await;
    let green = post(&system, &receivers[0], "1", true).await;
    let red = post(&system, &receivers[1], "1", false).await;
    let gate = await_states(&system, &group, "1", &["green", "red", "missing"]).await;
    for (name, value) in [("group_id", &*group), ("name", "release-gate"), ("version", "1.0.0")] {
        assert_eq!(gate[name], value, "{gate}");
    }
    for (index, event) in [(0, json!(green)), (1, json!(red)), (2, Value::Null)] {
        let member = &gate["members"][index];
        assert_eq!(member["event_receiver_id"], receivers[index], "{gate}");
        assert_eq!((&member["name"], &member["type"]), (&json!("build"), &json!("com.example.build")));
        assert_eq!(member["event_id"], event, "{gate}");
        assert_eq!(member["age_s"].is_u64(), !event.is_null(), "{gate}");
        assert_eq!(member["created_at"].is_string(), !event.is_null(), "{gate}");
        assert_eq!(member.get("override"), None::<&Value>, "{gate}");
    }
    assert_eq!(gate["blocked_by"].as_array().map(Vec::len), Some(2), "{gate}");
    assert!(gate["greens"]["lag_ms"].is_u64(), "{gate}");
    let measured = gate["greens"]["measured_at"].as_str().unwrap();
    assert!(measured.parse::<chrono::DateTime<chrono::Utc>>().is_ok(), "{gate}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_groups_that_concern_an_artifact_are_told() {
    let system = System::start().await;
    let receivers = system.create_receivers(3).await;
    let complete = group(&system, &receivers[..1], &json!({"name": "complete"})).await;
    let waits = group(&system, &receivers[..2], &json!({"name": "waits"})).await;
    let off = group(&system, &receivers[..1], &json!({"name": "off", "enabled": false})).await;
    group(&system, &receivers[2..], &json!({"name": "of no event"})).await;
    group(&system, &[], &json!({"name": "empty"})).await;
    post(&system, &receivers[0], "1", true).await;
    await_states(&system, &waits, "1", &["green", "missing"]).await;
    system.next_message_of(super::TYPE).await;
    let response = system.get(&format!("/api/v1/gates?{}", artifact("1"))).await;
    assert_eq!((response.status, &*response.headers["cache-control"]), (200, "no-store"), "{response}");
    let gates = response.body["data"].as_array().unwrap();
    let mut told: Vec<_> =
        gates.iter().map(|gate| (gate["group_id"].as_str().unwrap(), gate["complete"] == true)).collect();
    told.sort_unstable();
    let mut expected = [(&*complete, true), (&waits, false), (&off, false)];
    expected.sort_unstable();
    assert_eq!(told, expected, "{response}");
    for told in gates {
        let id = told["group_id"].as_str().unwrap();
        let alone = gate(&system, id, "1").await;
        for member in ["complete", "completions", "last", "blocked_by", "enabled"] {
            assert_eq!(told[member], alone[member], "{member} of {id}");
        }
    }
    let unknown = system.read(&format!("/api/v1/gates?{}", artifact("unknown"))).await;
    assert_eq!(unknown["data"], json!([]), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_a_whole_artifact_is_refused() {
    let system = System::start().await;
    let group = group(&system, &[], &json!({})).await;
    let whole = artifact("1");
    let long = format!("{whole}&release={}", "x".repeat(10 * 1024)).replace("release=1&", "");
    for path in [format!("/api/v1/groups/{group}/gate"), "/api/v1/gates".to_owned()] {
        for name in ["name", "version", "release", "platform_id", "package"] {
            let others: Vec<_> =
                whole.split('&').filter(|pair| pair.split('=').next() != Some(name)).collect();
            let refused = system.get(&format!("{path}?{}", others.join("&"))).await;
            assert_eq!((refused.status, &refused.body["field"]), (400, &json!(name)), "{path}: {refused}");
            assert_eq!(refused.body["error"], "invalid_parameter", "{path}: {refused}");
        }
        for (query, parameter) in [
            (format!("{whole}&offset=1"), "offset"),
            (format!("{whole}&name=x"), "name"),
            (whole.replace("release=1", "release="), "release"),
            (long.clone(), "release"),
        ] {
            let refused = system.get(&format!("{path}?{query}")).await;
            assert_eq!((refused.status, &refused.body["field"]), (400, &json!(parameter)), "{refused}");
        }
    }
    for id in [UNKNOWN, "x"] {
        let unknown = system.get(&format!("/api/v1/groups/{id}/gate?{whole}")).await;
        assert_eq!((unknown.status, &unknown.body["error"]), (404, &json!("not_found")), "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_without_receivers_is_never_complete() {
    let system = System::start().await;
    let group = group(&system, &[], &json!({})).await;
    let gate = gate(&system, &group, "1").await;
    assert_eq!((&gate["complete"], &gate["members"]), (&json!(false), &json!([])), "{gate}");
    assert_eq!(gate["blocked_by"].as_array().map(Vec::len), Some(1), "{gate}");
}
