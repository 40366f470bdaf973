//! CloudWatch's embedded metric format:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Kind, Metric, Unit, lines::Line};

const NAMESPACE: &str = "XZepr";

/// The dimension of every metric.
const FUNCTION_NAME: &str = "FunctionName";

/// The lines of metrics, each with its end.
pub(super) fn text(function: &str, metrics: Vec<Metric>, now: SystemTime) -> Vec<u8> {
    let timestamp = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut text = Vec::with_capacity(1024);
    for line in &Line::all(metrics) {
        let root = Root { function, line, timestamp: u64::try_from(timestamp).unwrap_or(u64::MAX) };
        // Texts and numbers in memory can always be written.
        if serde_json::to_writer(&mut text, &root).is_ok() {
            text.push(b'\n');
        }
    }
    text
}

struct Root<'a> {
    function: &'a str,
    line: &'a Line,
    timestamp: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    cloud_watch_metrics: Vec<Directive<'a>>,
    timestamp: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'static str,
    dimensions: Vec<Vec<&'static str>>,
    metrics: Vec<Named<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Named<'a> {
    name: &'a str,
    unit: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Measured {
    values: Vec<f64>,
    counts: Vec<u64>,
}

impl Serialize for Root<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_aws", &self.metadata())?;
        map.serialize_entry(FUNCTION_NAME, self.function)?;
        for (name, value) in self.line.dimensions() {
            map.serialize_entry(name, value)?;
        }
        for metric in &self.line.metrics {
            let name = metric.definition.name;
            match metric.definition.kind {
                Kind::Count | Kind::Gauge => map.serialize_entry(name, &metric.values.number())?,
                Kind::Distribution => {
                    let (values, counts) = metric.values.iter().unzip();
                    map.serialize_entry(name, &Measured { values, counts })?;
                }
            }
        }
        map.end()
    }
}

impl Root<'_> {
    /// Each metric has a series for the function, and one for each value of its dimensions.
    fn metadata(&self) -> Metadata<'_> {
        let mut directives: Vec<Directive> = Vec::with_capacity(2);
        for metric in &self.line.metrics {
            let definition = metric.definition;
            let named = Named { name: definition.name, unit: name_of(definition.unit) };
            let names = definition.dimensions.iter().map(|dimension| dimension.name);
            let mut dimensions = vec![vec![FUNCTION_NAME]];
            if !definition.dimensions.is_empty() {
                dimensions.push(std::iter::once(FUNCTION_NAME).chain(names).collect());
            }
            match directives.iter_mut().find(|directive| directive.dimensions == dimensions) {
                Some(directive) => directive.metrics.push(named),
                None => directives.push(Directive { namespace: NAMESPACE, dimensions, metrics: vec![named] }),
            }
        }
        Metadata { cloud_watch_metrics: directives, timestamp: self.timestamp }
    }
}

fn name_of(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "Count",
        Unit::Seconds => "Seconds",
        Unit::Milliseconds => "Milliseconds",
        Unit::NoUnit => "None",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
            r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"XZepr","Dimensions":[["FunctionName"],["FunctionName","Status"]],"Metrics":[{"Name":"EventsPublished","Unit":"Count"}]},{"Namespace":"XZepr","Dimensions":[["FunctionName"]],"Metrics":[{"Name":"BatchSize","Unit":"Count"},{"Name":"EventPublishDuration","Unit":"Seconds"},{"Name":"KafkaConnectionStatus","Unit":"None"}]}],"Timestamp":1705314600000},"FunctionName":"publish-events","Status":"success","EventsPublished":2,"BatchSize":{"Values":[3.0],"Counts":[1]},"EventPublishDuration":{"Values":[0.25],"Counts":[2]},"KafkaConnectionStatus":1}"#,
            r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"XZepr","Dimensions":[["FunctionName"],["FunctionName","Status"]],"Metrics":[{"Name":"EventsPublished","Unit":"Count"}]}],"Timestamp":1705314600000},"FunctionName":"publish-events","Status":"failure","EventsPublished":1}"#,
        ];
        assert_eq!(lines, expected);
    }
}
