//! Lists of receivers and groups: readable at once after a POST, with filters and a true total.

use std::collections::BTreeSet;

use end_to_end::System;
use local::samples;
use serde_json::{Value, json};

const RECEIVERS: &str = "/api/v1/event-receivers";
const GROUPS: &str = "/api/v1/event-receiver-groups";

/// The ids of a page.
fn ids(page: &Value) -> Vec<String> {
    let entries = page["data"].as_array().unwrap().iter();
    entries.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

async fn create_receiver(system: &System, name: &str, kind: &str, version: &str) -> String {
    let mut body = samples::receiver();
    (body["name"], body["type"], body["version"]) = (json!(name), json!(kind), json!(version));
    system.create(RECEIVERS, &body).await
}

async fn create_group(system: &System, name: &str, is_enabled: bool, receivers: &[&str]) -> String {
    let body = json!({"name": name, "type": "gate", "version": "1", "description": "d", "enabled": is_enabled,
        "event_receiver_ids": receivers});
    system.create(GROUPS, &body).await
}

/// Reads a list with each query, which must find these entries in any order, and all at once.
async fn assert_found<const N: usize>(system: &System, path: &str, found: [(&str, &[&String]); N]) {
    for (query, expected) in found {
        let page = system.read(&format!("{path}?{query}")).await;
        let expected: BTreeSet<_> = expected.iter().map(|id| (*id).clone()).collect();
        assert_eq!(ids(&page).into_iter().collect::<BTreeSet<_>>(), expected, "{query}: {page}");
        assert_eq!(page["pagination"]["total"], expected.len(), "{query}: {page}");
        assert_eq!(page["pagination"]["has_more"], false, "{query}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_are_found_by_every_filter_and_by_all_at_once() {
    let system = System::start().await;
    let build = create_receiver(&system, "build", "com.example.build", "1").await;
    let newer = create_receiver(&system, "build", "com.example.build", "2").await;
    let scan = create_receiver(&system, "scan", "com.example.scan", "1").await;
    let read = system.read(&format!("{RECEIVERS}/{newer}")).await;
    let fingerprint = read["fingerprint"].as_str().unwrap().replace(':', "%3A");
    let [by_print, by_all] = [
        format!("fingerprint={fingerprint}"),
        format!("type=com.example.build&name=build&version=2&fingerprint={fingerprint}&limit=1000&offset=0"),
    ];
    let found: [(&str, &[&String]); 9] = [
        ("", &[&build, &newer, &scan]),
        ("name=build", &[&build, &newer]),
        ("type=com.example.scan", &[&scan]),
        ("version=1", &[&build, &scan]),
        ("name=build&version=1", &[&build]),
        ("name=scan&version=2", &[]),
        ("name=Build", &[]),
        (&by_print, &[&newer]),
        (&by_all, &[&newer]),
    ];
    assert_found(&system, RECEIVERS, found).await;
    assert_found(&system, "/api/v1/receivers", found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_found_by_every_filter_and_by_their_present_state() {
    let system = System::start().await;
    let [build, scan] =
        [("build", "b"), ("scan", "s")].map(|(name, kind)| create_receiver(&system, name, kind, "1"));
    let (build, scan) = (build.await, scan.await);
    let both = create_group(&system, "both", true, &[&build, &scan]).await;
    let one = create_group(&system, "one", true, &[&build]).await;
    let none = create_group(&system, "none", false, &[]).await;
    let [of_build, of_scan] = [&build, &scan].map(|id| format!("event_receiver_id={id}"));
    let of_all = format!("{of_scan}&name=both&type=gate&version=1&enabled=true&limit=1&offset=0");
    let found: [(&str, &[&String]); 9] = [
        ("", &[&both, &one, &none]),
        ("enabled=true", &[&both, &one]),
        ("enabled=false", &[&none]),
        ("name=one", &[&one]),
        ("type=gate&version=1", &[&both, &one, &none]),
        ("version=2", &[]),
        (&of_build, &[&both, &one]),
        (&of_scan, &[&both]),
        (&of_all, &[&both]),
    ];
    assert_found(&system, GROUPS, found).await;
    assert_found(&system, "/api/v1/groups", found).await;

    let patched = system.patch(&format!("{GROUPS}/{both}"), r#"{"enabled":false}"#).await;
    assert_eq!(patched.status, 200, "{patched}");
    assert_found(&system, GROUPS, [("enabled=true", &[&one]), ("enabled=false", &[&both, &none])]).await;
    let page = system.read(&format!("{GROUPS}?name=both")).await;
    let read = system.read(&format!("{GROUPS}/{both}")).await;
    for member in ["enabled", "updated_at", "event_receiver_ids", "created_at"] {
        assert_eq!(page["data"][0][member], read[member], "{member}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_every_entry_once_and_name_the_next_one() {
    let system = System::start().await;
    let created: BTreeSet<_> = system.create_receivers(7).await.into_iter().collect();
    let mut offset = 0;
    let mut found = Vec::new();
    loop {
        let page = system.read(&format!("/api/v1/receivers?limit=3&offset={offset}&name=build")).await;
        let pagination = &page["pagination"];
        assert_eq!((&pagination["limit"], &pagination["offset"]), (&json!(3), &json!(offset)), "{page}");
        assert_eq!(pagination["total"], 7, "{page}");
        found.extend(ids(&page));
        assert_eq!(pagination["has_more"], pagination["next"] != Value::Null, "{page}");
        let Some(next) = pagination["next"].as_u64() else { break };
        assert_eq!(next, offset + 3, "{page}");
        offset = next;
    }
    assert_eq!(found.len(), 7);
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), created);
    let beyond = system.read("/api/v1/receivers?offset=1000000").await;
    assert_eq!((&beyond["data"], &beyond["pagination"]["total"]), (&json!([]), &json!(7)), "{beyond}");
}

/// As xzatoma does: it lists, and creates a receiver if it finds none.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_lists_and_then_creates_finds_its_own_receiver() {
    let system = System::start().await;
    let list = "/api/v1/receivers?limit=10&offset=0&name=build&type=com.example.build";
    for _ in 0..20 {
        let mut body = samples::receiver();
        body["version"] = json!(fastrand::u64(..).to_string());
        let before = system.read(list).await["pagination"]["total"].as_u64().unwrap();
        let id = system.create(RECEIVERS, &body).await;
        let page = system.read(&format!("{list}&version={}", body["version"].as_str().unwrap())).await;
        assert_eq!(ids(&page), [id], "{page}");
        let after = system.read(list).await;
        assert_eq!(after["pagination"]["total"], before + 1, "{after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_parameter_of_a_list_is_refused_with_its_name() {
    let system = System::start().await;
    let long = format!("name={}", "x".repeat(10 * 1024));
    for (query, parameter) in [
        ("nmae=build", "nmae"),
        ("name=build&name=build", "name"),
        ("name=", "name"),
        (&*long, "name"),
        ("limit=0", "limit"),
        ("limit=1000000000", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("offset=18446744073709551616", "offset"),
        ("cursor=x", "cursor"),
    ] {
        for path in [RECEIVERS, GROUPS] {
            let refused = system.get(&format!("{path}?{query}")).await;
            assert_eq!(
                (refused.status, &refused.body["error"]),
                (400, &json!("invalid_parameter")),
                "{refused}"
            );
            assert_eq!(refused.body["field"], parameter, "{path}?{query:.80}: {refused}");
        }
    }
    for (path, query, parameter) in [
        (RECEIVERS, "enabled=true", "enabled"),
        (GROUPS, "fingerprint=x", "fingerprint"),
        (GROUPS, "enabled=yes", "enabled"),
        (GROUPS, "event_receiver_id=build", "event_receiver_id"),
    ] {
        let refused = system.get(&format!("{path}?{query}")).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!(parameter)), "{query}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_schemas_exceed_an_answer_is_cut_into_pages() {
    let system = System::start().await;
    // Quotation marks and backslashes are two bytes in Lambda's answer. 47 of these schemas exceed its 6 MB.
    let schema = format!(r#"{{"description":"{}"}}"#, r#"\""#.repeat(32_000));
    let mut created = BTreeSet::new();
    for version in 0..60 {
        let body =
            format!(r#"{{"name":"n","type":"t","version":"{version}","description":"d","schema":{schema}}}"#);
        let response = system.post(RECEIVERS, body).await;
        assert_eq!(response.status, 200, "{response}");
        created.insert(response.id());
    }
    let (mut offset, mut pages, mut found) = (0, 0, Vec::new());
    loop {
        let page = system.read(&format!("{RECEIVERS}?limit=1000&offset={offset}")).await;
        assert_eq!(page["pagination"]["total"], 60);
        found.extend(ids(&page));
        pages += 1;
        let Some(next) = page["pagination"]["next"].as_u64() else { break };
        offset = next;
    }
    assert!(pages > 1, "{pages}");
    assert_eq!(found.len(), 60);
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), created);
}
