//! The table fails while a POST uses it.

use std::{collections::HashSet, time::Duration};

use end_to_end::Mode;
use tokio::{task::JoinSet, time::sleep};

use crate::{bench::Bench, callers, scale::Scale};

/// Every caller retries with its key until the response is 200. Each event is stored only once.
pub(crate) async fn faulty(bench: &mut Bench, scale: Scale) {
    let modes = [
        Mode::Error(400, "ProvisionedThroughputExceededException"),
        Mode::Error(400, "ThrottlingException"),
        Mode::Error(500, "InternalServerError"),
        Mode::Hang,
        Mode::Cut,
        Mode::LoseResponses("TransactWriteItems"),
    ];
    let load = bench.load_with_retries();
    for round in 0..scale.kills.max(modes.len()) {
        sleep(Duration::from_millis(fastrand::u64(100..800))).await;
        bench.table_proxy.set(modes[round % modes.len()].clone());
        sleep(Duration::from_millis(fastrand::u64(200..2500))).await;
        bench.table_proxy.set(Mode::Pass);
    }
    load.stop_after(scale.events).await;
    let accepted = bench.ledger.ids().len();
    assert_eq!(stored(bench).await, accepted, "one event for each key, although it was posted several times");
}

/// How many events of this row are in the table.
async fn stored(bench: &Bench) -> usize {
    let report = bench.reconcile().await;
    usize::try_from(report["accepted"].as_u64().unwrap()).unwrap()
}

/// Fifty callers at once share a key. They make one event and get fifty equal responses.
pub(crate) async fn one_key(bench: &mut Bench, scale: Scale) {
    const CALLERS: usize = 50;
    let load = bench.load_with_retries();
    for round in 0..scale.events.div_ceil(CALLERS) {
        let (event, key) = (callers::event(&bench.receiver), format!("one key {round}"));
        let mut responses = JoinSet::new();
        for _ in 0..CALLERS {
            let (api, event, key) = (bench.api.clone(), event.clone(), key.clone());
            responses.spawn(async move { api.post(&event, Some(&key)).await });
        }
        let (accepted, refused): (Vec<_>, Vec<_>) =
            responses.join_all().await.into_iter().partition(Result::is_ok);
        refused.into_iter().filter_map(Result::err).for_each(|refusal| bench.ledger.refuse(refusal));
        let ids: HashSet<_> = accepted.into_iter().flatten().collect();
        assert_eq!(ids.len(), 1, "all responses have the same id");
        ids.into_iter().for_each(|id| bench.ledger.accept(id));
    }
    load.stop_after(scale.events).await;
    assert_eq!(stored(bench).await, bench.ledger.ids().len(), "one event for each key");
}
