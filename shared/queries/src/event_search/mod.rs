//! The search for events: by any members, newest or oldest first, page by page.
//!
//! | Filter | It reads |
//! | --- | --- |
//! | with a name | the name's partition of the index table |
//! | with a receiver and no name | the receiver's partition of the index table |
//! | any other | the main table: the days that have events, each as a merge of its 32 partitions |
//!
//! Events are compared with the rest of the filter after they are read. A page ends when it is full by number or by
//! bytes, or when its reads or its time are used up. So it can be short or empty although more pages follow. Every
//! event that the tables have during the whole search is on exactly one page.

mod cursor;
mod filter;
mod merge;
mod page;
mod plan;
mod rows;
mod store;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use xzepr_domain::{EventId, IdRange, Order};
use xzepr_store::StoreError;

use crate::records::EventRecord;
pub use cursor::InvalidCursor;
pub use filter::EventFilter;
use page::{Found, Page, Step};
use plan::{Days, Plan, ReadSize, Stages};
use rows::Rows;
pub use store::{EventTables, PartitionRead, SearchEvents};

/// How many queries run at once. A function has a share of one CPU.
const QUERIES: usize = 8;

/// How many days are looked up for a page. It can read fewer, by its other limits.
const DAYS: usize = 32;

/// How many whole events one request reads. Each can have 256 KiB, which can be twice as much in the response of
/// DynamoDB, and a function with a share of one CPU needs a second for some megabytes. So the first request reads few.
const EVENTS: usize = 8;

/// How many whole events a further request reads, if the payloads of the last one had at most [`SMALL`] bytes each.
const SMALL_EVENTS: usize = 50;
const SMALL: usize = 16 * 1024;

/// The work that one page may take.
#[derive(Debug, Clone, Copy)]
pub struct SearchBudget {
    /// The most queries. Each reads up to 1 MB. The first queries of a page are always done, so that it makes progress.
    pub reads: usize,
    /// The time after which no more reads begin.
    pub time: Duration,
}

impl Default for SearchBudget {
    /// 20 days without an index: 640 queries, and 2 s.
    fn default() -> Self {
        Self { reads: 640, time: Duration::from_secs(2) }
    }
}

/// A question for one page of events.
#[derive(Debug, Clone)]
pub struct EventQuery {
    filter: EventFilter,
    order: Order,
    limit: usize,
    start: Option<EventId>,
    with_payload: bool,
}

impl EventQuery {
    /// A page of at most `limit` events: the first one, or the one of a cursor. A cursor must be of a list with the same
    /// filter and order. `with_payload` asks for whole events, with their payloads and the attributes of CloudEvents.
    pub fn new(
        filter: EventFilter,
        order: Order,
        limit: usize,
        cursor: Option<&str>,
        with_payload: bool,
    ) -> Result<Self, InvalidCursor> {
        let start = cursor.map(|cursor| cursor::read(cursor, &filter, order)).transpose()?;
        Ok(Self { filter, order, limit, start, with_payload })
    }

    /// The ids that the page and those after it can have.
    fn ids(&self) -> Option<IdRange> {
        let ids = self.filter.ids()?;
        match self.start {
            Some(start) => ids.starting_at(start, self.order),
            None => Some(ids),
        }
    }
}

/// A page of events.
#[derive(Debug, Serialize)]
pub struct EventPage {
    /// The events in order.
    pub data: Vec<EventRecord>,
    /// Where the list goes on.
    pub pagination: EventPagination,
}

/// The place of the next page.
#[derive(Debug, Serialize)]
pub struct EventPagination {
    /// The most events that the caller asked for.
    pub limit: usize,
    /// Whether there may be events after the page.
    pub has_more: bool,
    /// The cursor of the next page, if there may be one.
    pub next: Option<String>,
}

/// Answers questions for lists of events.
#[derive(Debug, Clone)]
pub struct EventSearch<S> {
    store: S,
    budget: SearchBudget,
}

impl<S: SearchEvents> EventSearch<S> {
    /// A search of these tables, with the usual budget.
    pub fn new(store: S) -> Self {
        Self::with_budget(store, SearchBudget::default())
    }

    /// A search with another budget for each page.
    pub fn with_budget(store: S, budget: SearchBudget) -> Self {
        Self { store, budget }
    }

    /// One page.
    pub async fn page(&self, query: &EventQuery) -> Result<EventPage, StoreError> {
        self.page_at(query, Utc::now()).await
    }

    /// One page at this time, by which the newest days are found.
    async fn page_at(&self, query: &EventQuery, now: DateTime<Utc>) -> Result<EventPage, StoreError> {
        let deadline = Instant::now() + self.budget.time;
        let (records, rest) = match query.ids() {
            Some(ids) => {
                let found = self.find(query, ids, now, deadline).await?;
                self.rows(query, found, deadline).await?
            }
            None => (Vec::new(), None),
        };
        let next = rest.map(|rest| cursor::write(rest, &query.filter, query.order));
        let pagination = EventPagination { limit: query.limit, has_more: next.is_some(), next };
        Ok(EventPage { data: records, pagination })
    }

    /// The events of the page, as the partitions have them.
    async fn find(
        &self,
        EventQuery { filter, order, limit, .. }: &EventQuery,
        ids: IdRange,
        now: DateTime<Utc>,
        deadline: Instant,
    ) -> Result<Found, StoreError> {
        let plan = Plan::of(filter);
        let size = ReadSize::new(&plan, filter, *limit);
        let stages = match plan {
            Plan::Index(partition) => Stages::of_partition(partition, ids, *order, size),
            Plan::Days => {
                let days = Days::new(self.store.days(ids, *order, DAYS).await?, now, ids, *order);
                Stages::of_days(days, ids, *order, size)
            }
        };
        let mut page = Page::new(filter, *limit, stages, self.budget.reads);
        loop {
            let reads = match page.step(Instant::now() >= deadline) {
                Step::Read(reads) => reads,
                Step::Done(found) => return Ok(found),
            };
            let results: Vec<_> = stream::iter(reads)
                .map(|read| async move { Ok::<_, StoreError>((read.stream, self.store.read(&read).await?)) })
                .buffer_unordered(QUERIES)
                .try_collect()
                .await?;
            for (stream, result) in results {
                page.add(stream, result);
            }
        }
    }

    /// The rows of the page, and the first id that may follow them.
    async fn rows(
        &self,
        query: &EventQuery,
        Found { events, rest }: Found,
        deadline: Instant,
    ) -> Result<(Vec<EventRecord>, Option<EventId>), StoreError> {
        let mut rows = Rows::default();
        if !query.with_payload {
            let left_out = rows.add_summaries(events);
            return Ok((rows.into_records(), left_out.or(rest)));
        }
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        let (mut unread, mut size) = (ids.as_slice(), EVENTS);
        while let Some(first) = unread.first() {
            if unread.len() < ids.len() && Instant::now() >= deadline {
                return Ok((rows.into_records(), Some(*first)));
            }
            let (next, after) = unread.split_at(size.min(unread.len()));
            let events = self.store.find_events(next).await?;
            let bytes: usize = events.iter().map(|event| event.payload.as_str().len()).sum();
            size = if bytes <= SMALL * events.len() { SMALL_EVENTS } else { EVENTS };
            let left_out = rows.add_events(next, events);
            if left_out.is_some() {
                return Ok((rows.into_records(), left_out));
            }
            unread = after;
        }
        Ok((rows.into_records(), rest))
    }
}
