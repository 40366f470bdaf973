//! The items of one page. A chunk chooses those that the replay publishes, and adds their outcomes to its progress.

use xzepr_domain::{Event, Replay};
use xzepr_publishing::{Failure, Outcome, Publication};
use xzepr_store::PageItem;
use xzepr_telemetry::metrics::{definitions::EVENTS_REPLAYED, record};

use crate::read_items::ReadItems;

pub(crate) struct Chunk {
    items: ReadItems,
    publications: Vec<Publication>,
    /// The index in `items` of each publication.
    indices: Vec<usize>,
}

impl Chunk {
    /// Chooses the items that match the replay's filter.
    pub(crate) fn new(page: Vec<PageItem>, replay: &Replay) -> Self {
        let items = ReadItems::from(&*page);
        let (indices, publications) = page
            .into_iter()
            .enumerate()
            .filter(|(_, item)| matches_filter(replay, item.event.as_ref().ok()))
            .map(|(index, item)| {
                let publication = Publication::new(item.key, item.event).replayed_by(replay.id);
                (
                    index,
                    match &replay.filter.topic {
                        Some(topic) => publication.to_topic(topic.clone()),
                        None => publication,
                    },
                )
            })
            .unzip();
        Self { items, publications, indices }
    }

    pub(crate) fn publications(&self) -> &[Publication] {
        &self.publications
    }

    /// Adds the outcomes to the replay's counts and moves its position. Stops at the first failure and returns it, so
    /// that the replay continues at the item that failed.
    pub(crate) fn add_to(self, replay: &mut Replay, outcomes: Vec<Outcome>) -> Result<(), Failure> {
        let mut done = self.items.len();
        let mut result = Ok(());
        for (index, outcome) in self.indices.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Published if replay.dry_run => {}
                Outcome::Published => {
                    replay.counts.published += 1;
                    record(EVENTS_REPLAYED.of(1));
                }
                Outcome::Skipped => replay.counts.skipped += 1,
                // The filter has a topic, and no route takes the event to it.
                Outcome::Unrouted if replay.filter.topic.is_some() => continue,
                Outcome::Unrouted => replay.counts.unrouted += 1,
                Outcome::DeadLettered(_) | Outcome::RoutesDeadLettered => replay.counts.dead_lettered += 1,
                Outcome::Failed(failure) => {
                    let (replay, event_id) = (replay.id.to_string(), self.items.sort_key(index));
                    tracing::error!(replay, event_id, "could not publish, and will retry: {failure}");
                    done = index;
                    result = Err(failure);
                    break;
                }
            }
            replay.counts.matched += 1;
        }
        self.items.add_to(replay, done);
        result
    }
}

/// Whether the filter selects an item, apart from its topic. An item that is no event matches only a filter that all
/// events match. It then becomes a dead letter, as an item from the stream does.
fn matches_filter(replay: &Replay, event: Option<&Event>) -> bool {
    let filter = &replay.filter;
    match event {
        Some(event) => {
            filter.r#type.as_ref().is_none_or(|name| **name == *event.message_type())
                && filter.receiver.is_none_or(|receiver| receiver == event.event_receiver_id)
        }
        None => filter.r#type.is_none() && filter.receiver.is_none() && filter.topic.is_none(),
    }
}
