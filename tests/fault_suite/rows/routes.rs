//! Three routes. The topic of one may not be written to, and the topic of another has a small limit.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use end_to_end::eventually;
use serde_json::json;
use tokio::{task::block_in_place, time::sleep};

use crate::{
    access::permit_writes,
    bench::Bench,
    callers::{self, Callers, random_text},
    recorder::Recorder,
    scale::Scale,
    setup::{
        FORBIDDEN_TOPIC, MAX_MESSAGE_BYTES, REFUSED_PACKAGE, SMALL_MESSAGE_BYTES, SMALL_TOPIC, set_limit,
    },
};

/// A package whose events take the healthy route alone.
const HEALTHY_PACKAGE: &str = "healthy";

/// The load alternates between both packages, so that the machine's other work slows both.
const BLOCKS: usize = 2;

/// How often each caller posts, 50 events a second in all. The broker, the table and every function share the machine. So
/// a faster load would measure the processors.
const EVERY: Duration = Duration::from_millis(100);

/// Longer than a publisher remembers that a topic was refused.
const REFUSED_FOR: Duration = Duration::from_secs(11);

const ARRIVES_WITHIN: Duration = Duration::from_secs(60);

/// An invocation of the redrive takes at most a minute.
const REDRIVEN_WITHIN: Duration = Duration::from_secs(300);

type Ids = BTreeSet<String>;

/// Events, and the time from the first POST to the last message on the healthy topic.
#[derive(Default)]
struct Load {
    ids: Ids,
    took: Duration,
}

impl Load {
    fn add(&mut self, block: Self) {
        self.ids.extend(block.ids);
        self.took += block.took;
    }

    /// Callers stop at a few more events than asked for.
    fn ms_each(&self) -> f64 {
        self.took.as_secs_f64() * 1000.0 / self.ids.len() as f64
    }
}

/// The healthy route is as fast beside the refused ones as alone. The others' dead letters are published once after
/// their topics are repaired.
pub(crate) async fn refused(bench: &mut Bench, scale: Scale) {
    let brokers = bench.kafka.brokers();
    let topics = [FORBIDDEN_TOPIC, SMALL_TOPIC];
    let recorders = topics.map(|topic| block_in_place(|| Recorder::start(&brokers, topic)));
    let events = scale.routed_events / BLOCKS;
    // The first messages wait for connections.
    block(bench, HEALTHY_PACKAGE, events / 10).await;
    let mut refused = block(bench, REFUSED_PACKAGE, events / 10).await.ids;
    let (mut alone, mut beside) = (Load::default(), Load::default());
    for _ in 0..BLOCKS {
        alone.add(block(bench, HEALTHY_PACKAGE, events).await);
        beside.add(block(bench, REFUSED_PACKAGE, events).await);
        refused.extend(beside.ids.iter().cloned());
        await_dead_letters(bench, &recorders, &refused).await;
    }
    let ratio = beside.ms_each() / alone.ms_each();
    println!(
        "healthy route alone: {} events, {:.3} ms each; beside refused routes: {} events, {:.3} ms each; ratio \
         {ratio:.2}",
        alone.ids.len(),
        alone.ms_each(),
        beside.ids.len(),
        beside.ms_each()
    );
    assert!(ratio <= scale.max_delay, "refused routes delay the healthy one");

    permit_writes(&brokers, FORBIDDEN_TOPIC).await;
    set_limit(&brokers, SMALL_TOPIC, MAX_MESSAGE_BYTES).await;
    redrive(bench).await;
    sleep(REFUSED_FOR).await;
    // The stream takes the repaired routes too.
    refused.extend(block(bench, REFUSED_PACKAGE, events / 10).await.ids);
    for (topic, recorder) in topics.iter().zip(&recorders) {
        await_once(topic, recorder, &refused).await;
    }
    await_once("the healthy topic", &bench.recorder, &bench.ledger.ids().into_iter().collect()).await;
    assert_eq!(dead_letters(bench).await, BTreeMap::new(), "dead letters after the repair");
}

/// Posts events of a package, and waits until the healthy topic has all of them.
async fn block(bench: &Bench, package: &'static str, events: usize) -> Load {
    let before: Ids = bench.ledger.ids().into_iter().collect();
    let receiver = bench.receiver.clone();
    let make = move || {
        let mut event = callers::event(&receiver);
        event["package"] = package.into();
        if fastrand::u8(..4) == 0 {
            event["payload"] = json!({"commit": random_text(SMALL_MESSAGE_BYTES)});
        }
        event
    };
    let started = Instant::now();
    Callers::start(&bench.api, make, &bench.ledger, EVERY, false).stop_after(before.len() + events).await;
    let ids: Ids = bench.ledger.ids().into_iter().filter(|id| !before.contains(id)).collect();
    await_arrival("the healthy topic", &bench.recorder, &ids).await;
    let last = ids.iter().filter_map(|id| Some(bench.recorder.of(id)?.first)).max().unwrap();
    Load { ids, took: last - started }
}

/// Waits until every event that a topic refuses is a dead letter of its route, and no other event is.
async fn await_dead_letters(bench: &Bench, [forbidden, small]: &[Recorder; 2], refused: &Ids) {
    let is_large = |id: &&String| bench.recorder.of(id).unwrap().length > SMALL_MESSAGE_BYTES;
    let (large, others): (Ids, Ids) = refused.iter().cloned().partition(|id| is_large(&id));
    eventually(ARRIVES_WITHIN, async || {
        let letters = dead_letters(bench).await;
        let count = |route| letters.get(route).map_or(0, Ids::len);
        let expected = letters.len() == 2
            && letters.get("forbidden") == Some(refused)
            && letters.get("small") == Some(&large);
        if expected {
            println!("dead letters: forbidden {}, small {}", count("forbidden"), count("small"));
            return Ok(());
        }
        let (forbidden, small) = (count("forbidden"), count("small"));
        Err(format!("{forbidden} of {} and {small} of {} dead letters", refused.len(), large.len()))
    })
    .await;
    await_once(SMALL_TOPIC, small, &others).await;
    assert_eq!(forbidden.keys(), Ids::new(), "messages on the forbidden topic");
}

/// The ids of the events in the dead letters' table, by the route in the key.
async fn dead_letters(bench: &Bench) -> BTreeMap<String, Ids> {
    let scan = bench.dynamodb.scan().table_name(&bench.stack.dead_letters_table).consistent_read(true);
    let mut items = scan.into_paginator().items().send();
    let mut letters: BTreeMap<String, Ids> = BTreeMap::new();
    while let Some(item) = items.next().await {
        let item = item.unwrap();
        let text = |name: &str| item[name].as_s().unwrap().as_str();
        let parts: Vec<_> = text("pk").splitn(4, '#').collect();
        let ["ROUTE", route, "EVENT", _] = parts[..] else { panic!("{} names no route", text("pk")) };
        assert!(letters.entry(route.to_owned()).or_default().insert(text("sk").to_owned()));
    }
    letters
}

/// Retries all dead letters, as an operator does, until there are none.
async fn redrive(bench: &Bench) {
    let (started, mut runs) = (Instant::now(), Vec::new());
    eventually(REDRIVEN_WITHIN, async || {
        runs.push(bench.invoke("redrive-dead-letters", json!({"action": "retry", "all": true})).await);
        if dead_letters(bench).await.is_empty() { Ok(()) } else { Err(format!("{runs:?}")) }
    })
    .await;
    let published: u64 = runs.iter().map(|run| run["published"].as_u64().unwrap()).sum();
    println!("redrive: {published} messages, {:.1} s, {} runs", started.elapsed().as_secs_f64(), runs.len());
}

async fn await_arrival(topic: &str, recorder: &Recorder, ids: &Ids) {
    eventually(ARRIVES_WITHIN, async || match recorder.missing(ids.iter().cloned()) {
        0 => Ok(()),
        missing => Err(format!("{missing} of {} events are missing on {topic}", ids.len())),
    })
    .await;
}

/// Waits until a topic has each of these events, and checks that it has none of them twice. Other events may only be
/// those of the registry itself.
async fn await_once(topic: &str, recorder: &Recorder, ids: &Ids) {
    await_arrival(topic, recorder, ids).await;
    let doubled = ids.iter().filter(|id| recorder.of(id).is_some_and(|arrivals| arrivals.unmarked != 1));
    assert_eq!(doubled.count(), 0, "events that are more than once on {topic}");
}
