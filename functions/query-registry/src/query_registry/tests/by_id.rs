use insta::assert_snapshot;
use xzepr_domain::{GroupId, JsonText, ReceiverId};
use xzepr_fixtures::{GROUP, RECEIVER, attributes};

use super::*;

/// Texts whose spelling no value keeps.
const RAW: &str = r#"{ "z":1.00,  "a" : "\u00e9\/" }"#;

fn raw() -> JsonText {
    JsonText::try_from(RAW.to_owned()).unwrap()
}

#[tokio::test]
async fn an_event_is_read_with_its_receiver() {
    assert_snapshot!(get(&filled().await, &format!("/api/v1/events/{EVENT}")).await, @r#"
    200 OK
    content-type: application/json
    cache-control: private, max-age=31536000, immutable
    etag: "17a41443576fbcac725b3e878305c97c1a946b27d6526dc0268a7050d6f200fa"
    x-request-id: REQUEST

    {"id":"01HM6AQH2G0000000000000000","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","payload":{},"success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","kind":"event","EventReceiver":{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"},"data":[{"id":"01HM6AQH2G0000000000000000","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","payload":{},"success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","kind":"event","EventReceiver":{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"}}]}
    "#);
}

#[tokio::test]
async fn an_event_has_the_members_that_only_some_events_have() {
    let table = filled().await;
    let event = Event {
        id: "01HM6AQH2G0000000000000001".parse().unwrap(),
        attributes: attributes(),
        is_override: true,
        payload: raw(),
        ..event()
    };
    store_event(&table, &event).await;
    assert_snapshot!(get(&table, &format!("/api/v1/events/{}", event.id)).await, @r#"
    200 OK
    content-type: application/json
    cache-control: private, max-age=31536000, immutable
    etag: "3dd468212447d78746d20fa15f8ff8c3fe629a26f234a99c8acc6f8513de1b57"
    x-request-id: REQUEST

    {"id":"01HM6AQH2G0000000000000001","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","payload":{ "z":1.00,  "a" : "\u00e9\/" },"success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","time":"2024-01-15T10:30:00+01:00","subject":"myapp/é","dataschema":"https://example.com/build","datacontenttype":"application/vnd.example+json","kind":"event","override":true,"EventReceiver":{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"},"data":[{"id":"01HM6AQH2G0000000000000001","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","payload":{ "z":1.00,  "a" : "\u00e9\/" },"success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","time":"2024-01-15T10:30:00+01:00","subject":"myapp/é","dataschema":"https://example.com/build","datacontenttype":"application/vnd.example+json","kind":"event","override":true,"EventReceiver":{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"}}]}
    "#);
}

#[tokio::test]
async fn an_event_of_a_group_without_receivers_has_no_receiver() {
    let table = table().await;
    let group = EventReceiverGroup { event_receiver_ids: Vec::new(), ..group() };
    store_event(&table, &Event::group_created(&group, EVENT.parse().unwrap())).await;
    assert_snapshot!(get(&table, &format!("/api/v1/events/{EVENT}/")).await, @r#"
    200 OK
    content-type: application/json
    cache-control: private, max-age=31536000, immutable
    etag: "7f14c182e70ae41cfdd0615314c7589613bb5a24f7819dba002dc2144b4ce254"
    x-request-id: REQUEST

    {"id":"01HM6AQH2G0000000000000000","name":"xzepr.event.receiver.group.created","version":"1.0.0","release":"system","platform_id":"xzepr","package":"xzepr.system","description":"Event receiver group 'release-gate' created","payload":{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"receiver_ids":[],"receiver_count":0},"success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","kind":"group.created","data":[{"id":"01HM6AQH2G0000000000000000","name":"xzepr.event.receiver.group.created","version":"1.0.0","release":"system","platform_id":"xzepr","package":"xzepr.system","description":"Event receiver group 'release-gate' created","payload":{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"receiver_ids":[],"receiver_count":0},"success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","kind":"group.created"}]}
    "#);
}

#[tokio::test]
async fn a_receiver_is_read_by_both_paths() {
    let table = filled().await;
    let response = get(&table, &format!("/api/v1/event-receivers/{RECEIVER}")).await;
    assert_eq!(get(&table, &format!("/api/v1/receivers/{RECEIVER}/")).await, response);
    assert_snapshot!(response, @r#"
    200 OK
    content-type: application/json
    cache-control: private, max-age=31536000, immutable
    etag: "0c909cd43f77272cd8e833ea6d20237d24b17597208cea4b3d7bdbb86b0122fb"
    x-request-id: REQUEST

    {"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z","data":[{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"}]}
    "#);
}

#[tokio::test]
async fn a_schema_is_read_as_it_was_sent() {
    let table = table().await;
    store_receiver(&table, &EventReceiver { schema: raw(), ..receiver() }).await;
    for path in ["event-receivers", "receivers"] {
        let response = get(&table, &format!("/api/v1/{path}/{RECEIVER}/schema")).await;
        assert!(response.contains("content-type: application/schema+json\n"), "{response}");
        assert!(response.contains("cache-control: private, max-age=31536000, immutable\n"), "{response}");
        assert_eq!(body(&response), RAW);
    }
    let whole = get(&table, &format!("/api/v1/receivers/{RECEIVER}")).await;
    assert_eq!(whole.matches(RAW).count(), 2);
}

#[tokio::test]
async fn a_group_is_read_with_its_state_and_its_options() {
    let table = table().await;
    store_group(&table, &EventReceiverGroup { repeat: true, notify_incomplete: true, ..group() }).await;
    let response = get(&table, &format!("/api/v1/event-receiver-groups/{GROUP}")).await;
    assert_eq!(get(&table, &format!("/api/v1/groups/{GROUP}")).await, response);
    assert_snapshot!(response, @r#"
    200 OK
    content-type: application/json
    cache-control: no-cache
    etag: "d6bad9c9863d8b869537563db94e1aecf95ea600fd9c65fc0035b01de1e52572"
    x-request-id: REQUEST

    {"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"event_receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X"],"repeat":true,"notify_incomplete":true,"created_at":"2023-12-19T17:48:16.373Z","updated_at":"2023-12-19T17:48:16.373Z","data":[{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"event_receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X"],"repeat":true,"notify_incomplete":true,"created_at":"2023-12-19T17:48:16.373Z","updated_at":"2023-12-19T17:48:16.373Z"}]}
    "#);
    let modified = EventId::generate();
    let disabled = EventReceiverGroup { enabled: false, updated_at: modified.time(), ..group() };
    table.modify_group(&disabled, &Event::group_modified(&disabled, modified), None).await.unwrap();
    let changed = get(&table, &format!("/api/v1/groups/{GROUP}")).await;
    let state = format!(
        r#""enabled":false,"event_receiver_ids":["{RECEIVER}"],"repeat":true,"notify_incomplete":true,"created_at":"{}","updated_at":"{}""#,
        group().id.created_at(),
        modified.created_at()
    );
    assert_eq!(changed.matches(&state).count(), 2, "{changed}");
}

#[tokio::test]
async fn a_group_of_500_receivers_is_read_whole() {
    let table = table().await;
    let ids: Vec<_> = (0..500).map(|_| ReceiverId::generate()).collect();
    store_group(&table, &EventReceiverGroup { event_receiver_ids: ids.clone(), ..group() }).await;
    let response = get(&table, &format!("/api/v1/groups/{GROUP}")).await;
    let texts: Vec<_> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    assert!(response.contains(&format!(r#""event_receiver_ids":[{}]"#, texts.join(","))));
    let found = get(&table, &format!("/api/v1/groups?event_receiver_id={}", ids[499])).await;
    assert!(found.contains(r#""total":1"#) && found.contains(GROUP), "{found}");
}

#[tokio::test]
async fn a_caller_that_has_an_object_already_gets_304() {
    let table = filled().await;
    for target in [
        format!("/api/v1/events/{EVENT}"),
        format!("/api/v1/receivers/{RECEIVER}"),
        format!("/api/v1/receivers/{RECEIVER}/schema"),
        format!("/api/v1/groups/{GROUP}"),
    ] {
        let response = get(&table, &target).await;
        let tag = response.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
        let mut request = request("GET", &target, "");
        request.headers_mut().insert("if-none-match", tag.parse().unwrap());
        let known = respond(&registry(&table).api(), request).await;
        assert!(known.starts_with("304 Not Modified\n") && body(&known).is_empty(), "{known}");
    }
}

#[tokio::test]
async fn the_tag_of_a_group_changes_with_its_state() {
    let table = filled().await;
    let tag = async || {
        let response = get(&table, &format!("/api/v1/groups/{GROUP}")).await;
        assert!(response.contains("cache-control: no-cache\n"), "{response}");
        response.lines().find_map(|line| line.strip_prefix("etag: ").map(str::to_owned)).unwrap()
    };
    let before = tag().await;
    let modified = EventId::generate();
    let disabled = EventReceiverGroup { enabled: false, updated_at: modified.time(), ..group() };
    table.modify_group(&disabled, &Event::group_modified(&disabled, modified), None).await.unwrap();
    assert_ne!(tag().await, before);
}

#[tokio::test]
async fn an_id_of_another_kind_or_of_nothing_is_404() {
    let table = filled().await;
    let unknown = GroupId::generate().to_string();
    let mut bodies = Vec::new();
    for (path, ids) in [
        ("events", [RECEIVER, GROUP, &unknown]),
        ("event-receivers", [EVENT, GROUP, &unknown]),
        ("event-receiver-groups", [EVENT, RECEIVER, &unknown]),
    ] {
        for id in ids {
            let response = get(&table, &format!("/api/v1/{path}/{id}")).await;
            assert!(response.starts_with("404 Not Found\n"), "{response}");
            bodies.push(body(&response).to_owned());
        }
        bodies.push(body(&get(&table, &format!("/api/v1/{path}/no-ulid")).await).to_owned());
    }
    let response = get(&table, &format!("/api/v1/receivers/{EVENT}/schema")).await;
    bodies.push(body(&response).to_owned());
    bodies.dedup();
    assert_snapshot!(bodies.join("\n"), @r#"
    {"error":"not_found","message":"There is no event with this id.","errors":["There is no event with this id."]}
    {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    {"error":"not_found","message":"There is no event receiver with this id.","errors":["There is no event receiver with this id."]}
    {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    {"error":"not_found","message":"There is no event receiver group with this id.","errors":["There is no event receiver group with this id."]}
    {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    {"error":"not_found","message":"There is no event receiver with this id.","errors":["There is no event receiver with this id."]}
    "#);
}

#[tokio::test]
async fn an_id_may_be_in_small_letters() {
    let response = get(&filled().await, &format!("/api/v1/events/{}", EVENT.to_lowercase())).await;
    assert!(response.contains(&format!(r#"{{"id":"{EVENT}""#)), "{response}");
}

#[tokio::test]
async fn a_receiver_is_read_from_the_table_once() {
    let table = filled().await;
    let registry = registry(&table);
    let target = format!("/api/v1/receivers/{RECEIVER}");
    let first = respond(&registry.api(), request("GET", &target, "")).await;
    // Nothing of this project removes a receiver.
    xzepr_store::testing::remove_receiver(&table, RECEIVER.parse().unwrap()).await;
    assert_eq!(respond(&registry.api(), request("GET", &target, "")).await, first);
    assert!(get(&table, &target).await.starts_with("404 Not Found\n"));
}

#[tokio::test]
async fn an_unreachable_table_is_503() {
    let table = unreachable_table().await;
    for path in ["events", "receivers", "groups"] {
        let response = get(&table, &format!("/api/v1/{path}/{EVENT}")).await;
        assert!(response.starts_with("503 Service Unavailable\n"), "{response}");
        assert!(!response.contains("connection"), "{response}");
    }
}
