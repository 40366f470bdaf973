use insta::assert_snapshot;
use xzepr_domain::{
    Event, EventId, EventReceiverGroup,
    gate::{Gate, Reds, evaluate},
};
use xzepr_fixtures::{event_with_id, group, receiver};
use xzepr_http::{
    Api, routes,
    testing::{request, respond},
};
use xzepr_queries::gates::Tables;
use xzepr_settings::IndexSettings;
use xzepr_store::{
    CommitOutcome, Lag,
    testing::{counted_tables, unreachable_table},
};

use super::*;

const ARTIFACT: &str = "name=build&version=2.1.0&release=2.1.0-rc.1&platform_id=kubernetes&package=myapp";

const GATE: &str = "/api/v1/event-receiver-groups/01HJ1K2M3N4P5Q6R7S8T9V0W1Y/gate";

/// Five minutes after the group and the receiver were created.
fn now() -> DateTime<Utc> {
    group().id.time().unwrap() + Duration::from_secs(300)
}

fn event_at(second: u64) -> EventId {
    EventId::first_of(1_703_008_096_373 + second * 1_000)
}

/// No receiver, no group and no event.
async fn empty() -> Tables {
    let (table, index, _) = counted_tables().await;
    Tables { table, index }
}

/// A group that is complete by an override.
async fn complete() -> Tables {
    let tables = empty().await;
    fill(&tables).await;
    tables
}

/// Stores a group that is complete by an override.
async fn fill(Tables { table, index }: &Tables) {
    let created = Event::receiver_created(&receiver(), EventId::generate());
    table.declare_receiver(&receiver(), &created, None, None).await.unwrap();
    let created = Event::group_created(&group(), EventId::generate());
    table.create_group(&group(), &created, None, None).await.unwrap();
    let success = Event { is_override: true, ..event_with_id(event_at(1)) };
    table.put_event(&success, None, None).await.unwrap();
    let (greens, artifact) = (index.raise_green(&success).await.unwrap(), success.artifact());
    let commit = evaluate(&group(), &artifact, &greens, &Reds::default(), &Gate::default(), event_at(2));
    assert_eq!(table.commit(&artifact, &commit.unwrap()).await.unwrap(), CommitOutcome::Committed);
    index.put_lag(Lag { lag_ms: 240, measured_at: now() }).await.unwrap();
}

/// A group that was complete, and whose receiver failed later.
async fn failed_later() -> Tables {
    let tables = complete().await;
    let failure = Event { success: false, ..event_with_id(event_at(120)) };
    tables.table.put_event(&failure, None, None).await.unwrap();
    tables
}

async fn send(tables: &Tables, method: &str, target: &str) -> String {
    let gates = Gates { store: tables.clone(), now };
    let api = Api::new()
        .endpoint(routes::GET_GATE, |read| gates.get(read))
        .endpoint(routes::LIST_GATES, |query| gates.list(query));
    respond(&api, request(method, target, "")).await
}

#[tokio::test]
async fn a_gate_tells_its_state_and_the_reasons() {
    let tables = failed_later().await;
    let response = send(&tables, "GET", &format!("{GATE}?{ARTIFACT}")).await;
    assert_snapshot!(response, @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    x-request-id: REQUEST

    {"data":{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","enabled":true,"complete":false,"completions":1,"last":{"event_id":"01HJ1K2P250000000000000000","completion":1,"at":"2023-12-19T17:48:18.373Z","events":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","event_id":"01HJ1K2N2X0000000000000000"}]},"members":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","state":"red","event_id":"01HJ1K699N0000000000000000","created_at":"2023-12-19T17:50:16.373Z","age_s":180}],"blocked_by":["build (01HJ1K2M3N4P5Q6R7S8T9V0W1X) has failed: event 01HJ1K699N0000000000000000, 3 minutes ago"],"greens":{"lag_ms":240,"measured_at":"2023-12-19T17:53:16.373Z"}}}
    "#);
    let alias = GATE.replace("event-receiver-groups", "groups");
    assert_eq!(send(&tables, "GET", &format!("{alias}?{ARTIFACT}")).await, response);
}

#[tokio::test]
async fn a_gate_that_is_complete_is_blocked_by_nothing() {
    assert_snapshot!(send(&complete().await, "GET", &format!("{GATE}?{ARTIFACT}")).await, @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    x-request-id: REQUEST

    {"data":{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","enabled":true,"complete":true,"completions":1,"last":{"event_id":"01HJ1K2P250000000000000000","completion":1,"at":"2023-12-19T17:48:18.373Z","events":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","event_id":"01HJ1K2N2X0000000000000000"}]},"members":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","state":"green","event_id":"01HJ1K2N2X0000000000000000","created_at":"2023-12-19T17:48:17.373Z","age_s":299,"override":true}],"blocked_by":[],"greens":{"lag_ms":240,"measured_at":"2023-12-19T17:53:16.373Z"}}}
    "#);
}

#[tokio::test]
async fn the_gates_of_an_artifact_are_listed_in_pages() {
    let response = send(&failed_later().await, "GET", &format!("/api/v1/gates?{ARTIFACT}&limit=7")).await;
    assert_snapshot!(response, @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    x-request-id: REQUEST

    {"data":[{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","enabled":true,"complete":false,"completions":1,"last":{"event_id":"01HJ1K2P250000000000000000","completion":1,"at":"2023-12-19T17:48:18.373Z","events":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","event_id":"01HJ1K2N2X0000000000000000"}]},"members":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","state":"red","event_id":"01HJ1K699N0000000000000000","created_at":"2023-12-19T17:50:16.373Z","age_s":180}],"blocked_by":["build (01HJ1K2M3N4P5Q6R7S8T9V0W1X) has failed: event 01HJ1K699N0000000000000000, 3 minutes ago"],"greens":{"lag_ms":240,"measured_at":"2023-12-19T17:53:16.373Z"}}],"pagination":{"limit":7,"has_more":false,"next":null}}
    "#);
    let none = send(&empty().await, "GET", &format!("/api/v1/gates?{ARTIFACT}")).await;
    assert_snapshot!(none, @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    x-request-id: REQUEST

    {"data":[],"pagination":{"limit":50,"has_more":false,"next":null}}
    "#);
}

#[tokio::test]
async fn an_unknown_group_is_not_found() {
    let responses = [
        send(&empty().await, "GET", &format!("{GATE}?{ARTIFACT}")).await,
        send(&empty().await, "GET", &format!("/api/v1/groups/x/gate?{ARTIFACT}")).await,
    ];
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
}

#[tokio::test]
async fn a_query_that_names_no_artifact_is_refused() {
    let without_release = ARTIFACT.replace("&release=2.1.0-rc.1", "");
    let (tables, mut responses) = (empty().await, Vec::new());
    for target in [
        format!("{GATE}?{without_release}"),
        format!("/api/v1/gates?{without_release}"),
        format!("{GATE}?{ARTIFACT}&limit=1"),
        format!("{GATE}?{ARTIFACT}&name=build"),
        format!("/api/v1/gates?{ARTIFACT}&limit=0"),
        format!("/api/v1/gates?{ARTIFACT}&limit=1000000000"),
        format!("/api/v1/gates?{ARTIFACT}&cursor=g2-x"),
        format!("/api/v1/gates?{}", ARTIFACT.replace("=build", "=%20")),
        format!("/api/v1/gates?{ARTIFACT}{}", "x".repeat(10_000)),
    ] {
        let response = send(&tables, "GET", &target).await;
        responses.push(response.split_once("\n\n").unwrap().1.to_owned());
    }
    assert_snapshot!(responses.join("\n"), @r#"
    {"error":"invalid_parameter","message":"The query string has a fault: release: is required.","field":"release","errors":["release: is required"]}
    {"error":"invalid_parameter","message":"The query string has a fault: release: is required.","field":"release","errors":["release: is required"]}
    {"error":"invalid_parameter","message":"The query string has a fault: limit: does not exist; there are name, version, release, platform_id, package.","field":"limit","errors":["limit: does not exist; there are name, version, release, platform_id, package"]}
    {"error":"invalid_parameter","message":"The query string has a fault: name: must be given once.","field":"name","errors":["name: must be given once"]}
    {"error":"invalid_parameter","message":"The query string has a fault: limit: must be a whole number from 1 to 1000.","field":"limit","errors":["limit: must be a whole number from 1 to 1000"]}
    {"error":"invalid_parameter","message":"The query string has a fault: limit: must be a whole number from 1 to 1000.","field":"limit","errors":["limit: must be a whole number from 1 to 1000"]}
    {"error":"invalid_cursor","message":"The query string has a fault: cursor: must be the value of `next` in the page before.","field":"cursor","errors":["cursor: must be the value of `next` in the page before"]}
    {"error":"invalid_parameter","message":"The query string has a fault: name: must not be blank.","field":"name","errors":["name: must not be blank"]}
    {"error":"invalid_parameter","message":"The query string has a fault: package: must have at most 255 characters.","field":"package","errors":["package: must have at most 255 characters"]}
    "#);
}

#[tokio::test]
async fn the_cursor_of_another_artifact_is_refused() {
    let tables = complete().await;
    let second = EventReceiverGroup { id: GroupId::generate(), ..group() };
    let created = Event::group_created(&second, EventId::generate());
    tables.table.create_group(&second, &created, None, None).await.unwrap();
    let page = send(&tables, "GET", &format!("/api/v1/gates?{ARTIFACT}&limit=1")).await;
    let (_, cursor) = page.split_once(r#""next":""#).unwrap();
    let cursor = cursor.split('"').next().unwrap();
    let target = format!("/api/v1/gates?{ARTIFACT}&cursor={cursor}");
    assert!(send(&tables, "GET", &target).await.starts_with("200 OK"));
    let other = target.replace("release=2.1.0-rc.1", "release=2");
    assert_snapshot!(send(&tables, "GET", &other).await, @r#"
    400 Bad Request
    content-type: application/json
    x-request-id: REQUEST

    {"error":"invalid_cursor","message":"The query string has a fault: cursor: is of a list for another artifact.","field":"cursor","errors":["cursor: is of a list for another artifact"]}
    "#);
}

#[tokio::test]
async fn an_unavailable_table_is_503() {
    let table = unreachable_table().await;
    let index = table.index(IndexSettings { table_name: "xzepr-index".to_owned() });
    let tables = Tables { table, index };
    for target in [format!("{GATE}?{ARTIFACT}"), format!("/api/v1/gates?{ARTIFACT}")] {
        let response = send(&tables, "GET", &target).await;
        assert!(response.starts_with("503 Service Unavailable"), "{response}");
    }
}

#[tokio::test]
async fn a_question_about_a_gate_costs_six_requests_to_the_tables() {
    let (table, index, requests) = counted_tables().await;
    let tables = Tables { table, index };
    fill(&tables).await;
    requests.take();
    send(&tables, "GET", &format!("{GATE}?{ARTIFACT}")).await;
    assert_eq!(requests.take(), 6);
    // The successes, the lag, the ledger, the groups of the receiver, the group, its completions, its name, and the groups
    // that were complete: one read finds them, and another one their end.
    send(&tables, "GET", &format!("/api/v1/gates?{ARTIFACT}")).await;
    assert_eq!(requests.take(), 9);
}
