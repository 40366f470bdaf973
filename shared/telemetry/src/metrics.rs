//! Metrics in CloudWatch's embedded metric format. A log line carries them, so they need no request.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

#![expect(clippy::disallowed_types, reason = "the JSON is written here, never read")]

use std::{
    env,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value, json};

const NAMESPACE: &str = "XZepr";

/// One measured value of one metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    name: &'static str,
    unit: &'static str,
    value: u64,
}

impl Metric {
    /// A number of things.
    pub fn count(name: &'static str, count: usize) -> Self {
        Self { name, unit: "Count", value: u64::try_from(count).unwrap_or(u64::MAX) }
    }

    /// A duration, cut to whole seconds.
    pub fn seconds(name: &'static str, time: Duration) -> Self {
        Self { name, unit: "Seconds", value: time.as_secs() }
    }
}

/// Writes the metrics as one line to standard output. Their dimension is the function's name. Outside Lambda nobody
/// reads them, so nothing is written.
pub fn emit(metrics: &[Metric]) {
    if let Ok(function) = env::var("AWS_LAMBDA_FUNCTION_NAME") {
        println!("{}", line(&function, metrics, SystemTime::now()));
    }
}

fn line(function: &str, metrics: &[Metric], now: SystemTime) -> Value {
    let definitions: Vec<_> =
        metrics.iter().map(|metric| json!({"Name": metric.name, "Unit": metric.unit})).collect();
    let timestamp = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut line = Map::from_iter([
        (
            "_aws".to_owned(),
            json!({
                "Timestamp": u64::try_from(timestamp).unwrap_or(u64::MAX),
                "CloudWatchMetrics": [
                    {"Namespace": NAMESPACE, "Dimensions": [["FunctionName"]], "Metrics": definitions}
                ],
            }),
        ),
        ("FunctionName".to_owned(), function.into()),
    ]);
    line.extend(metrics.iter().map(|metric| (metric.name.to_owned(), metric.value.into())));
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_defines_its_metrics_and_contains_their_values() {
        let now = UNIX_EPOCH + Duration::from_millis(1_705_314_600_000);
        let metrics = [Metric::count("Parked", 2), Metric::seconds("Age", Duration::from_millis(1500))];
        let expected = json!({
            "_aws": {
                "Timestamp": 1_705_314_600_000_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "XZepr",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [{"Name": "Parked", "Unit": "Count"}, {"Name": "Age", "Unit": "Seconds"}],
                }],
            },
            "FunctionName": "redrive-dead-letters",
            "Parked": 2,
            "Age": 1,
        });
        assert_eq!(line("redrive-dead-letters", &metrics, now), expected);
    }
}
