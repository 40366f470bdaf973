//! The items of a time range's events, in the order of their sort keys.
//!
//! A day has 32 partition keys, each of them sorted. The reader holds a part of every one and merges them,
//! so that each item is read once. How far it is follows from keys alone, never from an item's content.

use std::{collections::VecDeque, time::Duration};

use aws_sdk_dynamodb::{
    config::{Config, timeout::TimeoutConfig},
    types::AttributeValue,
};
use chrono::{Days, NaiveTime};
use futures_util::{StreamExt, TryStreamExt, stream};
use xzepr_domain::{Event, EventId, Position, TimeRange};

use crate::{
    error::StoreError,
    event_items::EventItem,
    keys::{Key, PARTITION_KEY, SORT_KEY},
    stream_record::UnknownShape,
    table::{Item, Table, from_item},
};

/// The last characters that a ULID can have: <https://github.com/ulid/spec#encoding>
const LAST_CHARACTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many items one query reads at most. DynamoDB ends a query at 1 MB, which is four of the largest events.
const LIMIT: i32 = 64;

/// How many queries are under way at once: as many megabytes share the CPU of a small function.
const QUERIES: usize = 4;

/// A page ends when its items have so many bytes, so that what is published together has a bound.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// A query can bring a megabyte, which a function of 512 MB reads with less than a third of a CPU. Nobody
/// waits for it as for a POST.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(35);

/// A sort key with this at its end comes next after the sort key.
const NEXT: char = '\u{1}';

/// An item of an event's partition key.
#[derive(Debug)]
pub struct PageItem {
    /// Its key.
    pub key: Key,
    /// The event; or why it is none: such an item is foreign, and nothing of this project has written it.
    pub event: Result<Event, UnknownShape>,
}

impl PageItem {
    /// The id of the event that has this item's key; `None` where no event has such a key.
    pub fn id(&self) -> Option<EventId> {
        self.key.event_id()
    }
}

/// The next items of a time range.
#[derive(Debug)]
pub struct EventPage {
    /// In the order of their sort keys; possibly none, though more may come.
    pub items: Vec<PageItem>,
    /// How far the range is read with them; `None` at its end.
    pub position: Option<Position>,
}

/// Reads a time range, page by page.
pub struct EventReader<'a> {
    table: &'a Table,
    range: TimeRange,
    position: Option<Position>,
    day: Option<Day>,
}

/// The day at work.
struct Day {
    /// Where its sort keys begin and end.
    from: String,
    last: EventId,
    partitions: Vec<Partition>,
    /// Items that are merged and not returned: a query that fails loses nothing.
    merged: Vec<PageItem>,
    merged_bytes: usize,
}

/// A partition key, and what of it is read and not merged.
struct Partition {
    key: String,
    items: VecDeque<(String, Item)>,
    unread: Unread,
}

/// The part of a partition key that is not read. DynamoDB tells its own place, whatever items it returned.
enum Unread {
    All,
    After(Item),
    Nothing,
}

impl Table {
    /// Reads the events of a range after a position. It sees every write that ended before it began.
    pub fn events(&self, range: TimeRange, after: Option<Position>) -> EventReader<'_> {
        EventReader { table: self, range, position: after, day: None }
    }

    /// The event of one item; `None` where there is no such item.
    pub async fn event(&self, key: &Key) -> Result<Option<Result<Event, UnknownShape>>, StoreError> {
        Ok(self.get(key.clone()).await?.map(event))
    }
}

impl EventReader<'_> {
    /// The next items: at most so many, and of one day. After an error the reader goes on where it was.
    pub async fn next(&mut self, limit: usize) -> Result<EventPage, StoreError> {
        if self.day.is_none() {
            self.day = self.next_day();
        }
        let Some(day) = &mut self.day else { return Ok(EventPage { items: Vec::new(), position: None }) };
        while day.merged.len() < limit && day.merged_bytes < PAGE_BYTES && !day.is_read() {
            self.table.fill(day).await?;
            day.merge(limit);
        }
        let items = std::mem::take(&mut day.merged);
        day.merged_bytes = 0;
        let mut is_end = false;
        if day.is_read() {
            is_end = day.last >= self.range.last_id();
            self.position = Some(day.last.into());
            self.day = None;
        } else if let Some(item) = items.last() {
            self.position = Some(Position::of(item.key.sort.clone()));
        }
        Ok(EventPage { items, position: self.position.clone().filter(|_| !is_end) })
    }

    /// The day of the position, from there on.
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
        let partitions = LAST_CHARACTERS.chars().map(|character| Partition {
            key: Key::event_partition(first, character),
            items: VecDeque::new(),
            unread: Unread::All,
        });
        Some(Day {
            from,
            last: last_of_day(first).min(last),
            partitions: partitions.collect(),
            merged: Vec::new(),
            merged_bytes: 0,
        })
    }
}

impl Day {
    fn is_read(&self) -> bool {
        self.partitions.iter().all(|partition| partition.items.is_empty() && partition.is_read())
    }

    /// Moves items to `merged`, in order, up to the first that another partition could have one before.
    fn merge(&mut self, limit: usize) {
        while self.merged.len() < limit && self.merged_bytes < PAGE_BYTES {
            if self.partitions.iter().any(Partition::is_unknown) {
                return;
            }
            let lowest = self
                .partitions
                .iter_mut()
                .filter_map(|partition| Some((partition.next_key()?, partition)))
                // A position is a sort key. Of items with one sort key the event comes first, so that a reader
                // that goes on after it has left out foreign items at most.
                .min_by_key(|(key, _)| (key.sort.clone(), key.event_id().is_none()));
            let Some((key, partition)) = lowest else { return };
            let Some((_, item)) = partition.items.pop_front() else { return };
            self.merged_bytes += size(&item);
            self.merged.push(PageItem { key, event: event(item) });
        }
    }
}

impl Partition {
    fn is_read(&self) -> bool {
        matches!(self.unread, Unread::Nothing)
    }

    fn next_key(&self) -> Option<Key> {
        let (sort, _) = self.items.front()?;
        Some(Key { partition: self.key.clone(), sort: sort.clone() })
    }

    /// Whether its next item has to be read first.
    fn is_unknown(&self) -> bool {
        self.items.is_empty() && !self.is_read()
    }
}

impl Table {
    /// Reads the next items of every partition whose next item is unknown.
    async fn fill(&self, day: &mut Day) -> Result<(), StoreError> {
        let (from, last) = (&*day.from, &*day.last.to_string());
        stream::iter(day.partitions.iter_mut().filter(|partition| partition.is_unknown()))
            .map(|partition| self.fill_partition(partition, from, last))
            .buffer_unordered(QUERIES)
            .try_collect()
            .await
    }

    /// Reads until the partition has an item, or its end is reached: a page of DynamoDB's can be empty.
    async fn fill_partition(
        &self,
        partition: &mut Partition,
        from: &str,
        last: &str,
    ) -> Result<(), StoreError> {
        while partition.is_unknown() {
            let start_key = match &partition.unread {
                Unread::After(key) => Some(key.clone()),
                _ => None,
            };
            let timeouts = TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .operation_timeout(OPERATION_TIMEOUT);
            let output = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :last")
                .expression_attribute_names("#pk", PARTITION_KEY)
                .expression_attribute_names("#sk", SORT_KEY)
                .expression_attribute_values(":pk", AttributeValue::S(partition.key.clone()))
                .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
                .expression_attribute_values(":last", AttributeValue::S(last.to_owned()))
                .set_exclusive_start_key(start_key)
                .consistent_read(true)
                .limit(LIMIT)
                .customize()
                .config_override(Config::builder().timeout_config(timeouts.build()))
                .send()
                .await?;
            partition.unread = output.last_evaluated_key.map_or(Unread::Nothing, Unread::After);
            let items = output.items.unwrap_or_default();
            partition.items = items.into_iter().filter_map(|item| Some((sort_key(&item)?, item))).collect();
        }
        Ok(())
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

fn sort_key(item: &Item) -> Option<String> {
    item.get(SORT_KEY)?.as_s().ok().cloned()
}

/// The bytes of an item's texts, which are nearly all of it.
fn size(item: &Item) -> usize {
    item.values().filter_map(|value| value.as_s().ok()).map(String::len).sum()
}

fn event(item: Item) -> Result<Event, UnknownShape> {
    let item: EventItem = from_item(item).map_err(|error| UnknownShape::new(error.to_string()))?;
    item.try_into().map_err(UnknownShape::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_before_the_next_ones_first_millisecond() {
        let id = |ms| EventId::first_of(ms);
        let day = 24 * 60 * 60 * 1000;
        assert_eq!(last_of_day(id(0)), EventId::last_of(day - 1));
        assert_eq!(last_of_day(EventId::last_of(day - 1)), EventId::last_of(day - 1));
        assert_eq!(last_of_day(id(day)), EventId::last_of(2 * day - 1));
    }

    #[test]
    fn only_an_events_own_key_is_an_events() {
        let key = Key::event("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert!(key.event_id().is_some());
        for sort in
            ["01HJ1K2M3N4P5Q6R7S8T9V0W1Z-copy", "01hj1k2m3n4p5q6r7s8t9v0w1z", "01HJ1K2M3N4P5Q6R7S8T9V0W1Y"]
        {
            assert_eq!(Key { sort: sort.to_owned(), ..key.clone() }.event_id(), None, "{sort}");
        }
    }
}
