//! Several partitions as one list, in the order of their ids.
//!
//! An event is taken only when no other partition can have one before it. So the list that was taken has no gaps,
//! however far each partition is read.

use std::collections::VecDeque;

use xzepr_domain::{EventId, EventSummary, IdRange, Order};
use xzepr_store::SummaryPage;

use crate::event_search::{
    plan::{Partition, ReadSize},
    store::PartitionRead,
};

/// The partitions of one stage.
pub(crate) struct Merge {
    order: Order,
    streams: Vec<Stream>,
}

/// A partition, with the events that are read and not yet taken.
struct Stream {
    partition: Partition,
    events: VecDeque<EventSummary>,
    /// The ids that are not read yet.
    unread: Option<IdRange>,
    size: ReadSize,
}

/// The place where a merge goes on.
#[derive(Clone, Copy)]
struct Next {
    stream: usize,
    id: EventId,
    is_read: bool,
}

impl Merge {
    /// The events of the partitions that have these ids.
    pub(crate) fn new(partitions: Vec<Partition>, ids: IdRange, order: Order, size: ReadSize) -> Self {
        let streams = partitions.into_iter().map(|partition| Stream {
            partition,
            events: VecDeque::new(),
            unread: Some(ids),
            size,
        });
        Self { order, streams: streams.collect() }
    }

    /// The next event. `None` if a partition must be read first, or if there are no more.
    pub(crate) fn take(&mut self) -> Option<EventSummary> {
        let next = self.next().filter(|next| next.is_read)?;
        self.streams.get_mut(next.stream)?.events.pop_front()
    }

    /// The first id that an event can have that is not taken yet. `None` if there are no more.
    pub(crate) fn rest(&self) -> Option<EventId> {
        self.next().map(|next| next.id)
    }

    /// The reads without which no event can be taken.
    pub(crate) fn reads(&self) -> Vec<PartitionRead> {
        let unread = self.streams.iter().enumerate().filter(|(_, stream)| stream.events.is_empty());
        unread
            .filter_map(|(number, stream)| {
                Some(PartitionRead {
                    stream: number,
                    partition: stream.partition.clone(),
                    ids: stream.unread?,
                    order: self.order,
                    limit: stream.size.now,
                })
            })
            .collect()
    }

    /// Adds the result of a read. The next read of the partition is twice as large.
    pub(crate) fn add(&mut self, number: usize, page: SummaryPage) {
        if let Some(stream) = self.streams.get_mut(number) {
            stream.events.extend(page.events);
            stream.unread = page.rest;
            stream.size = stream.size.next();
        }
    }

    /// The stream whose next event, or whose unread ids, come first. Of an event and unread ids that begin with its id,
    /// the unread ids come first.
    fn next(&self) -> Option<Next> {
        let nexts = self.streams.iter().enumerate().filter_map(|(stream, of)| match of.events.front() {
            Some(event) => Some(Next { stream, id: event.id, is_read: true }),
            None => of.unread.map(|ids| Next { stream, id: ids.first(self.order), is_read: false }),
        });
        nexts
            .min_by(|one, other| self.order.compare(&one.id, &other.id).then(one.is_read.cmp(&other.is_read)))
    }
}
