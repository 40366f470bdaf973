//! The simulation against what can be reckoned.

use super::*;

const MS: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;

fn mapping() -> Mapping {
    Mapping {
        batch_size: 500,
        window_s: 0,
        parallelization_factor: 1,
        bisect: true,
        retries: None,
        record_age_s: 79_200,
    }
}

fn scenario() -> Scenario {
    Scenario {
        lanes: 4,
        mapping: mapping(),
        read_every: SECOND / 4,
        read_records: 1_000,
        arrivals: Arrivals { rate: 200.0, slot: 100 * MS, seed: Some(1) },
        fixed: 10 * MS,
        full_batch: 100 * MS,
        shared_rate: None,
        outage: None,
        longest_wait: 5 * SECOND,
        until: 600 * SECOND,
    }
}

fn outage(failure: Failure, attempt: u64) -> Outage {
    Outage { from: 60 * SECOND, to: 240 * SECOND, attempt, failure }
}

fn assert_conserved(totals: &Totals) {
    assert_eq!(totals.arrived, totals.accepted + totals.given_up + totals.waiting, "{totals:?}");
    assert_eq!(totals.out_of_order, 0);
}

#[test]
fn no_record_is_lost_doubled_or_out_of_order() {
    let failures = [None, Some(outage(Failure::Waits, 45 * SECOND)), Some(outage(Failure::Error, 20 * MS))];
    for outage in failures {
        for (retries, record_age_s) in [(None, 79_200), (Some(2), 79_200), (None, 60)] {
            for seed in 0..5 {
                let mapping = Mapping { retries, record_age_s, ..mapping() };
                let arrivals = Arrivals { seed: Some(seed), ..scenario().arrivals };
                let totals = run(&Scenario { outage, mapping, arrivals, ..scenario() });
                assert_conserved(&totals);
                assert!(totals.accepted > 40_000, "{totals:?}");
                let gives_up = outage.is_some() && (retries.is_some() || record_age_s == 60);
                assert_eq!(totals.given_up > 0, gives_up, "{outage:?} {retries:?} {record_age_s}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    let [one, other] = [run(&scenario()), run(&scenario())];
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    let arrivals = Arrivals { seed: Some(2), ..scenario().arrivals };
    assert_ne!(run(&Scenario { arrivals, ..scenario() }).lags, one.lags);
}

/// One record in a batch, which is read as soon as it comes.
fn queue(rate: f64, service: u64, seed: Option<u64>) -> Totals {
    run(&Scenario {
        lanes: 1,
        mapping: Mapping { batch_size: 1, ..mapping() },
        read_every: MS / 2,
        read_records: u64::MAX,
        arrivals: Arrivals { rate, slot: MS / 2, seed },
        fixed: service,
        full_batch: 0,
        until: 4_000 * SECOND,
        ..scenario()
    })
}

#[test]
fn even_records_wait_only_for_their_own_service() {
    let totals = queue(10.0, 80 * MS, None);
    assert!((totals.mean_lag() / (80.0 * MS as f64) - 1.0).abs() < 0.01, "{}", totals.mean_lag());
    assert!((totals.mean_executions() - 0.8).abs() < 0.001);
}

#[test]
fn random_records_wait_as_in_a_queue_with_one_server_and_a_fixed_time() {
    for load in [0.3, 0.6, 0.8] {
        let service = 80.0 * MS as f64;
        let totals = queue(load / 0.08, 80 * MS, Some(7));
        // M/D/1: the mean wait is the load times the service over 2 (1 - load).
        let expected = service + load * service / (2.0 * (1.0 - load));
        assert!((totals.mean_lag() / expected - 1.0).abs() < 0.05, "{} for {expected}", totals.mean_lag());
    }
}

/// How long a backlog of an hour lasts: the backlog over the capacity that the load leaves.
fn drained_after(scenario: &Scenario) -> f64 {
    let outage =
        Outage { from: 600 * SECOND, to: 600 * SECOND + HOUR, attempt: 45 * SECOND, failure: Failure::Waits };
    let totals = run(&Scenario { outage: Some(outage), until: 24 * HOUR, ..*scenario });
    assert_conserved(&totals);
    (totals.late_until.unwrap() - outage.to) as f64 / SECOND as f64
}

#[test]
fn a_backlog_lasts_as_long_as_the_capacity_that_is_left_needs() {
    let even = Arrivals { rate: 200.0, slot: 100 * MS, seed: None };
    // An invocation of 500 records takes 1.25 s, so 400 a second.
    let by_function = Scenario { arrivals: even, fixed: 250 * MS, full_batch: SECOND, ..scenario() };
    // 4 reads of 100 records in a second.
    let by_reads = Scenario { arrivals: even, read_records: 100, ..scenario() };
    // All lanes together hand on 1,600 in a second.
    let by_kafka = Scenario { arrivals: even, shared_rate: Some(1_600.0), ..scenario() };
    for scenario in [by_function, by_reads, by_kafka] {
        let (backlog, left) = (200.0 * 3_600.0, 400.0 - 200.0);
        let drained = drained_after(&scenario);
        assert!((drained / (backlog / left) - 1.0).abs() < 0.02, "{drained} for {}", backlog / left);
    }
}

#[test]
fn a_function_below_its_load_never_catches_up() {
    let scenario = Scenario { full_batch: 3 * SECOND, until: 1_000 * SECOND, ..scenario() };
    let totals = run(&scenario);
    assert_conserved(&totals);
    // 500 records in 3.01 s of 200 a second: of 1,000 s, 831 are done at the end.
    assert!(totals.longest_lag > 160 * SECOND && totals.waiting > 4 * 30_000, "{totals:?}");
}

#[test]
fn a_window_gathers_records() {
    let mapping = Mapping { window_s: 5, ..mapping() };
    let arrivals = Arrivals { rate: 10.0, slot: 100 * MS, seed: None };
    let gathered = run(&Scenario { mapping, arrivals, ..scenario() });
    let alone = run(&Scenario { arrivals, ..scenario() });
    assert!(gathered.invocations * 10 < alone.invocations, "{} {}", gathered.invocations, alone.invocations);
    assert!(gathered.mean_lag() > 2.0 * SECOND as f64 && alone.mean_lag() < 0.3 * SECOND as f64);
}
