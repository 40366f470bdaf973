//! Events of a time range, in the order of their ids.

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{Days, NaiveTime};
use futures_util::{StreamExt, TryStreamExt, stream};
use xzepr_domain::{Event, EventId, TimeRange};

use crate::{
    error::StoreError,
    event_items::EventItem,
    keys::{Key, PARTITION_KEY, SORT_KEY},
    stream_record::UnknownShape,
    table::{Item, Table, from_item},
};

/// The last characters that a ULID can have: <https://github.com/ulid/spec#encoding>
const LAST_CHARACTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many events of a partition key a page can have.
const LIMIT: i32 = 64;

/// How many queries are under way at once.
const QUERIES: usize = 16;

/// A part of a time range.
#[derive(Debug)]
pub struct EventPage {
    /// Its event items, in the order of their ids; one that holds no event says why.
    pub events: Vec<(EventId, Result<Event, UnknownShape>)>,
    /// No event up to this id comes later; `None` when none comes later at all.
    pub position: Option<EventId>,
}

/// What one partition key has: its items, and whether there are more behind them.
struct Partition {
    items: Vec<Item>,
    has_more: bool,
}

impl Table {
    /// The events of a range behind the id `after`, as far as one page reaches: at most a day, which is 32
    /// ordered queries. Sees every write that was answered before.
    pub async fn events(&self, range: TimeRange, after: Option<EventId>) -> Result<EventPage, StoreError> {
        let first = after.map_or(range.first_id(), |after| after.next().max(range.first_id()));
        let (last, last_of_day) = (range.last_id(), last_of_day(first));
        let mut until = last.min(last_of_day);
        if first > last {
            return Ok(EventPage { events: Vec::new(), position: None });
        }
        let partitions: Vec<Partition> = stream::iter(LAST_CHARACTERS.chars())
            .map(|character| self.partition(Key::event_partition(first, character), first, until))
            .buffer_unordered(QUERIES)
            .try_collect()
            .await?;
        // Behind the last item of a partition that has more, another partition's items could be out of order.
        for partition in partitions.iter().filter(|partition| partition.has_more) {
            until = partition.items.last().and_then(id).map_or(until, |last| until.min(last));
        }
        let mut events: Vec<_> = partitions
            .into_iter()
            .flat_map(|partition| partition.items)
            .filter_map(|item| Some((id(&item).filter(|id| *id <= until)?, event(item))))
            .collect();
        events.sort_by_key(|(id, _)| *id);
        Ok(EventPage { events, position: (until < last).then_some(until) })
    }

    /// The event of one item; `None` where there is no such item.
    pub async fn event(&self, key: &Key) -> Result<Option<Result<Event, UnknownShape>>, StoreError> {
        Ok(self.get(key.clone()).await?.map(event))
    }

    async fn partition(
        &self,
        partition: String,
        first: EventId,
        last: EventId,
    ) -> Result<Partition, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#sk", SORT_KEY)
            .expression_attribute_values(":pk", AttributeValue::S(partition))
            .expression_attribute_values(":first", AttributeValue::S(first.to_string()))
            .expression_attribute_values(":last", AttributeValue::S(last.to_string()))
            .consistent_read(true)
            .limit(LIMIT)
            .send()
            .await?;
        Ok(Partition {
            has_more: output.last_evaluated_key.is_some(),
            items: output.items.unwrap_or_default(),
        })
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

/// An item's id; `None` for one that no POST has written.
fn id(item: &Item) -> Option<EventId> {
    item.get(SORT_KEY)?.as_s().ok()?.parse().ok()
}

fn event(item: Item) -> Result<Event, UnknownShape> {
    let item: EventItem = from_item(item).map_err(|error| UnknownShape(error.to_string()))?;
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
}
