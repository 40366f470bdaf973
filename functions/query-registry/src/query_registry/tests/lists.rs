use insta::assert_snapshot;
use xzepr_domain::{GroupId, JsonText, ReceiverId, ShortText};
use xzepr_fixtures::RECEIVER;

use super::*;

fn text(text: &str) -> ShortText {
    text.to_owned().try_into().unwrap()
}

/// The id with this last character.
fn id<Id: std::str::FromStr<Err = xzepr_domain::InvalidId>>(last: char) -> Id {
    format!("01HM6AQH2G000000000000000{last}").parse().unwrap()
}

/// Receivers with the versions 1 to 5, the oldest first.
async fn with_receivers() -> Table {
    let table = table().await;
    for version in '1'..='5' {
        let receiver = EventReceiver { id: id(version), version: text(&version.to_string()), ..receiver() };
        store_receiver(&table, &receiver).await;
    }
    table
}

#[tokio::test]
async fn receivers_are_listed_newest_first_and_whole() {
    let table = with_receivers().await;
    let response = get(&table, "/api/v1/receivers?limit=2&offset=1&name=build&type=com.example.build").await;
    assert_eq!(
        get(&table, "/api/v1/event-receivers/?limit=2&offset=1&name=build&type=com.example.build").await,
        response
    );
    assert_snapshot!(response, @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    x-request-id: REQUEST

    {"data":[{"id":"01HM6AQH2G0000000000000004","name":"build","type":"com.example.build","version":"4","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:9648cd3e01c00a528593abc9f2e3d8d042b88aac4c39bcdb5991d805336c9c3d","created_at":"2024-01-15T10:30:00.016Z"},{"id":"01HM6AQH2G0000000000000003","name":"build","type":"com.example.build","version":"3","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:17f387ee3c4f4f37b623ae53588a15b001048b5b5fcdefb8c8233cc5a29d1747","created_at":"2024-01-15T10:30:00.016Z"}],"pagination":{"limit":2,"offset":1,"total":5,"has_more":true,"next":3}}
    "#);
}

#[tokio::test]
async fn a_list_without_a_match_is_empty() {
    let table = with_receivers().await;
    let nothing = get(&table, "/api/v1/receivers?name=nothing").await;
    assert_snapshot!(body(&nothing), @r#"{"data":[],"pagination":{"limit":50,"offset":0,"total":0,"has_more":false,"next":null}}"#);
    let after = get(&table, "/api/v1/receivers?offset=1000000000").await;
    assert_snapshot!(body(&after), @r#"{"data":[],"pagination":{"limit":50,"offset":1000000000,"total":5,"has_more":false,"next":null}}"#);
    let groups = get(&table, "/api/v1/groups").await;
    assert_snapshot!(body(&groups), @r#"{"data":[],"pagination":{"limit":50,"offset":0,"total":0,"has_more":false,"next":null}}"#);
}

#[tokio::test]
async fn a_receiver_is_found_by_its_fingerprint_with_and_without_its_prefix() {
    let table = with_receivers().await;
    let receiver = EventReceiver { version: text("3"), ..receiver() };
    let fingerprint = receiver.fingerprint().to_string();
    let bare = fingerprint.trim_start_matches("sha256:");
    for fingerprint in [&*fingerprint, bare, &*bare.to_uppercase()] {
        let response = get(&table, &format!("/api/v1/receivers?fingerprint={fingerprint}")).await;
        assert!(response.contains(r#""version":"3""#) && response.contains(r#""total":1"#), "{response}");
    }
}

#[tokio::test]
async fn groups_are_found_by_every_filter_together() {
    let table = table().await;
    let one: ReceiverId = RECEIVER.parse().unwrap();
    for (last, enabled, receivers) in
        [('1', true, vec![one, id('R')]), ('2', false, vec![one]), ('3', true, vec![id('R')])]
    {
        let group = EventReceiverGroup { id: id(last), enabled, event_receiver_ids: receivers, ..group() };
        store_group(&table, &group).await;
    }
    let filters = format!(
        "type=com.example.gate&name=release-gate&version=1.0.0&enabled=true&event_receiver_id={RECEIVER}"
    );
    assert_snapshot!(get(&table, &format!("/api/v1/event-receiver-groups?{filters}")).await, @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    x-request-id: REQUEST

    {"data":[{"id":"01HM6AQH2G0000000000000001","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"event_receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X","01HM6AQH2G000000000000000R"],"repeat":false,"notify_incomplete":false,"created_at":"2024-01-15T10:30:00.016Z","updated_at":"2024-01-15T10:30:00.016Z"}],"pagination":{"limit":50,"offset":0,"total":1,"has_more":false,"next":null}}
    "#);
    for (filters, total) in [
        ("", 3),
        ("enabled=false", 1),
        (&format!("event_receiver_id={RECEIVER}"), 2),
        (&format!("event_receiver_id={}", GroupId::generate()), 0),
        ("name=release-gate&version=2", 0),
    ] {
        let response = get(&table, &format!("/api/v1/groups?{filters}")).await;
        assert!(response.contains(&format!(r#""total":{total},"#)), "{filters}: {response}");
    }
}

#[tokio::test]
async fn the_parts_of_a_list_have_each_receiver_once() {
    let table = with_receivers().await;
    let mut found = String::new();
    for offset in [0, 2, 4] {
        let response = get(&table, &format!("/api/v1/receivers?limit=2&offset={offset}")).await;
        let next = if offset == 4 { "null".to_owned() } else { (offset + 2).to_string() };
        assert!(response.ends_with(&format!(r#""has_more":{},"next":{next}}}}}"#, offset < 4)), "{response}");
        found += body(&response);
    }
    for version in 1..=5 {
        assert_eq!(found.matches(&format!(r#""version":"{version}""#)).count(), 1);
    }
}

#[tokio::test]
async fn a_part_whose_bytes_lambda_would_refuse_ends_before_its_limit() {
    let table = table().await;
    // A quote has four bytes in the response: it has a backslash in the schema, and Lambda escapes both.
    let title = "\\\"".repeat(30_000);
    let count = 60;
    for index in 0..count {
        let schema = JsonText::try_from(format!(r#"{{"title":"{title}"}}"#)).unwrap();
        let version = text(&index.to_string());
        let receiver = EventReceiver { id: ReceiverId::generate(), version, schema, ..receiver() };
        store_receiver(&table, &receiver).await;
    }
    let (mut offset, mut parts, mut found) = (0, 0, 0);
    loop {
        let response = get(&table, &format!("/api/v1/receivers?limit=1000&offset={offset}")).await;
        let body = body(&response);
        let as_lambda_sends_it = serde_json::to_string(body).unwrap().len();
        assert!(as_lambda_sends_it < 5_100_000, "{as_lambda_sends_it}");
        found += body.matches(r#""fingerprint""#).count();
        parts += 1;
        assert!(body.contains(&format!(r#""total":{count},"#)));
        let (_, next) = body.rsplit_once(r#""next":"#).unwrap();
        match next.trim_end_matches('}') {
            "null" => break,
            next => offset = next.parse().unwrap(),
        }
        assert_eq!(offset, found);
    }
    assert_eq!((found, parts), (count, 2));
}

#[tokio::test]
async fn a_wrong_parameter_is_refused() {
    let table = table().await;
    let long = format!("name={}", "x".repeat(10 * 1024));
    let mut bodies = Vec::new();
    for target in [
        "receivers?nmae=x",
        "receivers?enabled=true",
        "receivers?name=",
        "receivers?name=a&name=b",
        "receivers?limit=0",
        "receivers?limit=1000000000",
        "receivers?offset=-1",
        "receivers?offset=1000000001",
        "receivers?fingerprint=sha256:12",
        "receivers?cursor=x",
        "groups?enabled=yes",
        "groups?event_receiver_id=build",
        "groups?fingerprint=x",
        &format!("groups?{long}"),
    ] {
        let response = get(&table, &format!("/api/v1/{target}")).await;
        assert!(response.starts_with("400 Bad Request\n"), "{target}: {response}");
        let (_, errors) = response.split_once(r#""errors":"#).unwrap();
        bodies.push(errors.trim_end_matches('}').to_owned());
    }
    assert_snapshot!(bodies.join("\n"), @r#"
    ["nmae: does not exist; there are type, name, version, fingerprint, limit, offset"]
    ["enabled: does not exist; there are type, name, version, fingerprint, limit, offset"]
    ["name: must not be empty"]
    ["name: must be given once"]
    ["limit: must be a whole number from 1 to 1000"]
    ["limit: must be a whole number from 1 to 1000"]
    ["offset: must be a whole number from 0 to 1000000000"]
    ["offset: must be a whole number from 0 to 1000000000"]
    ["fingerprint: must be 64 hexadecimal digits, with or without sha256: before them"]
    ["cursor: does not exist; there are type, name, version, fingerprint, limit, offset"]
    ["enabled: must be true or false"]
    ["event_receiver_id: must be a ULID (26 characters of Crockford's Base32)"]
    ["fingerprint: does not exist; there are type, name, version, enabled, event_receiver_id, limit, offset"]
    ["name: must have at most 255 characters"]
    "#);
}

#[tokio::test]
async fn an_unreachable_table_is_503() {
    let table = unreachable_table().await;
    for path in ["receivers", "groups"] {
        let response = get(&table, &format!("/api/v1/{path}")).await;
        assert!(response.starts_with("503 Service Unavailable\n"), "{response}");
    }
}
