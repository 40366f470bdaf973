//! Gates while the function that indexes dies, freezes, and gets records twice and shuffled, while transactions conflict
//! and groups are changed. [`GateLog`](end_to_end::GateLog) says which completions the log of accepted requests decides.
//!
//! Callers post in rounds. After each round the row disturbs nothing, enables the group that it changes, and posts one more
//! event for each artifact. So at the quiet point after that, every completion that is due must come. The log then holds
//! for the next round too: a completion that came later than its quiet point would be missing there.

mod callers;
mod disturbance;
mod groups;
pub(crate) mod latency;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use end_to_end::{GateLog, GateReport, eventually};
use tokio::{join, task::block_in_place, time::sleep};

use self::{
    callers::{ARTIFACTS, Posting},
    disturbance::Disturbance,
    groups::Groups,
};
use crate::{bench::Bench, gate_topic::GateTopic, scale::Scale};

/// A function that was frozen, the pauses of a mapping, and a batch that is sent again.
const QUIET_WITHIN: Duration = Duration::from_secs(180);

/// A completion that must not come may still come after the last one that must.
const LATE: Duration = Duration::from_secs(5);

/// Every completion that had to come has come, and no other one that the log excludes.
pub(crate) async fn under_faults(bench: &mut Bench, scale: Scale) {
    let topic = block_in_place(|| GateTopic::start(&bench.kafka.brokers()));
    let groups = Groups::create(bench).await;
    let log = Arc::new(Mutex::new(GateLog { groups: groups.logged.clone(), ..GateLog::default() }));
    let posting = Posting { receivers: groups.receivers.clone(), log: Arc::clone(&log) };
    let mut disturbance = Disturbance::default();
    let events = scale.gate_events / scale.gate_rounds;
    for round in 1..=scale.gate_rounds {
        let is_over = AtomicBool::new(false);
        let load = async {
            posting.post(bench, events - ARTIFACTS).await;
            is_over.store(true, Ordering::Relaxed);
        };
        join!(load, disturbance.disturb(bench, &log, &is_over), groups.change(bench, &log, &is_over));
        groups.enable(bench, &log).await;
        posting.post_for_each_artifact(bench, groups.changed_receivers()).await;
        let report = await_quiet(&topic, &log).await;
        println!(
            "round {round}: {} completions, {} gates due, {} ends, {} undecided",
            report.completions, report.due, report.ends, report.undecided
        );
    }
    sleep(LATE).await;
    let report = await_quiet(&topic, &log).await;
    let log = log.lock().unwrap();
    let artifacts: BTreeSet<_> = log.events.iter().map(|event| &event.artifact).collect();
    assert_eq!(artifacts.len(), ARTIFACTS, "artifacts with events");
    assert!(log.uncertain.len() <= ARTIFACTS / 4, "POSTs without a response: {:?}", bench.ledger.refusals);
    assert!(report.completions >= ARTIFACTS && report.ends > 0, "the row has something to check: {report:?}");
    assert!(disturbance.is_complete(), "each fault happened: {disturbance}");
    println!("gates: {} events, {} PATCHes, {disturbance}", log.events.len(), log.patches.len());
}

/// Waits until no completion is missing. Nothing may be wrong or doubled at any time.
async fn await_quiet(topic: &GateTopic, log: &Mutex<GateLog>) -> GateReport {
    let report = eventually(QUIET_WITHIN, async || {
        let report = log.lock().unwrap().check(&topic.messages());
        match report.missing.first() {
            Some(first) if report.wrong.is_empty() && report.doubled.is_empty() => {
                Err(format!("{} are missing, as {first}", report.missing.len()))
            }
            _ => Ok(report),
        }
    })
    .await;
    assert!(report.is_faultless(), "{report:#?}");
    report
}
