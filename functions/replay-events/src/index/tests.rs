use std::{cell::RefCell, time::Duration};

use xzepr_domain::{Position, ReplayFilter, ReplayTarget, TimeRange};
use xzepr_fixtures::event;
use xzepr_indexing::Failure;
use xzepr_store::{Key, UnknownShape};

use super::*;

/// An indexer that returns these outcomes, one after the other, and remembers the events.
struct FakeIndexer {
    outcomes: Vec<Outcome>,
    events: RefCell<Vec<Event>>,
}

impl Rebuild for FakeIndexer {
    async fn rebuild(&self, events: &[Event], _: Instant) -> Vec<Outcome> {
        self.events.borrow_mut().extend_from_slice(events);
        self.outcomes.clone()
    }
}

fn replay() -> Replay {
    let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
    Replay { target: ReplayTarget::Index, ..Replay::new(range, ReplayFilter::default(), false) }
}

/// Three events, and an item after the first one that is no event.
fn page() -> Vec<PageItem> {
    let mut events: Vec<_> = [event(), event(), event()].into();
    events.sort_by_key(|event| event.id);
    let mut items: Vec<_> =
        events.into_iter().map(|event| PageItem { key: Key::event(event.id), event: Ok(event) }).collect();
    let key = Key { sort: format!("{}-copy", items[0].key.sort), ..items[0].key.clone() };
    items.insert(1, PageItem { key, event: Err(UnknownShape::new("has no payload")) });
    items
}

async fn bring(page: Vec<PageItem>, outcomes: Vec<Outcome>) -> (Result<(), Waits>, Replay, Vec<Event>) {
    let indexer = FakeIndexer { outcomes, events: RefCell::default() };
    let mut replay = replay();
    let ends = Instant::now() + Duration::from_secs(60);
    let brought = Index(&indexer).bring(page, &mut replay, &mut Pace::new(10), ends).await;
    (brought, replay, indexer.events.take())
}

#[tokio::test(start_paused = true)]
async fn all_events_of_a_page_are_indexed_and_what_is_no_event_is_named() {
    let page = page();
    let keys: Vec<_> = page.iter().map(|item| item.key.clone()).collect();
    let unindexed = Outcome::Unindexed(Failure::Contended);
    let (brought, replay, events) = bring(page, vec![Outcome::Indexed, unindexed, Outcome::Indexed]).await;
    assert_eq!((brought, events.len()), (Ok(()), 3));
    let counts = replay.counts;
    assert_eq!((counts.read, counts.matched, counts.indexed, counts.published), (4, 3, 2, 0));
    assert_eq!(replay.foreign, [keys[1].to_string()]);
    assert_eq!(replay.position, Some(Position::of(keys[3].sort.clone())));
}

#[tokio::test(start_paused = true)]
async fn the_replay_continues_at_the_first_event_that_failed() {
    let page = page();
    let keys: Vec<_> = page.iter().map(|item| item.key.clone()).collect();
    let failed = || Outcome::Failed(Failure::OutOfTime);
    let (brought, replay, _) = bring(page, vec![Outcome::Indexed, failed(), Outcome::Indexed]).await;
    assert!(brought.is_err());
    assert_eq!((replay.counts.read, replay.counts.indexed, replay.counts.foreign), (2, 1, 1));
    assert_eq!(replay.position, Some(Position::of(keys[1].sort.clone())));
}
