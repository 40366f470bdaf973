use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use xzepr_domain::{Event, Position, ReceiverId, ReplayFilter, TimeRange};
use xzepr_fixtures::event_of;
use xzepr_publishing::{Failure, Outcome, Publication, Publish, Undelivered};
use xzepr_store::{EventPage, Key};

use super::*;
use crate::kafka::Kafka;

const LEASE: Duration = Duration::from_secs(30);

/// The items of a range, and the progress of one replay of it.
#[derive(Default)]
struct FakeTable {
    items: Vec<(Key, Option<Event>)>,
    checkpoints: RefCell<Vec<Replay>>,
    end: RefCell<Option<(Ended, Replay)>>,
    /// The replay is lost at the checkpoint with this number.
    lost_at_checkpoint: Option<usize>,
    renewals: Cell<usize>,
    /// The replay is lost at the renewal with this number.
    lost_at_renewal: Option<usize>,
}

struct FakePages<'a> {
    table: &'a FakeTable,
    next: usize,
}

impl ReadEvents for FakeTable {
    type Pages<'a> = FakePages<'a>;

    fn pages(&self, _: TimeRange, after: Option<Position>) -> FakePages<'_> {
        let is_read = |key: &Key| after.as_ref().is_some_and(|after| *key.sort <= *after.as_str());
        FakePages { table: self, next: self.items.iter().filter(|(key, _)| is_read(key)).count() }
    }
}

impl ReadPage for FakePages<'_> {
    async fn next(&mut self, limit: usize) -> Result<EventPage, StoreError> {
        let rest = &self.table.items[self.next..];
        let page = &rest[..limit.min(rest.len())];
        self.next += page.len();
        let items = page.iter().map(|(key, event)| PageItem {
            key: key.clone(),
            event: event.clone().ok_or_else(|| xzepr_store::UnknownShape::new("has no payload")),
        });
        let is_end = page.len() == rest.len();
        let position = page.last().map(|(key, _)| Position::of(key.sort.clone())).filter(|_| !is_end);
        Ok(EventPage { items: items.collect(), position })
    }
}

impl KeepProgress for FakeTable {
    async fn renew_lease(&self, _: ReplayId, _: u64, _: Duration) -> Result<Ownership, StoreError> {
        self.renewals.set(self.renewals.get() + 1);
        Ok(owned_if(self.lost_at_renewal.is_none_or(|lost| self.renewals.get() < lost)))
    }

    async fn checkpoint(&self, replay: &Replay, _: Duration) -> Result<Ownership, StoreError> {
        self.checkpoints.borrow_mut().push(replay.clone());
        Ok(owned_if(self.lost_at_checkpoint.is_none_or(|lost| self.checkpoints.borrow().len() < lost)))
    }

    async fn release(&self, replay: &Replay) -> Result<Ownership, StoreError> {
        *self.end.borrow_mut() = Some((Ended::Released, replay.clone()));
        Ok(Ownership::Kept)
    }

    async fn end(&self, replay: &Replay) -> Result<Ownership, StoreError> {
        *self.end.borrow_mut() = Some((Ended::Done, replay.clone()));
        Ok(Ownership::Kept)
    }
}

fn owned_if(is_kept: bool) -> Ownership {
    if is_kept { Ownership::Kept } else { Ownership::Lost }
}

/// A publisher to a slow Kafka that is unavailable for the first batches.
#[derive(Clone, Default)]
struct FakePublisher {
    unavailable_for: Rc<Cell<usize>>,
    delay: Duration,
    published: Rc<RefCell<Vec<String>>>,
    /// The sort key of the event that no route matches.
    unrouted: Option<String>,
}

impl FakePublisher {
    /// Whether a route takes an item to the replay's topic, or to any without one.
    fn is_routed(&self, publication: &Publication) -> bool {
        publication.topic().is_none_or(|topic| topic == "topic")
            && self.unrouted.as_ref() != Some(&publication.key().sort)
    }
}

impl Publish for FakePublisher {
    async fn publish(&mut self, publications: &[Publication], _: Duration) -> Vec<Outcome> {
        sleep(self.delay).await;
        let is_available = self.unavailable_for.get() == 0;
        self.unavailable_for.set(self.unavailable_for.get().saturating_sub(1));
        let outcome = |(index, publication): (usize, &Publication)| {
            // The first message of a batch is sent before Kafka becomes unavailable.
            if !self.is_routed(publication) {
                Outcome::Unrouted
            } else if is_available || index == 0 {
                self.published.borrow_mut().push(publication.key().sort.clone());
                Outcome::Published
            } else {
                Outcome::Failed(Failure::Undelivered(Undelivered::OutOfTime))
            }
        };
        publications.iter().enumerate().map(outcome).collect()
    }

    async fn preview(&mut self, publications: &[Publication]) -> Vec<Outcome> {
        let outcome = |publication| {
            if self.is_routed(publication) { Outcome::Published } else { Outcome::Unrouted }
        };
        publications.iter().map(outcome).collect()
    }
}

fn event(name: &str, receiver: ReceiverId) -> (Key, Option<Event>) {
    let event = event_of(name, receiver);
    (Key::event(event.id), Some(event))
}

fn table(events: usize) -> FakeTable {
    let receiver = ReceiverId::generate();
    let mut items: Vec<_> = (0..events).map(|_| event("build", receiver)).collect();
    items.sort_by(|(one, _), (other, _)| one.sort.cmp(&other.sort));
    FakeTable { items, ..FakeTable::default() }
}

fn ids(table: &FakeTable) -> Vec<String> {
    table.items.iter().map(|(key, _)| key.sort.clone()).collect()
}

fn replay(filter: ReplayFilter, dry_run: bool) -> Replay {
    let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
    Replay { slice: 1, ..Replay::new(range, filter, dry_run) }
}

async fn run(table: &FakeTable, publisher: &FakePublisher, replay: Replay, lasts: Duration) -> Ended {
    let ends = Instant::now() + lasts;
    let mut publisher = publisher.clone();
    let slice = Slice {
        table,
        target: Kafka(&mut publisher),
        pace: Pace::new(10),
        lease: LEASE,
        replay,
        last_page: ends - Duration::from_secs(60),
        ends,
    };
    slice.run().await.unwrap()
}

const LONG: Duration = Duration::from_secs(840);

fn all() -> Replay {
    replay(ReplayFilter::default(), false)
}

fn ended(table: &FakeTable) -> Replay {
    table.end.borrow().clone().unwrap().1
}

#[tokio::test(start_paused = true)]
async fn a_slice_publishes_its_range_in_order_with_a_checkpoint_after_each_chunk() {
    let (table, publisher) = (table(25), FakePublisher::default());
    assert_eq!(run(&table, &publisher, all(), LONG).await, Ended::Done);
    assert_eq!(*publisher.published.borrow(), ids(&table));
    let reads: Vec<_> = table.checkpoints.borrow().iter().map(|replay| replay.counts.read).collect();
    assert_eq!(reads, [10, 20]);
    let counts = ended(&table).counts;
    assert_eq!((counts.read, counts.matched, counts.published, counts.failures), (25, 25, 25, 0));
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_a_slice_continues_at_the_first_event_that_kafka_refused() {
    let (table, publisher) = (table(15), FakePublisher::default());
    publisher.unavailable_for.set(3);
    let started = Instant::now();
    assert_eq!(run(&table, &publisher, all(), LONG).await, Ended::Done);
    assert_eq!(*publisher.published.borrow(), ids(&table));
    // The pauses are 5, 10 and 20 s.
    assert!(started.elapsed() >= Duration::from_secs(35), "{:?}", started.elapsed());
    let first = table.checkpoints.borrow()[0].clone();
    assert_eq!((first.counts.read, first.counts.published, first.counts.failures), (1, 1, 1));
    assert!(first.last_error.is_some());
    assert_eq!(first.position, Some(Position::of(ids(&table)[0].clone())));
    let end = ended(&table);
    assert_eq!((end.counts.published, end.counts.failures, end.last_error), (15, 3, None));
}

#[tokio::test(start_paused = true)]
async fn a_slice_without_time_left_releases_the_replay() {
    let publisher = FakePublisher { delay: Duration::from_secs(50), ..FakePublisher::default() };
    let table = table(40);
    assert_eq!(run(&table, &publisher, all(), Duration::from_secs(150)).await, Ended::Released);
    // Two chunks of 50 s, and no third in the last minute.
    assert_eq!(publisher.published.borrow().len(), 20);
    assert_eq!(ended(&table).counts.read, 20);
}

#[tokio::test(start_paused = true)]
async fn a_slice_that_is_lost_at_a_checkpoint_publishes_nothing_more() {
    let (table, publisher) =
        (FakeTable { lost_at_checkpoint: Some(1), ..table(30) }, FakePublisher::default());
    assert_eq!(run(&table, &publisher, all(), LONG).await, Ended::Lost);
    assert_eq!(publisher.published.borrow().len(), 10);
    assert!(table.end.borrow().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_lease_is_renewed_while_kafka_is_slow_and_its_loss_ends_the_slice() {
    let publisher = FakePublisher { delay: Duration::from_secs(45), ..FakePublisher::default() };
    let kept = table(10);
    assert_eq!(run(&kept, &publisher, all(), LONG).await, Ended::Done);
    assert_eq!(kept.renewals.get(), 4);
    let lost = FakeTable { lost_at_renewal: Some(2), ..table(10) };
    let started = Instant::now();
    assert_eq!(run(&lost, &publisher, all(), LONG).await, Ended::Lost);
    assert_eq!(started.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_filter_chooses_by_type_receiver_and_topic() {
    let receiver = ReceiverId::generate();
    let items =
        vec![event("build", receiver), event("scan", receiver), event("build", ReceiverId::generate())];
    let table = FakeTable { items, ..FakeTable::default() };
    let filter = |r#type: Option<&str>, receiver, topic: Option<&str>| ReplayFilter {
        r#type: r#type.map(str::to_owned),
        receiver,
        topic: topic.map(str::to_owned),
    };
    for (filter, matched) in [
        (filter(None, None, None), 3),
        (filter(Some("build"), None, None), 2),
        (filter(None, Some(receiver), None), 2),
        (filter(Some("build"), Some(receiver), Some("topic")), 1),
        (filter(None, None, Some("another")), 0),
    ] {
        let publisher = FakePublisher::default();
        assert_eq!(run(&table, &publisher, replay(filter.clone(), false), LONG).await, Ended::Done);
        assert_eq!(publisher.published.borrow().len(), matched, "{filter:?}");
        let counts = ended(&table).counts;
        assert_eq!((counts.read, counts.matched), (3, u64::try_from(matched).unwrap()), "{filter:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_counts_and_publishes_nothing() {
    let (table, publisher) = (table(5), FakePublisher::default());
    let dry_run = replay(ReplayFilter::default(), true);
    assert_eq!(run(&table, &publisher, dry_run, LONG).await, Ended::Done);
    assert!(publisher.published.borrow().is_empty());
    let counts = ended(&table).counts;
    assert_eq!((counts.read, counts.matched, counts.published), (5, 5, 0));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_with_a_topic_counts_the_events_that_a_route_takes_there() {
    for (topic, matched) in [("topic", 5), ("another", 0)] {
        let (table, publisher) = (table(5), FakePublisher::default());
        let filter = ReplayFilter { topic: Some(topic.to_owned()), ..ReplayFilter::default() };
        assert_eq!(run(&table, &publisher, replay(filter, true), LONG).await, Ended::Done);
        assert!(publisher.published.borrow().is_empty());
        let counts = ended(&table).counts;
        assert_eq!((counts.read, counts.matched, counts.published, counts.unrouted), (5, matched, 0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_no_route_matches_is_counted_as_unrouted_unless_a_topic_is_asked_for() {
    for (topic, dry_run, matched, unrouted) in
        [(None, false, 5, 1), (None, true, 5, 1), (Some("topic"), false, 4, 0), (Some("topic"), true, 4, 0)]
    {
        let table = table(5);
        let publisher = FakePublisher { unrouted: Some(ids(&table)[2].clone()), ..FakePublisher::default() };
        let filter = ReplayFilter { topic: topic.map(str::to_owned), ..ReplayFilter::default() };
        assert_eq!(run(&table, &publisher, replay(filter, dry_run), LONG).await, Ended::Done);
        let counts = ended(&table).counts;
        assert_eq!((counts.read, counts.matched, counts.unrouted), (5, matched, unrouted), "{topic:?}");
        assert_eq!(counts.published, if dry_run { 0 } else { 4 }, "{topic:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_that_is_no_event_is_counted_and_named_and_does_not_stop_the_replay() {
    let mut table = table(3);
    table
        .items
        .insert(1, (Key { partition: "EVENT#1".to_owned(), sort: ids(&table)[0].clone() + "-copy" }, None));
    let publisher = FakePublisher::default();
    assert_eq!(run(&table, &publisher, all(), LONG).await, Ended::Done);
    let end = ended(&table);
    assert_eq!((end.counts.read, end.counts.foreign, end.foreign.len()), (4, 1, 1));
    // It is published too, since the publisher makes a dead letter of it.
    assert_eq!(publisher.published.borrow().len(), 4);
    let filtered =
        replay(ReplayFilter { r#type: Some("build".to_owned()), ..ReplayFilter::default() }, false);
    publisher.published.take();
    assert_eq!(run(&table, &publisher, filtered, LONG).await, Ended::Done);
    assert_eq!(publisher.published.borrow().len(), 3);
}
