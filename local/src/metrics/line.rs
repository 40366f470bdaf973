//! A line in CloudWatch's embedded metric format:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::{NAMES, Name};

/// The start of a line with metrics. Other lines of a log start differently.
const START: &str = "{\"_aws\":";

/// The values of one metric on a line.
pub(super) struct Sample {
    pub(super) name: &'static Name,
    /// The names and the values of the labels.
    pub(super) labels: Vec<(String, String)>,
    /// The values, each with the number of times that it occurred.
    pub(super) values: Vec<(f64, u64)>,
    /// The time of the line in milliseconds.
    pub(super) timestamp: u64,
}

/// The samples of a line, or none if the line has no metrics.
pub(super) fn samples(line: &str) -> Vec<Sample> {
    if !line.starts_with(START) {
        return Vec::new();
    }
    let Ok(root) = serde_json::from_str::<Value>(line) else { return Vec::new() };
    let timestamp = root["_aws"]["Timestamp"].as_u64().unwrap_or(0);
    let directives = root["_aws"]["CloudWatchMetrics"].as_array();
    let metrics = directives.into_iter().flatten().filter_map(|directive| directive["Metrics"].as_array());
    // A metric with labels has a directive for each of its sets of dimensions.
    let names: BTreeSet<_> = metrics.flatten().filter_map(|metric| metric["Name"].as_str()).collect();
    let samples = names.into_iter().filter_map(|cloudwatch| {
        let name = NAMES.iter().find(|name| name.definition.name == cloudwatch)?;
        let label = |dimension: &str| root[dimension].as_str().map(str::to_owned);
        let labels = name.dimensions().map(|dimension| Some((Name::label(dimension), label(dimension)?)));
        Some(Sample {
            name,
            labels: labels.collect::<Option<_>>()?,
            values: values(&root[cloudwatch]),
            timestamp,
        })
    });
    samples.collect()
}

/// The values of a metric: one number, or numbers with their counts.
fn values(value: &Value) -> Vec<(f64, u64)> {
    let array = |name| value[name].as_array().into_iter().flatten();
    match value.as_f64() {
        Some(number) => vec![(number, 1)],
        None => array("Values")
            .zip(array("Counts"))
            .filter_map(|(value, count)| Some((value.as_f64()?, count.as_u64()?)))
            .collect(),
    }
}
