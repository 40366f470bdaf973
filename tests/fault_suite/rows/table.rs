//! The table fails on the way of a POST.

use std::{collections::HashSet, time::Duration};

use end_to_end::Mode;
use tokio::{task::JoinSet, time::sleep};

use crate::{bench::Bench, callers, scale::Scale};

/// Every caller tries again with its key until it is answered with 200: an event is stored once all the same.
pub(crate) async fn faulty(bench: &mut Bench, scale: Scale) {
    let modes = [
        Mode::Error(400, "ProvisionedThroughputExceededException"),
        Mode::Error(400, "ThrottlingException"),
        Mode::Error(500, "InternalServerError"),
        Mode::Hang,
        Mode::Cut,
        Mode::LoseAnswers("TransactWriteItems"),
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
    assert_eq!(stored(bench).await, accepted, "one event a key, however often it was posted");
}

/// The events of this row that the table has.
async fn stored(bench: &Bench) -> usize {
    let report = bench.reconcile().await;
    usize::try_from(report["accepted"].as_u64().unwrap()).unwrap()
}

/// Fifty callers at once share a key: one event, fifty equal answers.
pub(crate) async fn one_key(bench: &mut Bench, scale: Scale) {
    const CALLERS: usize = 50;
    let load = bench.load_with_retries();
    for round in 0..scale.events.div_ceil(CALLERS) {
        let (event, key) = (callers::event(&bench.receiver), format!("one key {round}"));
        let mut answers = JoinSet::new();
        for _ in 0..CALLERS {
            let (api, event, key) = (bench.api.clone(), event.clone(), key.clone());
            answers.spawn(async move { api.post(&event, Some(&key)).await });
        }
        let (accepted, refused): (Vec<_>, Vec<_>) =
            answers.join_all().await.into_iter().partition(Result::is_ok);
        refused.into_iter().filter_map(Result::err).for_each(|refusal| bench.ledger.refuse(refusal));
        let ids: HashSet<_> = accepted.into_iter().flatten().collect();
        assert_eq!(ids.len(), 1, "one answer for all");
        ids.into_iter().for_each(|id| bench.ledger.accept(id));
    }
    load.stop_after(scale.events).await;
    assert_eq!(stored(bench).await, bench.ledger.ids().len(), "one event a key");
}
