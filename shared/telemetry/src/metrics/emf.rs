//! CloudWatch's embedded metric format:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::time::SystemTime;

use metrique_writer::{
    Entry, EntryWriter, MetricFlags, Observation, Unit as CloudWatchUnit, Value, ValueWriter, format::Format,
    unit::NegativeScale,
};
use metrique_writer_format_emf::{Emf, MetricDefinition, MetricDirective};

use super::{Kind, Metric, Unit, lines::Line};

const NAMESPACE: &str = "XZepr";

/// The dimension of every metric.
const FUNCTION_NAME: &str = "FunctionName";

/// The lines of metrics, each with its end. Each metric has a series for the function, and one for each value of its
/// dimensions.
pub(super) fn text(function: &str, metrics: Vec<Metric>, now: SystemTime) -> Vec<u8> {
    let mut text = Vec::with_capacity(1024);
    for line in Line::all(metrics) {
        let mut builder = Emf::builder(NAMESPACE.to_owned(), vec![vec![FUNCTION_NAME.to_owned()]]);
        for metric in line.metrics.iter().filter(|metric| !metric.labels.is_empty()) {
            let dimensions = std::iter::once(FUNCTION_NAME).chain(metric.dimensions().map(|(name, _)| name));
            builder = builder.directive(MetricDirective {
                dimensions: vec![dimensions.collect()],
                metrics: vec![MetricDefinition {
                    name: metric.definition.name,
                    unit: metric.definition.unit.into(),
                    storage_resolution: None,
                }],
                namespace: NAMESPACE,
            });
        }
        // The names and the numbers are our own, so nothing can be invalid. Writing to memory does not fail.
        let _ = builder.build().format(&LineEntry { function, line: &line, now }, &mut text);
    }
    text
}

struct LineEntry<'a> {
    function: &'a str,
    line: &'a Line,
    now: SystemTime,
}

impl Entry for LineEntry<'_> {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.timestamp(self.now);
        writer.value(FUNCTION_NAME, self.function);
        for (name, value) in self.line.dimensions() {
            writer.value(name, value);
        }
        for metric in &self.line.metrics {
            writer.value(metric.definition.name, metric);
        }
    }
}

impl Value for Metric {
    #[expect(clippy::cast_precision_loss, reason = "the number of measurements is far below 2^53")]
    fn write(&self, writer: impl ValueWriter) {
        let is_distribution = self.definition.kind == Kind::Distribution;
        let observations = self.values.iter().map(|(value, occurrences)| match occurrences {
            1 if !is_distribution => Observation::Floating(value),
            _ => Observation::Repeated { total: value * occurrences as f64, occurrences },
        });
        writer.metric(observations, self.definition.unit.into(), [], MetricFlags::empty());
    }
}

impl From<Unit> for CloudWatchUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Count => Self::Count,
            Unit::Seconds => Self::Second(NegativeScale::One),
            Unit::Milliseconds => Self::Second(NegativeScale::Milli),
            Unit::NoUnit => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{super::definitions::*, *};

    #[test]
    fn a_line_defines_its_metrics_and_contains_their_values() {
        let now = UNIX_EPOCH + Duration::from_millis(1_705_314_600_000);
        let metrics = vec![
            EVENTS_PUBLISHED.labelled(["success"], 2),
            BATCH_SIZE.of(3),
            EVENT_PUBLISH_DURATION.measured([(0.25, 2)]),
            KAFKA_CONNECTION_STATUS.of(1),
            EVENTS_PUBLISHED.labelled(["failure"], 1),
        ];
        let text = String::from_utf8(text("publish-events", metrics, now)).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let expected = [
            r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"XZepr","Dimensions":[["FunctionName"]],"Metrics":[{"Name":"EventsPublished","Unit":"Count"},{"Name":"BatchSize","Unit":"Count"},{"Name":"EventPublishDuration","Unit":"Seconds"},{"Name":"KafkaConnectionStatus"}]},{"Dimensions":[["FunctionName","Status"]],"Metrics":[{"Name":"EventsPublished","Unit":"Count"}],"Namespace":"XZepr"}],"Timestamp":1705314600000},"EventsPublished":2,"BatchSize":{"Values":[3],"Counts":[1]},"EventPublishDuration":{"Values":[0.25],"Counts":[2]},"KafkaConnectionStatus":1,"FunctionName":"publish-events","Status":"success"}"#,
            r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"XZepr","Dimensions":[["FunctionName"]],"Metrics":[{"Name":"EventsPublished","Unit":"Count"}]},{"Dimensions":[["FunctionName","Status"]],"Metrics":[{"Name":"EventsPublished","Unit":"Count"}],"Namespace":"XZepr"}],"Timestamp":1705314600000},"EventsPublished":1,"FunctionName":"publish-events","Status":"failure"}"#,
        ];
        assert_eq!(lines, expected);
    }
}
