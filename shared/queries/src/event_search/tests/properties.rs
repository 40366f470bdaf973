use proptest::{collection::vec, option, prelude::*, sample::select};
use tokio::runtime::Builder;
use xzepr_domain::{EventId, ReceiverId, ShortText};
use xzepr_fixtures::{GROUP, RECEIVER, event_with_id};

use super::{memory::Memory, *};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Midnight before the first day of the events.
const FIRST_DAY: u64 = 20_000;

/// The days on which there may be events.
const DAYS: u64 = 9;

fn text(text: &str) -> ShortText {
    text.to_owned().try_into().unwrap()
}

fn receiver(id: &str) -> ReceiverId {
    id.parse().unwrap()
}

/// An id in a few milliseconds of a few days, with each last character.
fn id() -> impl Strategy<Value = EventId> {
    let ms = select(vec![0, 1, 2, DAY_MS / 2, DAY_MS - 1]);
    (0..DAYS, ms, any::<u8>()).prop_map(|(day, ms, random)| {
        let ms = (FIRST_DAY + day) * DAY_MS + ms;
        EventId::of_number((u128::from(ms) << 80) | u128::from(random))
    })
}

fn short() -> impl Strategy<Value = ShortText> {
    select(vec![text("a"), text("b")])
}

fn receivers() -> impl Strategy<Value = ReceiverId> {
    select(vec![receiver(RECEIVER), receiver(GROUP)])
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (id(), [short(), short(), short(), short(), short()], receivers(), any::<bool>()).prop_map(
        |(id, [name, version, release, platform_id, package], event_receiver_id, success)| Event {
            name,
            version,
            release,
            platform_id,
            package,
            event_receiver_id,
            success,
            ..event_with_id(id)
        },
    );
    vec(event, 0..60).prop_map(|mut events| {
        events.sort_by_key(|event| event.id);
        events.dedup_by_key(|event| event.id);
        events
    })
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (id(), 0..2_000_000_u32)
        .prop_map(|(id, ns)| id.time().unwrap() + chrono::TimeDelta::nanoseconds(ns.into()))
}

/// Each member is set in one of four filters, so that many events match.
fn filter() -> impl Strategy<Value = EventFilter> {
    let text = || option::weighted(0.25, short());
    let texts = [text(), text(), text(), text(), text()];
    let rest = (
        option::weighted(0.25, any::<bool>()),
        option::weighted(0.25, receivers()),
        option::weighted(0.25, time()),
        option::weighted(0.25, time()),
    );
    (texts, rest).prop_map(|([name, version, release, platform_id, package], rest)| {
        let (success, event_receiver_id, from, to) = rest;
        EventFilter { name, version, release, platform_id, package, success, event_receiver_id, from, to }
    })
}

/// Tables whose reads return little. The index knows no event of the last two days.
fn memory() -> impl Strategy<Value = Memory> {
    (events(), vec(id(), 0..9), 1..9_usize, 1..5_usize).prop_map(
        |(events, foreign, read_at_once, days_at_once)| Memory {
            foreign: foreign.into_iter().filter(|id| events.iter().all(|event| event.id != *id)).collect(),
            events,
            read_at_once,
            days_at_once,
            unknown_from: now().date_naive() - chrono::Days::new(2),
            reads: 0.into(),
        },
    )
}

/// An hour before the last midnight of the events, so that ids of the last day are ahead of the clock.
fn now() -> DateTime<Utc> {
    EventId::first_of((FIRST_DAY + DAYS - 1) * DAY_MS - DAY_MS / 24).time().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_pages_of_any_list_are_together_the_events_that_match_in_order_and_each_once(
        memory in memory(),
        filter in filter(),
        is_newest: bool,
        limit in 1..12_usize,
        reads in 0..100_usize,
        is_always_late: bool,
        with_payload: bool,
    ) {
        let order = if is_newest { Order::NewestFirst } else { Order::OldestFirst };
        let expected = matching(&memory.events, &filter, order);
        let time = if is_always_late { Duration::ZERO } else { Duration::from_secs(60) };
        let search = EventSearch::with_budget(memory, SearchBudget { reads, time });
        let runtime = Builder::new_current_thread().build().unwrap();
        let (found, _) = runtime.block_on(all_pages(&search, &filter, order, limit, with_payload, now()));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_page_reads_more_than_its_budget_and_one_round(
        memory in memory(),
        filter in filter(),
        is_newest: bool,
        limit in 1..12_usize,
        reads in 0..100_usize,
    ) {
        let order = if is_newest { Order::NewestFirst } else { Order::OldestFirst };
        let search = EventSearch::with_budget(memory, SearchBudget { reads, time: Duration::from_secs(60) });
        let runtime = Builder::new_current_thread().build().unwrap();
        let query = EventQuery::new(filter, order, limit, None, false).unwrap();
        runtime.block_on(search.page_at(&query, now())).unwrap();
        prop_assert!(search.store.reads.load(std::sync::atomic::Ordering::Relaxed) <= reads + 32);
    }
}
