//! A test for each access pattern. Events by id are in `reads.rs`, lists in `lists.rs`, the gates of an artifact in
//! `gates/`.

use std::slice;

use end_to_end::System;
use serde_json::{Value, json};

use super::{EVENTS, create, found, ids};

/// Some ids, the last one first.
fn reversed(ids: &[&String]) -> Vec<String> {
    ids.iter().rev().map(|id| (*id).clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_events_come_first_and_need_no_index() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let created = system.next_messages(1).await.remove(0).key;
    let events = system.create_events(&receiver, 5).await;
    let newest = system.read(EVENTS).await;
    let expected: Vec<_> = events.iter().rev().chain([&created]).cloned().collect();
    assert_eq!(ids(&newest), expected, "{newest}");
    assert_eq!(newest["pagination"], json!({"limit": 50, "has_more": false, "next": null}));
    // The days before are read first, so a page may end by its time before it has an event.
    let oldest = found(&system, "sort=created_at:asc").await;
    assert_eq!(oldest, expected.into_iter().rev().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_range_has_its_start_and_not_its_end() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    system.create_events(&receiver, 2).await;
    let from = system.now().await;
    let inside = system.create_events(&receiver, 3).await;
    let to = system.now().await;
    system.create_events(&receiver, 2).await;
    let inside = reversed(&inside.iter().collect::<Vec<_>>());
    assert_eq!(found(&system, &format!("from={from}&to={to}")).await, inside);
    // Also with the index.
    system.await_indexed(&inside).await;
    for filter in ["name=com.example.build.finished".to_owned(), format!("event_receiver_id={receiver}")] {
        assert_eq!(found(&system, &format!("{filter}&from={from}&to={to}")).await, inside, "{filter}");
    }
    // Nobody has posted then, so no page may read day by day through all years.
    for range in ["to=1970-01-02T00:00:00Z", "from=1970-01-01T00:00:00Z&to=2020-01-01T00:00:00Z"] {
        assert_eq!(found(&system, range).await, [] as [String; 0], "{range}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_finds_its_events_also_with_each_further_member_of_the_artifact() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let first = create(&system, &receiver, &json!({"name": "app"})).await;
    let version = create(&system, &receiver, &json!({"name": "app", "version": "9"})).await;
    let release = create(&system, &receiver, &json!({"name": "app", "release": "9"})).await;
    let platform = create(&system, &receiver, &json!({"name": "app", "platform_id": "9"})).await;
    let package = create(&system, &receiver, &json!({"name": "app", "package": "9"})).await;
    let failed = create(&system, &receiver, &json!({"name": "app", "success": false})).await;
    let other = create(&system, &receiver, &json!({"name": "app2"})).await;
    let all = [&first, &version, &release, &platform, &package, &failed];
    system.await_indexed(slice::from_ref(&other)).await;
    assert_eq!(found(&system, "name=app").await, reversed(&all));
    assert_eq!(found(&system, "name=app2").await, [other]);
    assert_eq!(found(&system, "name=ap").await, [] as [String; 0]);
    let whole = format!(
        "name=app&version=2.1.0&release=2.1.0-rc.1&platform_id=linux-x86_64&package=myapp&success=true\
         &event_receiver_id={receiver}&from=2020-01-01T00:00:00Z"
    );
    for (filter, expected) in [
        ("version=9", &version),
        ("release=9", &release),
        ("platform_id=9", &platform),
        ("package=9", &package),
        ("success=false", &failed),
        (&*whole.replace("name=app&", ""), &first),
    ] {
        assert_eq!(
            found(&system, &format!("name=app&{filter}")).await,
            slice::from_ref(expected),
            "{filter}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_a_receiver_in_a_time_range_are_found() {
    let system = System::start().await;
    let receivers = system.create_receivers(2).await;
    let [deploys, builds] = &receivers[..] else { unreachable!() };
    create(&system, deploys, &json!({"name": "before"})).await;
    let from = system.now().await;
    let deployed = create(&system, deploys, &json!({"name": "a"})).await;
    create(&system, builds, &json!({"name": "a"})).await;
    let again = create(&system, deploys, &json!({"name": "b", "success": false})).await;
    system.await_indexed(slice::from_ref(&again)).await;
    let query = format!("event_receiver_id={deploys}&from={from}");
    assert_eq!(found(&system, &query).await, [again.clone(), deployed.clone()]);
    assert_eq!(found(&system, &format!("{query}&success=true")).await, slice::from_ref(&deployed));
    assert_eq!(found(&system, &format!("{query}&sort=created_at:asc")).await, [deployed, again]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_filter_works_alone() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut expected = Vec::new();
    for (name, value) in
        [("version", "v"), ("release", "r"), ("platform_id", "p"), ("package", "k"), ("package", "é & +")]
    {
        expected.push((name, value, create(&system, &receiver, &json!({name: value})).await));
    }
    let failed = create(&system, &receiver, &json!({"success": false})).await;
    for (name, value, event) in expected {
        let value = value.replace(' ', "%20").replace('&', "%26").replace('+', "%2B");
        assert_eq!(found(&system, &format!("{name}={value}")).await, [event], "{name}={value}");
    }
    assert_eq!(found(&system, "success=false").await, [failed]);
    // The events of the system are events too.
    assert_eq!(found(&system, "success=true").await.len(), 6);
    assert_eq!(found(&system, "package=xzepr.system").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_completions_of_a_group_are_found_by_its_id_newest_first() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let group = system.create("/api/v1/groups", &local::samples::group(&receiver)).await;
    let mut completions = Vec::new();
    for release in ["1", "2"] {
        create(&system, &receiver, &json!({"release": release})).await;
        completions.push(system.next_message_of("com.example.gate").await.key);
    }
    system.await_indexed(&completions).await;
    completions.reverse();
    assert_eq!(found(&system, &format!("event_receiver_id={group}")).await, completions);
    let page = system.read(&format!("{EVENTS}?event_receiver_id={group}&limit=1")).await;
    let entry = &page["data"][0];
    assert_eq!((&entry["kind"], &entry["type"]), (&json!("group.complete"), &json!("com.example.gate")));
    assert_eq!(entry["release"], "2", "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_the_events_without_their_receivers_and_with_payloads_only_if_asked() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = create(&system, &receiver, &json!({"name": "n", "subject": "s"})).await;
    system.await_indexed(slice::from_ref(&event)).await;
    let mut whole = system.read(&format!("{EVENTS}/{event}")).await;
    let whole = whole.as_object_mut().unwrap();
    whole.remove("data");
    whole.remove("EventReceiver");
    // Over the index, and without it.
    for query in ["name=n", "version=2.1.0"] {
        let with = system.read(&format!("{EVENTS}?{query}&payload=true")).await;
        assert_eq!(with["data"], json!([whole]), "{query}");
        for query in [query.to_owned(), format!("{query}&payload=false")] {
            let without = system.read(&format!("{EVENTS}?{query}")).await;
            let entry = without["data"][0].as_object().unwrap();
            assert_eq!(entry.get("payload"), None::<&Value>, "{query}: {without}");
            assert_eq!(entry["id"], event, "{query}: {without}");
            for (name, value) in entry {
                assert_eq!(value, &whole[name], "{query}: {name}");
            }
            for name in ["name", "version", "release", "platform_id", "package", "success", "description"] {
                assert!(entry.contains_key(name), "{query}: {name}");
            }
        }
    }
}
