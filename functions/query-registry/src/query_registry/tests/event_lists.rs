use insta::assert_snapshot;
use xzepr_store::testing::counted_tables;

use super::*;

/// Three events of one minute, the newest of another name and receiver.
fn events() -> [Event; 3] {
    let first: EventId = EVENT.parse().unwrap();
    let mut events = [first, first.next(), first.next().next()].map(event_with_id);
    events[2].name = "deploy".to_owned().try_into().unwrap();
    events[2].event_receiver_id = group().id.into();
    events
}

/// The function on tables with these events, as POSTs and the stream leave them.
async fn listing() -> QueryRegistry {
    let (table, index, _) = counted_tables().await;
    for event in &events() {
        store_event(&table, event).await;
    }
    index.put_search_items(&events()).await.unwrap();
    QueryRegistry::new(table, index)
}

async fn list(registry: &QueryRegistry, query: &str) -> String {
    respond(&registry.api(), request("GET", &format!("/api/v1/events{query}"), "")).await
}

/// The status and the body of a refusal, without the list of errors.
async fn refusal(registry: &QueryRegistry, query: &str) -> String {
    let response = list(registry, query).await;
    let body = body(&response).split(r#","errors""#).next().unwrap_or_default();
    format!("{} {body}", &response[..3])
}

/// The cursor of the next page.
fn next(response: &str) -> &str {
    let (_, next) = response.split_once(r#""next":""#).unwrap();
    next.split('"').next().unwrap()
}

#[tokio::test]
async fn events_are_listed_newest_first_and_without_payloads() {
    let registry = listing().await;
    let response = list(&registry, "?limit=2").await;
    assert_snapshot!(response, @r#"
    200 OK
    content-type: application/json
    cache-control: no-store
    x-request-id: REQUEST

    {"data":[{"id":"01HM6AQH2G0000000000000002","name":"deploy","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","kind":"event"},{"id":"01HM6AQH2G0000000000000001","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","kind":"event"}],"pagination":{"limit":2,"has_more":true,"next":"AWVkAY0Mq8RQAAAAAAAAAAAAAFHPoy_s4BNfL78x"}}
    "#);
    let last = list(&registry, &format!("?limit=2&cursor={}", next(&response))).await;
    assert!(last.ends_with(r#""pagination":{"limit":2,"has_more":false,"next":null}}"#), "{last}");
    assert!(last.contains(EVENT), "{last}");
    let with_payload = list(&registry, "?limit=2&payload=true").await;
    assert_eq!(with_payload.replace(r#""payload":{},"#, ""), response);
    assert_ne!(with_payload, response);
}

#[tokio::test]
async fn the_events_of_a_name_or_a_receiver_are_listed() {
    let registry = listing().await;
    let ids = async |query: &str| {
        let response = list(&registry, query).await;
        let ids = response.split(r#"{"id":""#).skip(1);
        ids.map(|rest| rest[..26].to_owned()).collect::<Vec<_>>()
    };
    let [first, second, third] = events().map(|event| event.id.to_string());
    assert_eq!(ids("?name=build&sort=created_at:asc").await, [&*first, &second]);
    assert_eq!(ids("?name=build").await, [&*second, &first]);
    assert_eq!(ids(&format!("?event_receiver_id={}", group().id)).await, [&*third]);
    assert_eq!(ids("?name=build&version=2.1.0&success=true&package=myapp").await.len(), 2);
    assert!(ids("?name=build&success=false").await.is_empty());
    assert_eq!(ids("?from=2024-01-15T10:30:00%2B00:00&to=2024-01-15T10:31:00Z").await.len(), 3);
    assert!(ids("?to=2024-01-15T10:30:00Z").await.is_empty());
}

#[tokio::test]
async fn a_cursor_is_of_the_filters_and_the_sort_of_its_page() {
    let registry = listing().await;
    let page = list(&registry, "?name=build&limit=1").await;
    let cursor = next(&page);
    let query = format!("?name=build&limit=7&payload=true&cursor={cursor}");
    assert!(list(&registry, &query).await.starts_with("200 "));
    let mut refusals = Vec::new();
    for query in [
        format!("name=deploy&cursor={cursor}"),
        format!("name=build&success=true&cursor={cursor}"),
        format!("name=build&sort=created_at:asc&cursor={cursor}"),
        format!("name=build&cursor={}", cursor.to_lowercase()),
        "name=build&cursor=AgAA".to_owned(),
        "name=build&cursor=x".to_owned(),
    ] {
        refusals.push(refusal(&registry, &format!("?{query}")).await);
    }
    assert_snapshot!(refusals.join("\n"), @r#"
    400 {"error":"invalid_cursor","message":"The query string has a fault: cursor: belongs to other filters: send the filters of the first page, or start again without a cursor.","field":"cursor"
    400 {"error":"invalid_cursor","message":"The query string has a fault: cursor: belongs to other filters: send the filters of the first page, or start again without a cursor.","field":"cursor"
    400 {"error":"invalid_cursor","message":"The query string has a fault: cursor: belongs to another sort: send the sort of the first page, or start again without a cursor.","field":"cursor"
    400 {"error":"invalid_cursor","message":"The query string has a fault: cursor: is of another version: start again without a cursor.","field":"cursor"
    400 {"error":"invalid_cursor","message":"The query string has a fault: cursor: is of another version: start again without a cursor.","field":"cursor"
    400 {"error":"invalid_cursor","message":"The query string has a fault: cursor: is not a cursor of this list, or was changed: send pagination.next as it was received, or no cursor.","field":"cursor"
    "#);
}

#[tokio::test]
async fn a_parameter_of_the_list_of_events_that_is_wrong_is_named() {
    let registry = listing().await;
    let mut refusals = Vec::new();
    let long = format!("name={}", "x".repeat(10_000));
    for query in [
        "offset=10",
        "nmae=build",
        "name=",
        "name=a&name=b",
        &long,
        "name=%00",
        "limit=0",
        "limit=1000000000",
        "success=yes",
        "event_receiver_id=01HJ",
        "from=2024-01-15T10:30:00Z&to=2024-01-15T10:30:00Z",
        "to=yesterday",
        "sort=name",
        "payload=1",
    ] {
        refusals.push(refusal(&registry, &format!("?{query}")).await);
    }
    assert_snapshot!(refusals.join("\n"), @r#"
    400 {"error":"invalid_parameter","message":"The query string has a fault: offset: does not exist for events: send pagination.next of the previous page as cursor.","field":"offset"
    400 {"error":"invalid_parameter","message":"The query string has a fault: nmae: does not exist; there are name, version, release, platform_id, package, success, event_receiver_id, from, to, sort, limit, cursor, payload.","field":"nmae"
    400 {"error":"invalid_parameter","message":"The query string has a fault: name: must not be empty.","field":"name"
    400 {"error":"invalid_parameter","message":"The query string has a fault: name: must be given once.","field":"name"
    400 {"error":"invalid_parameter","message":"The query string has a fault: name: must have at most 255 characters.","field":"name"
    400 {"error":"invalid_parameter","message":"The query string has a fault: name: must not contain control characters.","field":"name"
    400 {"error":"invalid_parameter","message":"The query string has a fault: limit: must be a whole number from 1 to 1000.","field":"limit"
    400 {"error":"invalid_parameter","message":"The query string has a fault: limit: must be a whole number from 1 to 1000.","field":"limit"
    400 {"error":"invalid_parameter","message":"The query string has a fault: success: must be true or false.","field":"success"
    400 {"error":"invalid_parameter","message":"The query string has a fault: event_receiver_id: must be a ULID (26 characters of Crockford's Base32).","field":"event_receiver_id"
    400 {"error":"invalid_parameter","message":"The query string has a fault: from: must be before to.","field":"from"
    400 {"error":"invalid_parameter","message":"The query string has a fault: to: must be a time such as 2024-01-15T10:30:00Z (RFC 3339).","field":"to"
    400 {"error":"invalid_parameter","message":"The query string has a fault: sort: must be created_at:desc or created_at:asc.","field":"sort"
    400 {"error":"invalid_parameter","message":"The query string has a fault: payload: must be true or false.","field":"payload"
    "#);
}

#[tokio::test]
async fn a_list_of_events_from_unreachable_tables_is_503() {
    let registry = registry(&unreachable_table().await);
    for query in ["", "?name=build"] {
        assert!(list(&registry, query).await.starts_with("503 "), "{query}");
    }
}
