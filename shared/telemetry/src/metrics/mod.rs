//! The metrics of an invocation, in CloudWatch's embedded metric format. A log line carries them, so they need no
//! request.

pub mod definitions;
mod emf;
mod lines;
mod metric;
mod values;

use std::{
    env,
    io::{self, Write},
    sync::{Mutex, OnceLock, PoisonError},
    time::SystemTime,
};

pub use metric::{Definition, Dimension, Kind, Metric, Unit};

use definitions::COLD_STARTS;

/// The metrics that the invocation has recorded so far. A process has one invocation at a time.
static RECORDED: Mutex<Vec<Metric>> = Mutex::new(Vec::new());

/// Keeps a metric until the end of the invocation. Counts and distributions of one metric are added up, and the last
/// value of a gauge is the one that is written. Outside Lambda nobody reads metrics, so nothing is kept.
pub fn record(metric: Metric) {
    if function().is_some() {
        add(&mut RECORDED.lock().unwrap_or_else(PoisonError::into_inner), metric);
    }
}

/// Writes what was recorded, and these metrics, to standard output. That is one line, unless a metric has values of
/// several dimensions. A function calls it once in each invocation, at its end. Outside Lambda nothing is written.
pub fn emit(metrics: impl IntoIterator<Item = Metric>) {
    let Some(function) = function() else { return };
    let mut all = std::mem::take(&mut *RECORDED.lock().unwrap_or_else(PoisonError::into_inner));
    for metric in metrics {
        add(&mut all, metric);
    }
    if all.is_empty() {
        return;
    }
    let text = emf::text(function, all, SystemTime::now());
    // A log that nobody takes is no reason to fail an invocation.
    let _ = io::stdout().lock().write_all(&text);
}

/// The name that Lambda gives the function. The first call of a process records its cold start.
fn function() -> Option<&'static str> {
    static NAME: OnceLock<Option<String>> = OnceLock::new();
    let name = NAME.get_or_init(|| {
        let name = env::var("AWS_LAMBDA_FUNCTION_NAME").ok()?;
        RECORDED.lock().unwrap_or_else(PoisonError::into_inner).push(COLD_STARTS.of(1));
        Some(name)
    });
    name.as_deref()
}

fn add(metrics: &mut Vec<Metric>, metric: Metric) {
    match metrics.iter_mut().find(|other| other.is_alike(&metric)) {
        Some(other) => other.add(metric),
        None => metrics.push(metric),
    }
}

#[cfg(test)]
mod tests {
    use super::{definitions::*, *};

    #[test]
    fn counts_add_up_by_their_dimensions_and_a_gauge_keeps_its_last_value() {
        let mut metrics = Vec::new();
        for metric in [
            EVENTS_PUBLISHED.labelled(["success"], 2),
            EVENTS_PUBLISHED.labelled(["failure"], 1),
            EVENTS_PUBLISHED.labelled(["success"], 3),
            KAFKA_CONNECTION_STATUS.of(0),
            KAFKA_CONNECTION_STATUS.of(1),
        ] {
            add(&mut metrics, metric);
        }
        let expected = [
            EVENTS_PUBLISHED.labelled(["success"], 5),
            EVENTS_PUBLISHED.labelled(["failure"], 1),
            KAFKA_CONNECTION_STATUS.of(1),
        ];
        assert_eq!(metrics, expected);
    }

    #[test]
    fn outside_lambda_nothing_is_kept() {
        record(BATCH_SIZE.of(1));
        assert_eq!(*RECORDED.lock().unwrap(), []);
    }
}
