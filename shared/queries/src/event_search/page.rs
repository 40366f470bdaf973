//! A page of a search: the events that match, until there are enough, or until the search has read enough.
//!
//! Everything here is pure. It asks for reads, and gets their results.

use xzepr_domain::{EventId, EventSummary};
use xzepr_store::SummaryPage;

use crate::event_search::{EventFilter, merge::Merge, plan::Stages, store::PartitionRead};

pub(crate) struct Page<'a> {
    filter: &'a EventFilter,
    limit: usize,
    stages: Stages,
    merge: Option<Merge>,
    events: Vec<EventSummary>,
    reads_left: usize,
    has_read: bool,
}

/// A page that is done.
#[derive(Debug)]
pub(crate) struct Found {
    /// In order, at most as many as the limit.
    pub(crate) events: Vec<EventSummary>,
    /// The first id that may follow. `None` at the end of the list.
    pub(crate) rest: Option<EventId>,
}

/// The next step of a page.
#[derive(Debug)]
pub(crate) enum Step {
    /// These reads have to be done first. All of their results have to be added.
    Read(Vec<PartitionRead>),
    /// The page is done.
    Done(Found),
}

impl<'a> Page<'a> {
    /// A page of at most `limit` events. It ends when it has used so many reads, but not before it has made progress.
    pub(crate) fn new(filter: &'a EventFilter, limit: usize, stages: Stages, reads: usize) -> Self {
        Self {
            filter,
            limit: limit.max(1),
            stages,
            merge: None,
            events: Vec::new(),
            reads_left: reads,
            has_read: false,
        }
    }

    /// Goes on as far as it can without a read. `is_late` ends the page at the next read.
    pub(crate) fn step(&mut self, is_late: bool) -> Step {
        loop {
            let Some(merge) = &mut self.merge else {
                let Some(rest) = self.stages.rest() else { return self.done(None) };
                if self.is_enough(is_late) {
                    return self.done(Some(rest));
                }
                match self.stages.next() {
                    Some(merge) => self.merge = Some(merge),
                    // The days that follow are not known yet.
                    None => return self.done(Some(rest)),
                }
                continue;
            };
            while let Some(event) = merge.take() {
                if !self.filter.matches(&event) {
                    continue;
                }
                if self.events.len() == self.limit {
                    return self.done(Some(event.id));
                }
                self.events.push(event);
            }
            let Some(rest) = merge.rest() else {
                self.merge = None;
                continue;
            };
            let reads = merge.reads();
            if self.is_enough(is_late) {
                return self.done(Some(rest));
            }
            self.reads_left = self.reads_left.saturating_sub(reads.len());
            self.has_read = true;
            return Step::Read(reads);
        }
    }

    /// Adds the result of a read.
    pub(crate) fn add(&mut self, stream: usize, page: SummaryPage) {
        if let Some(merge) = &mut self.merge {
            merge.add(stream, page);
        }
    }

    /// Whether the page ends rather than to read more. The first reads are always done, so that each page makes progress.
    fn is_enough(&self, is_late: bool) -> bool {
        self.events.len() == self.limit || (self.has_read && (is_late || self.reads_left == 0))
    }

    fn done(&mut self, rest: Option<EventId>) -> Step {
        Step::Done(Found { events: std::mem::take(&mut self.events), rest })
    }
}
