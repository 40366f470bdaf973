use std::{future::ready, time::Duration};

use insta::{allow_duplicates, assert_snapshot};
use xzepr_domain::{CreatedBy, TimeRange};
use xzepr_fixtures::{GROUP, RECEIVER, group};
use xzepr_http::testing::{request, respond, sent_by, with_key};
use xzepr_store::{
    StoreError, Table,
    testing::{table, unreachable_table},
};

use super::*;

const PATH: &str = "/api/v1/event-receiver-groups";
const UNKNOWN: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";

/// A table with one group, which is enabled.
async fn function() -> ModifyEventReceiverGroup<Table> {
    let table = table().await;
    let created = Event::group_created(&group(), EventId::generate());
    table.create_group(&group(), &created, None, None).await.unwrap();
    ModifyEventReceiverGroup::new(table)
}

async fn patch(function: &ModifyEventReceiverGroup<Table>, id: &str, body: &str) -> String {
    respond(&function.api(), request("PATCH", &format!("{PATH}/{id}"), body)).await
}

async fn stored(function: &ModifyEventReceiverGroup<Table>) -> EventReceiverGroup {
    function.store.group(GROUP.parse().unwrap()).await.unwrap().unwrap()
}

/// The modified events, in the order of their ids.
async fn modified(function: &ModifyEventReceiverGroup<Table>) -> Vec<Event> {
    let now = EventId::generate().time().unwrap();
    let hour = Duration::from_secs(3600);
    let mut reader = function.store.events(TimeRange::new(now - hour, now + hour).unwrap(), None);
    let mut events = Vec::new();
    loop {
        let page = reader.next(100).await.unwrap();
        events.extend(page.items.into_iter().map(|item| item.event.unwrap()));
        if page.position.is_none() {
            break;
        }
    }
    events.retain(|event| event.kind.as_str() == "group.modified");
    events
}

#[tokio::test]
async fn a_change_is_stored_with_one_event_and_its_time() {
    let function = function().await;
    for path in [PATH, "/api/v1/groups"] {
        for body in [r#"{"enabled":false}"#, r#"{"enabled":true}"#] {
            let response =
                respond(&function.api(), request("PATCH", &format!("{path}/{GROUP}/"), body)).await;
            allow_duplicates! {
                assert_snapshot!(response, @r#"
                200 OK
                content-type: application/json
                x-request-id: REQUEST

                {"data":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y"}
                "#);
            }
        }
    }
    let events = modified(&function).await;
    assert_eq!(events.len(), 4);
    let last = &events[3];
    let expected = EventReceiverGroup { updated_at: last.id.time(), ..group() };
    assert_eq!(stored(&function).await, expected);
    assert_eq!(*last, Event::group_modified(&expected, last.id));
}

#[tokio::test]
async fn a_change_that_changes_nothing_has_no_event_and_keeps_the_time_of_the_last_one() {
    let function = function().await;
    let changed = patch(&function, GROUP, r#"{"enabled":false}"#).await;
    let before = stored(&function).await;
    // The key of another body is no fault, since a change has none.
    let again = request("PATCH", &format!("{PATH}/{GROUP}"), r#"{"enabled":false}"#);
    assert_eq!(respond(&function.api(), with_key(again, "")).await, changed);
    assert_eq!(stored(&function).await, before);
    assert_eq!(modified(&function).await.len(), 1);
}

#[tokio::test]
async fn only_enabled_counts_in_the_body_of_an_existing_client() {
    let function = function().await;
    let body = r#"{"id":"","name":"","type":"","version":"","description":"","enabled":false,"event_receiver_ids":null,
        "created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z","unknown":1}"#;
    assert!(patch(&function, GROUP, body).await.starts_with("200 OK"));
    let after = stored(&function).await;
    assert_eq!(after, EventReceiverGroup { enabled: false, updated_at: after.updated_at, ..group() });
    assert!(after.updated_at.is_some());
}

#[tokio::test]
async fn a_change_has_its_sender_and_its_trace() {
    let (arn, trace) =
        ("arn:aws:iam::1:user/alice", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let function = function().await;
    let request = request("PATCH", &format!("{PATH}/{GROUP}"), r#"{"enabled":false}"#);
    let mut request = sent_by(request, arn);
    request.headers_mut().insert("traceparent", trace.parse().unwrap());
    respond(&function.api(), request).await;
    let events = modified(&function).await;
    assert_eq!(events[0].attributes.traceparent.as_deref(), Some(trace));
}

/// A store that records the sender of a change.
struct Recorder(std::sync::Mutex<Option<CreatedBy>>);

impl ChangeGroups for Recorder {
    fn find(
        &self,
        _: GroupId,
    ) -> impl Future<Output = Result<Option<EventReceiverGroup>, StoreError>> + Send {
        ready(Ok(Some(group())))
    }

    fn modify(
        &self,
        _: &EventReceiverGroup,
        _: &Event,
        created_by: Option<&CreatedBy>,
    ) -> impl Future<Output = Result<ModifyOutcome, StoreError>> + Send {
        *self.0.lock().unwrap() = created_by.cloned();
        // Another request has made the same change after the group was read.
        ready(Ok(ModifyOutcome::Unchanged))
    }
}

#[tokio::test]
async fn the_sender_of_a_change_is_passed_on_and_the_second_of_two_equal_changes_is_200_too() {
    let function = ModifyEventReceiverGroup::new(Recorder(std::sync::Mutex::default()));
    let request = request("PATCH", &format!("{PATH}/{GROUP}"), r#"{"enabled":false}"#);
    let response = respond(&function.api(), sent_by(request, "arn:aws:iam::1:user/alice")).await;
    assert!(response.ends_with(&format!(r#"{{"data":"{GROUP}"}}"#)), "{response}");
    assert_eq!(function.store.0.lock().unwrap().as_deref(), Some("arn:aws:iam::1:user/alice"));
}

#[tokio::test]
async fn an_id_that_no_group_has_is_404() {
    let function = function().await;
    let mut responses = Vec::new();
    for id in [UNKNOWN, RECEIVER] {
        responses.push(patch(&function, id, r#"{"enabled":false}"#).await);
    }
    responses.dedup();
    responses.push(patch(&function, "non-existent-group-id", r#"{"enabled":false}"#).await);
    assert_snapshot!(responses.join("\n\n"), @r#"
    404 Not Found
    content-type: application/json
    x-request-id: REQUEST

    {"error":"not_found","message":"There is no event receiver group with this id.","errors":["There is no event receiver group with this id."]}

    404 Not Found
    content-type: application/json
    x-request-id: REQUEST

    {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    "#);
    assert!(modified(&function).await.is_empty());
}

#[tokio::test]
async fn a_body_without_a_boolean_enabled_is_400_and_changes_nothing() {
    let function = function().await;
    let bodies = ["{}", r#"{"enabled":"false"}"#, r#"{"enabled":null}"#, r#"{"enabled":0}"#, "[]", ""];
    let mut responses = Vec::new();
    for body in bodies {
        let response = patch(&function, GROUP, body).await;
        responses.push(response.rsplit('\n').next().unwrap().to_owned());
        assert!(response.starts_with("400 Bad Request"), "{response}");
    }
    assert_snapshot!(responses.join("\n"), @r#"
    {"error":"invalid_field","message":"The body has a fault: enabled: is required.","field":"enabled","errors":["enabled: is required"]}
    {"error":"invalid_field","message":"The body has a fault: enabled: must be a boolean.","field":"enabled","errors":["enabled: must be a boolean"]}
    {"error":"invalid_field","message":"The body has a fault: enabled: must be a boolean.","field":"enabled","errors":["enabled: must be a boolean"]}
    {"error":"invalid_field","message":"The body has a fault: enabled: must be a boolean.","field":"enabled","errors":["enabled: must be a boolean"]}
    {"error":"invalid_json","message":"The body is not valid JSON: invalid type: sequence, expected a JSON object at line 1 column 0.","errors":["The body is not valid JSON: invalid type: sequence, expected a JSON object at line 1 column 0."]}
    {"error":"invalid_json","message":"The body is not valid JSON: EOF while parsing a value at line 1 column 0.","errors":["The body is not valid JSON: EOF while parsing a value at line 1 column 0."]}
    "#);
    assert_eq!(stored(&function).await, group());
}

#[tokio::test]
async fn another_method_is_405() {
    let function = function().await;
    let response = respond(&function.api(), request("PUT", &format!("{PATH}/{GROUP}"), "{}")).await;
    assert!(response.contains("allow: GET, HEAD, PATCH\n"), "{response}");
}

#[tokio::test]
async fn an_unreachable_table_is_503() {
    let function = ModifyEventReceiverGroup::new(unreachable_table().await);
    let response = patch(&function, GROUP, r#"{"enabled":false}"#).await;
    assert!(response.starts_with("503 Service Unavailable"), "{response}");
    assert!(!response.contains("connection"), "{response}");
}
