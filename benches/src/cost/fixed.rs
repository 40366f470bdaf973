//! The cost of the stack without any event.

use crate::cost::{
    Line,
    functions::{Architecture, Work},
    prices::Prices,
};

/// Metrics of the functions with values. Each function that writes a metric has its own, and each value of a dimension too.
const METRICS: f64 = 60.0;

/// The metrics of the 32 alarms.
const ALARM_METRICS: f64 = 68.0;

const DASHBOARDS: f64 = 1.0;

/// Requests of the mapping to the on-failure queue in a month: five pollers wait 20 s each.
const QUEUE_REQUESTS: f64 = 650_000.0;

/// The functions with a schedule: runs in an hour, memory in MB, and milliseconds, which are estimates.
const SCHEDULES: [(f64, f64, f64); 3] = [
    // redrive-dead-letters
    (12.0, 512.0, 200.0),
    // resume-replays
    (60.0, 256.0, 30.0),
    // reconcile-events
    (1.0, 1024.0, 2000.0),
];

/// The cost of everything that costs without an event.
pub(crate) fn lines(architecture: Architecture, prices: &Prices) -> [Line; 2] {
    let table = &prices.prices;
    let watching =
        table.metrics.of(METRICS) + table.alarm_metrics.of(ALARM_METRICS) + table.dashboards.of(DASHBOARDS);
    let schedules = SCHEDULES.map(|(runs, memory_mb, wait_ms)| {
        let work = Work { memory_mb, wait_ms, cpu_ms: 0.0, cpu_ms_an_event: 0.0 };
        work.usd(runs / 3600.0, 0.0, architecture, prices)
    });
    let schedules = schedules.iter().sum::<f64>() + table.queue_requests.of(QUEUE_REQUESTS);
    [
        Line::new("CloudWatch, metrics, alarms and dashboard", watching),
        Line::new("Schedules and queue", schedules),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::HOURS;

    #[test]
    fn the_schedules_of_a_month_cost_cents() {
        let runs: f64 = SCHEDULES.iter().map(|(runs, ..)| runs * HOURS).sum();
        assert_eq!(runs, 53_290.0);
        let [watching, schedules] = lines(Architecture::X86_64, &Prices::own().unwrap());
        assert!((watching.usd - 27.8).abs() < 1e-9, "{watching:?}");
        assert!((0.30..0.33).contains(&schedules.usd), "{schedules:?}");
    }
}
