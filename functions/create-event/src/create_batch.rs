//! The events of a batch. Each is stored by itself, so that one that is refused or throttled does not stop the others.

use std::{collections::HashSet, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};
use xzepr_domain::EventId;
use xzepr_http::{BatchEntry, HttpError, PostedBatch, PostedEvent, RESPOND_WITHIN, Success};

use crate::{
    costs::Costs,
    create_event::CreateEvent,
    store::{ReadReceivers, StoreEvents},
};

/// How many events of a batch are stored at the same time.
const AT_ONCE: usize = 8;

/// The time for the events. An event that is not stored by then is 503 in a response that has the ids of the others.
const STORE_WITHIN: Duration = RESPOND_WITHIN.saturating_sub(Duration::from_millis(500));

impl<S: ReadReceivers + StoreEvents> CreateEvent<S> {
    pub(crate) async fn create_batch(&self, PostedBatch(events): PostedBatch) -> Success<Vec<BatchEntry>> {
        let (costs, deadline) = (Costs::of_batch(), Instant::now() + STORE_WITHIN);
        let first = EventId::generate();
        let mut results = Vec::with_capacity(events.len());
        for wave in waves(events) {
            let creating = wave.into_iter().map(|(index, event)| {
                let costs = &costs;
                async move {
                    let late = Err(HttpError::TimedOut { after: STORE_WITHIN });
                    // An event that begins later would be checked, and could be stored, before its time is looked at.
                    if Instant::now() >= deadline {
                        return (index, late);
                    }
                    let id = || id_at(index, first);
                    let created =
                        timeout_at(deadline, async { self.create_one(event?, costs, id).await }).await;
                    (index, created.unwrap_or(late))
                }
            });
            let mut created = stream::iter(creating).buffer_unordered(AT_ONCE);
            while let Some(result) = created.next().await {
                results.push(result);
            }
        }
        results.sort_unstable_by_key(|(index, _)| *index);
        BatchEntry::all(results.into_iter().map(|(_, result)| result).collect())
    }
}

/// The id of the event at this index. New ids of one millisecond are in no order, but the latest event of a receiver decides
/// about its gates: of a failure and a success in one batch, the later one must count.
fn id_at(index: usize, first: EventId) -> EventId {
    let index = u128::try_from(index).unwrap_or_default();
    EventId::of_number(first.to_number().saturating_add(index))
}

type Indexed = (usize, Result<PostedEvent, HttpError>);

/// The events with their indexes. An event with the key of an earlier one comes in the second wave. So the first of them
/// is the one that is stored.
fn waves(events: Vec<Result<PostedEvent, HttpError>>) -> [Vec<Indexed>; 2] {
    let mut keys = HashSet::new();
    let (first, repeated) = events.into_iter().enumerate().partition(|(_, event)| {
        let idempotency = event.as_ref().ok().and_then(|event| event.idempotency.as_ref());
        idempotency.is_none_or(|idempotency| keys.insert(idempotency.key.clone()))
    });
    [first, repeated]
}

#[cfg(test)]
mod tests;
