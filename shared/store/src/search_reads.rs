//! Reads of one partition whose items are events in the order of their ids, in either order and without payloads.

use std::fmt::Write;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::NaiveDate;
use xzepr_domain::{Event, EventId, EventSummary, IdRange, Order, ReceiverId, ShortText};

use crate::{
    error::StoreError,
    event_items::{EventItem, InvalidItem},
    index::Index,
    keys::{Key, SORT_KEY},
    search_items::SearchItem,
    search_keys::{name_partition, receiver_partition},
    table::{Item, Table, from_item, large_read},
};

/// The events of one query.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryPage {
    /// In the order of the query. There can be none although more follow.
    pub events: Vec<EventSummary>,
    /// The ids that are not read yet. `None` at the end of the range.
    pub rest: Option<IdRange>,
}

impl Index {
    /// The events with this name, by one query that reads at most `limit`. It does not see the events that index-events
    /// has not written yet.
    pub async fn by_name(
        &self,
        name: &ShortText,
        ids: IdRange,
        order: Order,
        limit: usize,
    ) -> Result<SummaryPage, StoreError> {
        self.search(name_partition(name), ids, order, limit).await
    }

    /// The events of this receiver, or of the gate of the group with this ULID, by one query as [`Self::by_name`].
    pub async fn by_receiver(
        &self,
        receiver: ReceiverId,
        ids: IdRange,
        order: Order,
        limit: usize,
    ) -> Result<SummaryPage, StoreError> {
        self.search(receiver_partition(receiver), ids, order, limit).await
    }

    /// The index lags behind the table anyway, so its reads are eventually consistent and cost half.
    async fn search(
        &self,
        partition: String,
        ids: IdRange,
        order: Order,
        limit: usize,
    ) -> Result<SummaryPage, StoreError> {
        let query = Query { partition, ids, order, limit, is_consistent: false };
        query.send(&self.table, |_, _| true).await
    }
}

impl Table {
    /// The events of a day (UTC) whose ids end in this character, by one query that reads at most `limit`. It sees every
    /// write that ended before it began.
    pub async fn by_day(
        &self,
        day: NaiveDate,
        last_character: char,
        ids: IdRange,
        order: Order,
        limit: usize,
    ) -> Result<SummaryPage, StoreError> {
        let Some(ids) = IdRange::of_day(day).and_then(|of_day| of_day.intersect(ids)) else {
            return Ok(SummaryPage { events: Vec::new(), rest: None });
        };
        let partition = Key::event_partition(ids.lowest(), last_character);
        let query = Query { partition, ids, order, limit, is_consistent: true };
        query.send(self, |id, key| Key::event(id) == *key).await
    }

    /// Reads events by their ids, which must differ. The result has only those that exist, in any order. The read sees
    /// every write that ended before it began.
    pub async fn find_events(&self, ids: &[EventId]) -> Result<Vec<Event>, StoreError> {
        let keys = ids.iter().map(|id| Key::event(*id)).collect();
        let items = self.get_all_within(&large_read(), keys, &[]).await?;
        let events = items.into_iter().map(|item| {
            let item: EventItem = from_item(item)?;
            // The text of the error contains no value of the item.
            item.try_into()
                .map_err(|error: InvalidItem| StoreError::Failed(format!("an event's item: {error}")))
        });
        events.collect()
    }
}

struct Query {
    partition: String,
    ids: IdRange,
    order: Order,
    limit: usize,
    is_consistent: bool,
}

impl Query {
    async fn send(
        self,
        table: &Table,
        is_key: impl Fn(EventId, &Key) -> bool,
    ) -> Result<SummaryPage, StoreError> {
        let (lowest, highest) = (self.ids.lowest().to_string(), self.ids.highest().to_string());
        let mut query = table
            .client
            .query()
            .table_name(&table.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :lowest AND :highest")
            .expression_attribute_values(":pk", AttributeValue::S(self.partition))
            .expression_attribute_values(":lowest", AttributeValue::S(lowest))
            .expression_attribute_values(":highest", AttributeValue::S(highest))
            .scan_index_forward(self.order == Order::OldestFirst)
            .consistent_read(self.is_consistent)
            .limit(i32::try_from(self.limit.max(1)).unwrap_or(i32::MAX));
        let mut projection = String::new();
        for (number, attribute) in SearchItem::ATTRIBUTES.into_iter().enumerate() {
            // DynamoDB reserves some of the names.
            let separator = if number == 0 { "" } else { ", " };
            let _ = write!(projection, "{separator}#{attribute}");
            query = query.expression_attribute_names(format!("#{attribute}"), attribute);
        }
        let output =
            query.projection_expression(projection).customize().config_override(large_read()).send().await?;
        let last_key = output.last_evaluated_key.as_ref().and_then(sort_key);
        let rest = last_key.and_then(|last| rest(self.ids, self.order, last));
        let items = output.items.unwrap_or_default();
        Ok(SummaryPage {
            events: items.into_iter().filter_map(|item| summary(item, &is_key)).collect(),
            rest,
        })
    }
}

/// The event of an item. An item without one is foreign, since no function of this project writes it. It is left out,
/// and the log names it.
fn summary(item: Item, is_key: impl Fn(EventId, &Key) -> bool) -> Option<EventSummary> {
    let sort = sort_key(&item).unwrap_or_default().to_owned();
    let unreadable = |error: &str| {
        tracing::warn!("an item with the sort key {sort:?} is no event: {error}");
        None
    };
    let item: SearchItem = match from_item(item) {
        Ok(item) => item,
        Err(error) => return unreadable(&error.to_string()),
    };
    let key = Key { partition: item.pk.clone(), sort: item.sk.clone() };
    match EventSummary::try_from(item) {
        Ok(event) if event.id.to_string() == key.sort && is_key(event.id, &key) => Some(event),
        Ok(_) => unreadable("its key is not the one of an event with its id"),
        Err(error) => unreadable(&error.to_string()),
    }
}

fn sort_key(item: &Item) -> Option<&str> {
    Some(item.get(SORT_KEY)?.as_s().ok()?)
}

/// The ids of a range that a query has not read, which ended at this sort key. The key can be that of a foreign item.
fn rest(ids: IdRange, order: Order, last_key: &str) -> Option<IdRange> {
    let not_above = EventId::not_above(last_key);
    match order {
        Order::OldestFirst => match not_above {
            Some(id) => ids.after(id, order),
            None => Some(ids),
        },
        Order::NewestFirst => {
            let id = not_above?;
            if id.to_string() == last_key { ids.after(id, order) } else { ids.starting_at(id, order) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sdk_dynamodb::{
        Client,
        config::{Credentials, Region},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        time::sleep,
    };

    use super::*;
    use crate::{table::client, trusted_roots::Roots};

    /// The URL of an API that has no items, and that takes this time for its response.
    async fn slow_api(time: Duration) -> String {
        const BODY: &str = r#"{"Responses":{},"UnprocessedKeys":{}}"#;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                let length = connection.read(&mut vec![0; 16 * 1024]).await.unwrap();
                assert!(length > 0);
                sleep(time).await;
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", BODY.len());
                // The client closes the connection when its time is up.
                let _ = connection.write_all(format!("{head}{BODY}").as_bytes()).await;
            }
        });
        url
    }

    #[tokio::test]
    async fn many_whole_items_have_the_time_of_megabytes() {
        let config = client(&Roots::System)
            .config()
            .to_builder()
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .endpoint_url(slow_api(Duration::from_millis(1200)).await);
        let table = Table { client: Client::from_conf(config.build()).into(), name: "table".to_owned() };
        assert_eq!(table.find_events(&[EventId::generate()]).await.unwrap(), []);
        assert_eq!(table.receivers(&[ReceiverId::generate()]).await.unwrap(), []);
        let one = table.find_event(EventId::generate()).await;
        assert!(matches!(one, Err(StoreError::Unavailable(_))), "{one:?}");
    }

    fn id(ms: u64) -> EventId {
        EventId::first_of(ms)
    }

    #[test]
    fn the_rest_of_a_range_begins_beside_the_last_sort_key() {
        let ids = IdRange::new(id(10), id(20)).unwrap();
        let (newest, oldest) = (Order::NewestFirst, Order::OldestFirst);
        let text = id(15).to_string();
        assert_eq!(rest(ids, newest, &text), IdRange::new(id(10), id(15).previous().unwrap()));
        assert_eq!(rest(ids, oldest, &text), IdRange::new(id(15).next(), id(20)));
        // A foreign item lies between an id and the next one.
        let foreign = format!("{text}-copy");
        assert_eq!(rest(ids, newest, &foreign), IdRange::new(id(10), id(15)));
        assert_eq!(rest(ids, oldest, &foreign), IdRange::new(id(15).next(), id(20)));
        assert_eq!(rest(ids, newest, &id(10).to_string()), None);
        assert_eq!(rest(ids, oldest, &id(20).to_string()), None);
    }
}
