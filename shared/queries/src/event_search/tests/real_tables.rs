use chrono::{Days, TimeDelta};
use xzepr_domain::{EventId, JsonText, ShortText};
use xzepr_fixtures::{GROUP, RECEIVER, event_with_id};

use super::{
    tables::{tables, tables_with},
    *,
};

fn text(text: &str) -> ShortText {
    text.to_owned().try_into().unwrap()
}

/// An id of this time. Ids of different numbers have different last characters.
fn id(time: DateTime<Utc>, number: u64) -> EventId {
    let ms = u64::try_from(time.timestamp_millis()).unwrap();
    EventId::of_number(EventId::first_of(ms).to_number() + u128::from(number))
}

fn now() -> DateTime<Utc> {
    "2024-03-10T12:00:00Z".parse().unwrap()
}

fn named(name: &str) -> EventFilter {
    EventFilter { name: Some(text(name)), ..EventFilter::default() }
}

async fn first_page<S: SearchEvents>(
    search: &EventSearch<S>,
    filter: EventFilter,
    limit: usize,
) -> EventPage {
    let query = EventQuery::new(filter, Order::NewestFirst, limit, None, false).unwrap();
    search.page_at(&query, now()).await.unwrap()
}

/// Events of three days that differ in each member.
fn different_events() -> Vec<Event> {
    let pick = |number: u64, bit: u32| text(if (number >> bit) & 1 == 0 { "a" } else { "b" });
    let event = |number: u64| {
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        Event {
            name: pick(mixed, 0),
            version: pick(mixed, 1),
            release: pick(mixed, 2),
            platform_id: pick(mixed, 3),
            package: pick(mixed, 4),
            success: (mixed >> 5) & 1 == 0,
            event_receiver_id: if (mixed >> 6) & 1 == 0 { RECEIVER } else { GROUP }.parse().unwrap(),
            ..event_with_id(id(now() - TimeDelta::hours(1) * i32::try_from(number).unwrap(), number))
        }
    };
    (0..48).map(event).collect()
}

#[tokio::test]
async fn every_combination_of_filters_finds_the_events_that_match() {
    let events = different_events();
    let (tables, _) = tables_with(&events).await;
    let search = EventSearch::new(tables);
    let mut found_some = 0;
    for set in 0..1_u32 << 8 {
        let is_set = |bit: u32| (set >> bit) & 1 == 1;
        let some = |bit| is_set(bit).then(|| text("a"));
        let filter = EventFilter {
            name: some(0),
            version: some(1),
            release: some(2),
            platform_id: some(3),
            package: some(4),
            success: is_set(5).then_some(true),
            event_receiver_id: is_set(6).then(|| RECEIVER.parse().unwrap()),
            from: is_set(7).then(|| now() - TimeDelta::hours(35)),
            to: is_set(7).then(|| now() - TimeDelta::hours(5)),
        };
        let order = ORDERS[(set.count_ones() % 2) as usize];
        let expected = matching(&events, &filter, order);
        let (found, _) = all_pages(&search, &filter, order, 30, set % 3 == 0, now()).await;
        assert_eq!(found, expected, "{filter:?}");
        found_some += usize::from(!found.is_empty());
    }
    assert!(found_some > 128, "{found_some}");
}

#[tokio::test]
async fn a_page_by_name_costs_one_read_and_two_more_for_payloads() {
    a_page_by_name_among(2_000).await;
}

#[tokio::test]
#[ignore = "100,000 events take minutes"]
async fn a_page_by_name_among_100_000_events_costs_as_much() {
    a_page_by_name_among(100_000).await;
}

async fn a_page_by_name_among(count: u64) {
    let (tables, requests) = tables().await;
    let names = ["build", "test", "scan", "sign", "deploy"];
    let events = (0..count).map(|number| {
        let name = names[usize::try_from(number).unwrap() % names.len()];
        let time = now() - TimeDelta::seconds(30) * i32::try_from(number).unwrap();
        Event { name: text(name), ..event_with_id(id(time, number)) }
    });
    let events: Vec<_> = events.collect();
    for part in events.chunks(1000) {
        tables.index.put_search_items(part).await.unwrap();
    }
    for event in events.iter().filter(|event| *event.name == *"deploy").take(100) {
        tables.table.put_event(event, None, None).await.unwrap();
    }
    let expected = matching(&events, &named("deploy"), Order::NewestFirst);
    let search = EventSearch::new(tables);
    let mut cursor = None;
    for page in expected.chunks(50).take(2) {
        for with_payload in [false, true] {
            requests.take();
            let query =
                EventQuery::new(named("deploy"), Order::NewestFirst, 50, cursor.as_deref(), with_payload)
                    .unwrap();
            let found = search.page_at(&query, now()).await.unwrap();
            assert_eq!(requests.take(), if with_payload { 3 } else { 1 });
            assert_eq!(found.data.iter().map(|record| &*record.id).collect::<Vec<_>>(), page);
            if with_payload {
                cursor = found.pagination.next;
            }
        }
    }
}

#[tokio::test]
async fn months_without_events_cost_no_reads() {
    let days = |days| now() - Days::new(days);
    let events = [id(days(0), 0), id(days(100), 1), id(days(400), 2)].map(event_with_id);
    let (tables, requests) = tables_with(&events).await;
    let search = EventSearch::new(tables);
    let page = first_page(&search, EventFilter::default(), 50).await;
    assert_eq!((page.data.len(), page.pagination.next), (3, None));
    // The days of the index, and the 32 partitions of three new days and two old ones.
    assert_eq!(requests.take(), 1 + 5 * 32);
    let old = EventFilter { to: Some(days(3)), ..EventFilter::default() };
    assert_eq!(first_page(&search, old, 50).await.data.len(), 2);
    assert_eq!(requests.take(), 1 + 2 * 32);
    let none = EventFilter { from: Some(days(300)), to: Some(days(200)), ..EventFilter::default() };
    assert_eq!(first_page(&search, none, 50).await.data.len(), 0);
    assert_eq!(requests.take(), 1);
}

#[tokio::test]
async fn a_name_whose_events_do_not_match_ends_the_page_by_its_budget() {
    let version = |number| text(if number == 0 { "wanted" } else { "other" });
    let event = |number: u64| Event {
        version: version(number),
        ..event_with_id(id(now() + TimeDelta::seconds(i64::try_from(number).unwrap()), number))
    };
    let events: Vec<_> = (0..3_000).map(event).collect();
    let (tables, requests) = tables().await;
    tables.index.put_search_items(&events).await.unwrap();
    requests.take();
    let search = EventSearch::with_budget(tables, SearchBudget { reads: 2, ..SearchBudget::default() });
    let filter = EventFilter { version: Some(text("wanted")), ..named(&events[0].name) };
    let page = first_page(&search, filter.clone(), 50).await;
    assert_eq!((page.data.len(), page.pagination.has_more, requests.take()), (0, true, 2));
    let (found, pages) = all_pages(&search, &filter, Order::NewestFirst, 50, false, now()).await;
    assert_eq!(found, [events[0].id.to_string()]);
    assert!(pages > 2, "{pages}");
}

#[tokio::test]
async fn an_event_ahead_of_the_clock_is_found_before_it_is_indexed() {
    let midnight: DateTime<Utc> = "2024-03-11T00:00:00Z".parse().unwrap();
    let now = midnight - TimeDelta::milliseconds(1);
    let (tables, _) = tables().await;
    let event = event_with_id(id(midnight + TimeDelta::seconds(2), 7));
    tables.table.put_event(&event, None, None).await.unwrap();
    let search = EventSearch::new(tables);
    for order in ORDERS {
        let (found, _) = all_pages(&search, &EventFilter::default(), order, 50, false, now).await;
        assert_eq!(found, [event.id.to_string()]);
    }
}

#[tokio::test]
async fn a_page_of_large_payloads_ends_before_a_response_is_too_large() {
    let event = |number: u64| Event {
        payload: JsonText::try_from(format!("\"{}\"", "x".repeat(200_000))).unwrap(),
        ..event_with_id(id(now() - TimeDelta::minutes(i64::try_from(number).unwrap()), number))
    };
    let events: Vec<_> = (0..60).map(event).collect();
    let (tables, _) = tables_with(&events).await;
    let search = EventSearch::new(tables);
    let query = EventQuery::new(named("build"), Order::NewestFirst, 1000, None, true).unwrap();
    let page = search.page_at(&query, now()).await.unwrap();
    assert_eq!(page.data.len(), 24);
    let body = serde_json::to_string(&serde_json::to_string(&page).unwrap()).unwrap();
    assert!(body.len() < 5_100_000, "{}", body.len());
    let (found, _) = all_pages(&search, &named("build"), Order::NewestFirst, 1000, true, now()).await;
    assert_eq!(found, matching(&events, &named("build"), Order::NewestFirst));
}

#[tokio::test]
async fn the_names_of_members_and_their_order_are_those_of_one_event() {
    let event = event_with_id(id(now(), 1));
    let (tables, _) = tables_with(std::slice::from_ref(&event)).await;
    let page = first_page(&EventSearch::new(tables), named("build"), 50).await;
    insta::assert_snapshot!(serde_json::to_string(&page).unwrap(), @r#"{"data":[{"id":"01HRM3QVG00000000000000001","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","success":true,"created_at":"2024-03-10T12:00:00Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","kind":"event"}],"pagination":{"limit":50,"has_more":false,"next":null}}"#);
}
