use insta::assert_snapshot;
use xzepr_domain::{GroupId, JsonText, ReceiverId};
use xzepr_fixtures::{GROUP, RECEIVER, attributes};

use super::*;

/// Texts whose spelling no value keeps.
const RAW: &str = "{ \"z\":1.00,\t\"a\" : \"\\u00e9\\/\" }";

fn raw() -> JsonText {
    JsonText::try_from(RAW.to_owned()).unwrap()
}

#[tokio::test]
async fn an_event_is_read_with_its_receiver() {
    assert_snapshot!(get(&filled().await, &format!("/api/v1/events/{EVENT}")).await, @"");
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
    assert_snapshot!(get(&table, &format!("/api/v1/events/{}", event.id)).await, @"");
}

#[tokio::test]
async fn an_event_of_a_group_without_receivers_has_no_receiver() {
    let table = table().await;
    let group = EventReceiverGroup { event_receiver_ids: Vec::new(), ..group() };
    store_event(&table, &Event::group_created(&group, EVENT.parse().unwrap())).await;
    assert_snapshot!(get(&table, &format!("/api/v1/events/{EVENT}/")).await, @"");
}

#[tokio::test]
async fn a_receiver_is_read_by_both_paths() {
    let table = filled().await;
    let response = get(&table, &format!("/api/v1/event-receivers/{RECEIVER}")).await;
    assert_eq!(get(&table, &format!("/api/v1/receivers/{RECEIVER}/")).await, response);
    assert_snapshot!(response, @"");
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
    assert_snapshot!(response, @"");
    let modified = EventId::generate();
    let disabled = EventReceiverGroup { enabled: false, updated_at: modified.time(), ..group() };
    table.modify_group(&disabled, &Event::group_modified(&disabled, modified), None).await.unwrap();
    let changed = get(&table, &format!("/api/v1/groups/{GROUP}")).await;
    let state = format!(
        r#""enabled":false,"event_receiver_ids":["{RECEIVER}"],"repeat":true,"notify_incomplete":true,"created_at":"2023-12-19T18:04:33.205Z","updated_at":"{}""#,
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
    assert_snapshot!(bodies.join("\n"), @"");
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
