//! The reads that a search needs.

use std::future::Future;

use xzepr_domain::{Event, EventId, IdRange, Order};
use xzepr_store::{DaysPage, Index, StoreError, SummaryPage, Table};

use crate::event_search::plan::Partition;

/// A read of a partition: one query.
#[derive(Debug, Clone)]
pub struct PartitionRead {
    pub(crate) stream: usize,
    pub(crate) partition: Partition,
    pub(crate) ids: IdRange,
    pub(crate) order: Order,
    pub(crate) limit: usize,
}

/// Reads the tables for a search.
pub trait SearchEvents: Sync {
    /// Some events of a partition, without their payloads.
    fn read(&self, read: &PartitionRead) -> impl Future<Output = Result<SummaryPage, StoreError>> + Send;

    /// Some days that have events.
    fn days(
        &self,
        ids: IdRange,
        order: Order,
        limit: usize,
    ) -> impl Future<Output = Result<DaysPage, StoreError>> + Send;

    /// Those of the events that exist, in any order.
    fn find_events(&self, ids: &[EventId]) -> impl Future<Output = Result<Vec<Event>, StoreError>> + Send;
}

/// The two tables.
#[derive(Debug, Clone)]
pub struct EventTables {
    /// The events, by day.
    pub table: Table,
    /// The events by name and by receiver, and the days.
    pub index: Index,
}

impl SearchEvents for EventTables {
    async fn read(&self, read: &PartitionRead) -> Result<SummaryPage, StoreError> {
        let PartitionRead { partition, ids, order, limit, .. } = read;
        match partition {
            Partition::Name(name) => self.index.by_name(name, *ids, *order, *limit).await,
            Partition::Receiver(receiver) => self.index.by_receiver(*receiver, *ids, *order, *limit).await,
            Partition::Day(day, character) => self.table.by_day(*day, *character, *ids, *order, *limit).await,
        }
    }

    async fn days(&self, ids: IdRange, order: Order, limit: usize) -> Result<DaysPage, StoreError> {
        self.index.days(ids, order, limit).await
    }

    async fn find_events(&self, ids: &[EventId]) -> Result<Vec<Event>, StoreError> {
        self.table.find_events(ids).await
    }
}
