use insta::assert_snapshot;
use xzepr_domain::{Event, EventId, EventSummary, IdRange};
use xzepr_fixtures::{event_with_id, group};
use xzepr_http::{
    Api, routes,
    testing::{request, respond},
};
use xzepr_queries::PartitionRead;
use xzepr_store::{DaysPage, StoreError, SummaryPage};

use super::*;

const ID: &str = "01HM6AQH200000000000000000";

/// Has two events in each partition, and more that are not read yet.
struct TwoEvents;

fn events() -> [Event; 2] {
    let first: EventId = ID.parse().unwrap();
    let mut events = [event_with_id(first.next()), event_with_id(first)];
    events[1].event_receiver_id = group().id.into();
    events
}

impl SearchEvents for TwoEvents {
    async fn read(&self, _: &PartitionRead) -> Result<SummaryPage, StoreError> {
        let last = events()[1].id;
        let rest = IdRange::all().after(last, Order::NewestFirst);
        Ok(SummaryPage { events: events().iter().map(EventSummary::from).collect(), rest })
    }

    async fn days(&self, _: IdRange, _: Order, _: usize) -> Result<DaysPage, StoreError> {
        Err(StoreError::Unavailable("ThrottlingException".to_owned()))
    }

    async fn find_events(&self, _: &[EventId]) -> Result<Vec<Event>, StoreError> {
        Ok(events().into())
    }
}

async fn get(query: &str) -> String {
    let search = EventSearch::new(TwoEvents);
    let api = Api::new().endpoint(routes::LIST_EVENTS, |query| list(&search, query));
    respond(&api, request("GET", &format!("/api/v1/events{query}"), "")).await
}

/// The status and the body of a refusal.
async fn refusal(query: &str) -> String {
    let response = get(query).await;
    let body = response.lines().last().unwrap_or_default();
    let body = body.split(r#","errors""#).next().unwrap_or_default();
    format!("{} {body}", &response[..3])
}

#[tokio::test]
async fn a_page_names_its_events_and_the_next_page() {
    let page = get("?name=build&limit=2").await;
    assert_snapshot!(page, @"");
    let with_payload = get("?name=build&limit=2&payload=true").await;
    assert_eq!(with_payload.replace(r#""payload":{},"#, ""), page);
}

#[tokio::test]
async fn a_cursor_is_of_the_filters_and_the_sort_of_its_page() {
    let page = get("?name=build&limit=2").await;
    let (_, cursor) = page.split_once(r#""next":""#).unwrap();
    let cursor = cursor.trim_end_matches(r#""}}"#);
    assert!(get(&format!("?name=build&limit=7&payload=true&cursor={cursor}")).await.starts_with("200 "));
    let mut refusals = Vec::new();
    for query in [
        format!("name=deploy&cursor={cursor}"),
        format!("name=build&success=true&cursor={cursor}"),
        format!("name=build&sort=created_at:asc&cursor={cursor}"),
        format!("name=build&cursor={}", cursor.to_lowercase()),
        "name=build&cursor=AgAA".to_owned(),
        "name=build&cursor=x".to_owned(),
    ] {
        refusals.push(refusal(&format!("?{query}")).await);
    }
    assert_snapshot!(refusals.join("\n"), @"");
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_named() {
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
        refusals.push(refusal(&format!("?{query}")).await);
    }
    assert_snapshot!(refusals.join("\n"), @"");
}

#[tokio::test]
async fn an_unavailable_table_is_503() {
    assert!(get("").await.starts_with("503 "));
}
