//! The items of a time range's events, in the order of their sort keys.
//!
//! A day has 32 partition keys, and DynamoDB sorts the items of each. The reader merges them, so that it reads each
//! item once. Its position follows from keys alone, never from the content of an item.

mod day;
mod partition;

use chrono::{Days, NaiveTime};
use xzepr_domain::{Event, EventId, Position, TimeRange};

use crate::{
    error::StoreError,
    event_items::EventItem,
    keys::Key,
    stream_record::UnknownShape,
    table::{Item, Table, from_item},
};
use day::Day;

/// A sort key with this character appended follows the sort key directly.
const NEXT: char = '\u{1}';

/// An item with the partition key of events.
#[derive(Debug)]
pub struct PageItem {
    /// Its key.
    pub key: Key,
    /// The event, or the reason why the item contains none. Such an item is foreign, since no function of this project
    /// writes it.
    pub event: Result<Event, UnknownShape>,
}

impl PageItem {
    /// The id of the event that has this item's key; `None` if no event can have such a key.
    pub fn id(&self) -> Option<EventId> {
        self.key.event_id()
    }
}

/// The next items of a time range.
#[derive(Debug)]
pub struct EventPage {
    /// In the order of their sort keys. A page can be empty although more items follow.
    pub items: Vec<PageItem>,
    /// The position after these items; `None` at the end of the range.
    pub position: Option<Position>,
}

/// Reads a time range, page by page.
pub struct EventReader<'a> {
    table: &'a Table,
    range: TimeRange,
    position: Option<Position>,
    day: Option<Day>,
}

impl Table {
    /// Reads the events of a range after a position. The reader sees every write that ended before the reader began.
    pub fn events(&self, range: TimeRange, after: Option<Position>) -> EventReader<'_> {
        EventReader { table: self, range, position: after, day: None }
    }

    /// Reads the event of one item; `None` if there is no such item.
    pub async fn event(&self, key: &Key) -> Result<Option<Result<Event, UnknownShape>>, StoreError> {
        Ok(self.get(key.clone()).await?.map(event))
    }
}

impl EventReader<'_> {
    /// The next items: at most `limit`, and all of one day. After an error the reader continues at the same place.
    pub async fn next(&mut self, limit: usize) -> Result<EventPage, StoreError> {
        if self.day.is_none() {
            self.day = self.next_day();
        }
        let Some(day) = &mut self.day else { return Ok(EventPage { items: Vec::new(), position: None }) };
        let items = day.next(self.table, limit).await?;
        let mut is_end = false;
        if day.is_read() {
            is_end = day.last() >= self.range.last_id();
            self.position = Some(day.last().into());
            self.day = None;
        } else if let Some(item) = items.last() {
            self.position = Some(Position::of(item.key.sort.clone()));
        }
        Ok(EventPage { items, position: self.position.clone().filter(|_| !is_end) })
    }

    /// The rest of the position's day, or the day after it.
    fn next_day(&self) -> Option<Day> {
        let (first, last) = (self.range.first_id(), self.range.last_id());
        let position = self.position.as_ref().and_then(|position| Some((position, position.last_id()?)));
        let (first, from) = match position.filter(|(_, id)| *id >= first) {
            None => (first, first.to_string()),
            Some((_, id)) if id == last_of_day(id) => (id.next(), id.next().to_string()),
            Some((position, id)) => (id, format!("{position}{NEXT}")),
        };
        if first > last || from > last.to_string() {
            return None;
        }
        Some(Day::new(first, from, last_of_day(first).min(last)))
    }
}

/// The highest id of the day (UTC) of an id.
fn last_of_day(id: EventId) -> EventId {
    let midnight = id
        .time()
        .and_then(|time| time.date_naive().checked_add_days(Days::new(1)))
        .map(|day| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
    match midnight.and_then(|ms| u64::try_from(ms).ok()) {
        Some(ms) => EventId::last_of(ms - 1),
        None => EventId::last_of(u64::MAX),
    }
}

fn event(item: Item) -> Result<Event, UnknownShape> {
    let item: EventItem = from_item(item).map_err(|error| UnknownShape::new(error.to_string()))?;
    item.try_into().map_err(UnknownShape::from)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use chrono::TimeDelta;
    use xzepr_fixtures::event_with_id;

    use super::*;
    use crate::{keys::SORT_KEY, table::to_item, test_table::table};

    #[test]
    fn a_day_ends_before_the_first_millisecond_of_the_next_day() {
        let id = |ms| EventId::first_of(ms);
        let day = 24 * 60 * 60 * 1000;
        assert_eq!(last_of_day(id(0)), EventId::last_of(day - 1));
        assert_eq!(last_of_day(EventId::last_of(day - 1)), EventId::last_of(day - 1));
        assert_eq!(last_of_day(id(day)), EventId::last_of(2 * day - 1));
    }

    fn event_item(id: EventId) -> Item {
        to_item(EventItem::from(&event_with_id(id))).unwrap()
    }

    async fn put(table: &Table, item: Item) {
        table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.unwrap();
    }

    /// All items of a range in pages of this size, by their sort keys.
    async fn read(
        table: &Table,
        range: TimeRange,
        mut position: Option<Position>,
        limit: usize,
    ) -> Vec<String> {
        let mut sort_keys = Vec::new();
        loop {
            // Each page has a new reader, so that only the position connects the pages.
            let page = table.events(range, position.take()).next(limit).await.unwrap();
            assert!(page.items.len() <= limit);
            sort_keys.extend(page.items.into_iter().map(|item| item.key.sort));
            position = page.position;
            if position.is_none() {
                return sort_keys;
            }
        }
    }

    fn range() -> TimeRange {
        TimeRange::parse("2024-01-14T23:00:00Z", "2024-01-16T01:00:00Z").unwrap()
    }

    fn ids(count: u64, every: TimeDelta) -> Vec<EventId> {
        let time = |index| (range().start() + every * i32::try_from(index).unwrap()).timestamp_millis();
        (0..count).map(|index| EventId::first_of(u64::try_from(time(index)).unwrap())).collect()
    }

    #[tokio::test]
    async fn every_event_of_the_range_is_read_once_and_in_order() {
        let table = table().await;
        let mut expected: Vec<_> = ids(100, TimeDelta::minutes(15)).iter().map(ToString::to_string).collect();
        expected.sort();
        for id in ids(120, TimeDelta::minutes(15)) {
            put(&table, event_item(id)).await;
        }
        // 26 hours have 104 of these events.
        let all = read(&table, range(), None, 7).await;
        assert_eq!(all.len(), 104);
        assert_eq!(all[..100], expected);
        assert_eq!(read(&table, range(), None, 1000).await, all);
        let position = Position::of(all[41].clone());
        assert_eq!(read(&table, range(), Some(position), 7).await, all[42..]);
    }

    #[tokio::test]
    async fn an_item_that_is_no_event_is_read_too_and_does_not_end_the_range() {
        let table = table().await;
        let ids = ids(3, TimeDelta::minutes(1));
        for id in &ids {
            put(&table, event_item(*id)).await;
        }
        let mut copy = event_item(ids[1]);
        copy.insert(SORT_KEY.to_owned(), AttributeValue::S(format!("{}-copy", ids[1])));
        put(&table, copy).await;
        for limit in [1, 2, 10] {
            let sort_keys = read(&table, range(), None, limit).await;
            let copy = format!("{}-copy", ids[1]);
            assert_eq!(sort_keys, [ids[0].to_string(), ids[1].to_string(), copy, ids[2].to_string()]);
        }
        let page = table.events(range(), None).next(10).await.unwrap();
        let foreign: Vec<_> = page.items.iter().map(|item| item.event.is_err()).collect();
        assert_eq!(foreign, [false, false, true, false]);
    }

    #[tokio::test]
    async fn a_range_without_events_ends_after_its_days() {
        let table = table().await;
        let mut reader = table.events(range(), None);
        let mut pages = 0;
        while reader.next(10).await.unwrap().position.is_some() {
            pages += 1;
        }
        assert_eq!(pages, 2, "one for each day except the last");
    }
}
