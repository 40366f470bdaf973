//! Searches that are refused, each with the parameter.

use end_to_end::System;
use insta::assert_snapshot;
use serde_json::json;

use super::EVENTS;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_parameter_of_a_search_is_refused_with_its_name() {
    let system = System::start().await;
    let long = format!("package={}", "x".repeat(10 * 1024));
    for (query, parameter) in [
        ("nmae=n", "nmae"),
        ("name=n&name=n", "name"),
        ("version=", "version"),
        (&*long, "package"),
        ("success=yes", "success"),
        ("event_receiver_id=build", "event_receiver_id"),
        ("limit=0", "limit"),
        ("limit=1000000000", "limit"),
        ("sort=name:asc", "sort"),
        ("payload=1", "payload"),
        ("from=yesterday", "from"),
        ("from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z", "from"),
        ("from=2024-01-01T00:00:00Z&to=2024-01-01T00:00:00Z", "from"),
        ("to=0000-00-00T00:00:00Z", "to"),
        ("cursor=", "cursor"),
    ] {
        let refused = system.get(&format!("{EVENTS}?{query}")).await;
        assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_parameter")), "{refused}");
        assert_eq!(refused.body["field"], parameter, "{query:.80}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offset_of_events_is_refused_and_the_text_names_the_cursor() {
    let system = System::start().await;
    let refused = system.get(&format!("{EVENTS}?offset=10")).await;
    assert_eq!((refused.status, &refused.body["field"]), (400, &json!("offset")), "{refused}");
    assert!(refused.body["message"].as_str().unwrap().contains("cursor"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_kind_finds_nothing() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 1).await;
    let page = system.get(&format!("{EVENTS}?event_receiver_id={}", events[0])).await;
    assert_snapshot!(page, @r#"
    HTTP 200
    cache-control: no-store
    content-type: application/json
    x-request-id: [request id]

    {"data":[],"pagination":{"limit":50,"has_more":false,"next":null}}
    "#);
}
