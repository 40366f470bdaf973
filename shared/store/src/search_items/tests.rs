use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use xzepr_domain::{EventId, IdRange, Order};
use xzepr_fixtures::{event, event_with_id};
use xzepr_settings::{IndexSettings, TableSettings};

use super::*;
use crate::{table::Table, test_table::table};

const ORDERS: [Order; 2] = [Order::NewestFirst, Order::OldestFirst];

fn index(table: &Table) -> Index {
    table.index(IndexSettings { table_name: table.name.clone() })
}

async fn count(table: &Table) -> i32 {
    table.client.scan().table_name(&table.name).send().await.unwrap().count()
}

#[tokio::test]
async fn each_event_is_found_by_its_name_and_its_receiver_and_its_day_is_known() {
    let table = table().await;
    let index = index(&table);
    let mut events: Vec<_> = (0..30).map(|ms| event_with_id(EventId::first_of(ms))).collect();
    events[7].name = "deploy".to_owned().try_into().unwrap();
    events[7].is_override = true;
    events[7].r#type = Some("a.type".to_owned().try_into().unwrap());
    index.put_search_items(&events).await.unwrap();
    let all: Vec<_> = events.iter().map(EventSummary::from).collect();
    let (mut named, ids) = (all.clone(), IdRange::all());
    let deploy = named.remove(7);
    for order in ORDERS {
        let in_order = |mut events: Vec<EventSummary>| {
            events.sort_by(|one, other| order.compare(&one.id, &other.id));
            events
        };
        let page = index.by_name(&deploy.name, ids, order, 5).await.unwrap();
        assert_eq!((page.events, page.rest), (vec![deploy.clone()], None));
        let page = index.by_name(&events[0].name, ids, order, 100).await.unwrap();
        assert_eq!(page.events, in_order(named.clone()));
        let first = index.by_receiver(deploy.event_receiver_id, ids, order, 20).await.unwrap();
        let second =
            index.by_receiver(deploy.event_receiver_id, first.rest.unwrap(), order, 20).await.unwrap();
        assert_eq!([first.events, second.events].concat(), in_order(all.clone()));
        assert_eq!(second.rest, None);
        let days = index.days(ids, order, 10).await.unwrap();
        assert_eq!((days.days, days.has_more), (vec!["1970-01-01".parse().unwrap()], false));
    }
}

#[tokio::test]
async fn a_write_that_is_repeated_changes_nothing() {
    let table = table().await;
    let index = index(&table);
    let (one, other) = (event(), event());
    index.put_search_items([&one, &other, &one]).await.unwrap();
    let items = count(&table).await;
    index.put_search_items([&other, &one]).await.unwrap();
    assert_eq!(count(&table).await, items);
}

#[tokio::test]
async fn days_are_read_in_either_order_and_page_by_page() {
    let table = table().await;
    let index = index(&table);
    let day = |number: u64| EventId::first_of(number * 24 * 60 * 60 * 1000);
    let events: Vec<_> = [0, 1, 5, 9].map(|number| event_with_id(day(number))).into();
    index.put_search_items(&events).await.unwrap();
    let days = async |ids, order, limit| {
        let page = index.days(ids, order, limit).await.unwrap();
        (page.days.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), page.has_more)
    };
    let some = IdRange::new(day(1).next(), day(9).previous().unwrap()).unwrap();
    assert_eq!(days(some, Order::OldestFirst, 9).await, ("1970-01-02 1970-01-06".to_owned(), false));
    assert_eq!(days(IdRange::all(), Order::NewestFirst, 2).await, ("1970-01-10 1970-01-06".to_owned(), true));
}

#[tokio::test]
async fn an_item_that_is_no_event_is_passed_over() {
    let table = table().await;
    let index = index(&table);
    let events: Vec<_> = (0..3).map(|ms| event_with_id(EventId::first_of(ms))).collect();
    index.put_search_items(&events).await.unwrap();
    let name = name_partition(&events[0].name);
    for sort in [format!("{}-copy", events[1].id), format!("{}", EventId::first_of(1).next())] {
        let key = key_item(&Key { partition: name.clone(), sort });
        table.client.put_item().table_name(&table.name).set_item(Some(key)).send().await.unwrap();
    }
    for order in ORDERS {
        let (mut rest, mut found) = (Some(IdRange::all()), Vec::new());
        while let Some(ids) = rest {
            let page = index.by_name(&events[0].name, ids, order, 1).await.unwrap();
            found.extend(page.events);
            rest = page.rest;
        }
        let mut expected: Vec<_> = events.iter().map(EventSummary::from).collect();
        expected.sort_by(|one, other| order.compare(&one.id, &other.id));
        assert_eq!(found, expected);
    }
}

/// Answers each request as DynamoDB, and leaves all of its items unprocessed for so many requests.
async fn leave_unprocessed(mut connection: TcpStream, requests: Arc<AtomicUsize>, unprocessed: usize) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        let length =
            text.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if let (Some((_, body)), Some(length)) = (text.split_once("\r\n\r\n"), length) {
            let length: usize = length;
            if body.len() >= length {
                let is_left = requests.fetch_add(1, Ordering::SeqCst) < unprocessed;
                let body =
                    if is_left { body.replace("RequestItems", "UnprocessedItems") } else { "{}".to_owned() };
                let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                connection.write_all(response.as_bytes()).await.unwrap();
                request.clear();
            }
        }
        let read = connection.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        request.extend_from_slice(&buffer[..read]);
    }
}

/// The result of a write of which DynamoDB leaves the items unprocessed for so many requests, and the requests.
async fn write_with(unprocessed: usize) -> (Result<(), StoreError>, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = requests.clone();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(leave_unprocessed(connection, counted.clone(), unprocessed));
        }
    });
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("a", "b", None, None, "test"))
        .endpoint_url(url)
        .retry_config(RetryConfig::disabled())
        .build();
    let table = Table::with_client(Client::from_conf(config), TableSettings { name: "t".to_owned() });
    let written = index(&table).put_search_items([&event()]).await;
    (written, requests.load(Ordering::SeqCst))
}

#[tokio::test]
async fn items_that_are_left_unprocessed_are_sent_again() {
    let (written, requests) = write_with(2).await;
    assert!(written.is_ok(), "{written:?}");
    assert_eq!(requests, 3);
}

#[tokio::test]
async fn a_write_fails_if_its_items_are_left_unprocessed_again_and_again() {
    let (written, requests) = write_with(usize::MAX).await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    assert_eq!(requests, DELAYS_MS.len() + 1);
}

#[test]
fn the_keys_of_the_index_are_those_that_are_written() {
    let event = event();
    let mut keys = Key::in_index(&event);
    assert_eq!(keys.pop(), Some(Key::greens(&event.artifact())));
    let mut written = keys.iter().map(|key| (key.partition.clone(), key.sort.clone())).collect::<Vec<_>>();
    written.sort();
    assert!(items([&event]).unwrap().into_keys().eq(written));
}
