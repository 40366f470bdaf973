//! Tables in memory, whose reads return as little as DynamoDB may return.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use chrono::NaiveDate;
use xzepr_domain::{Event, EventId, EventSummary, IdRange, Order};
use xzepr_store::{DaysPage, StoreError, SummaryPage};

use super::{SearchEvents, summaries};
use crate::event_search::{plan::Partition, store::PartitionRead};

#[derive(Debug)]
pub(super) struct Memory {
    pub(super) events: Vec<Event>,
    /// Ids of items that are no events. Reads count them, and return nothing for them.
    pub(super) foreign: Vec<EventId>,
    /// The most items of one read.
    pub(super) read_at_once: usize,
    /// The most days of one read.
    pub(super) days_at_once: usize,
    /// The first day that the index does not know.
    pub(super) unknown_from: NaiveDate,
    pub(super) reads: AtomicUsize,
}

impl Memory {
    fn is_in(partition: &Partition, event: &EventSummary) -> bool {
        match partition {
            Partition::Name(name) => event.name == *name,
            Partition::Receiver(receiver) => event.event_receiver_id == *receiver,
            Partition::Day(day, character) => {
                day_of(event.id) == *day && event.id.to_string().ends_with(*character)
            }
        }
    }
}

fn day_of(id: EventId) -> NaiveDate {
    id.time().unwrap().date_naive()
}

impl SearchEvents for Memory {
    async fn read(&self, read: &PartitionRead) -> Result<SummaryPage, StoreError> {
        self.reads.fetch_add(1, Relaxed);
        let events = summaries(&self.events).into_iter().filter(|event| Self::is_in(&read.partition, event));
        let foreign = self.foreign.iter().map(|id| (*id, None));
        let mut items: Vec<_> = events.map(|event| (event.id, Some(event))).chain(foreign).collect();
        items.retain(|(id, _)| read.ids.contains(*id));
        items.sort_by(|(one, _), (other, _)| read.order.compare(one, other));
        let limit = read.limit.min(self.read_at_once);
        // DynamoDB does not look whether an item follows.
        let rest = items.get(limit - 1).and_then(|(id, _)| read.ids.after(*id, read.order));
        items.truncate(limit);
        Ok(SummaryPage { events: items.into_iter().filter_map(|(_, event)| event).collect(), rest })
    }

    async fn days(&self, ids: IdRange, order: Order, limit: usize) -> Result<DaysPage, StoreError> {
        let mut days: Vec<_> = self.events.iter().map(|event| day_of(event.id)).collect();
        let (first, last) = (day_of(ids.lowest()), day_of(ids.highest()));
        days.retain(|day| *day < self.unknown_from && first <= *day && *day <= last);
        days.sort_by(|one, other| order.compare(one, other));
        days.dedup();
        let limit = limit.min(self.days_at_once);
        let has_more = days.len() >= limit;
        days.truncate(limit);
        Ok(DaysPage { days, has_more })
    }

    async fn find_events(&self, ids: &[EventId]) -> Result<Vec<Event>, StoreError> {
        Ok(self.events.iter().filter(|event| ids.contains(&event.id)).rev().cloned().collect())
    }
}
