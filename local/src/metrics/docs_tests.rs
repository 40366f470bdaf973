//! The table of docs/operations.md and `/metrics`.

use std::fs;

use xzepr_telemetry::metrics::{Kind, Unit, definitions};

use super::{line::samples, names::NAMES, registry::Series};
use crate::workspace;

#[test]
fn each_metric_has_one_name_for_prometheus() {
    let named: Vec<_> = NAMES.iter().map(|name| name.definition).collect();
    assert_eq!(named, definitions::ALL);
    for name in &NAMES {
        let is_counter = name.definition.kind == Kind::Count;
        assert_eq!(name.prometheus.ends_with("_total"), is_counter, "{}", name.prometheus);
        let is_time = matches!(name.definition.unit, Unit::Seconds | Unit::Milliseconds);
        assert_eq!(name.prometheus.ends_with("_seconds"), is_time, "{}", name.prometheus);
    }
}

#[test]
fn the_document_has_a_row_for_each_metric() {
    let text = fs::read_to_string(workspace::root().join("docs/operations.md")).unwrap();
    let rows: Vec<_> = text.lines().filter(|line| line.contains("` | `xzepr_")).collect();
    assert_eq!(rows.len(), NAMES.len());
    for (row, name) in rows.iter().zip(&NAMES) {
        let definition = name.definition;
        let unit = match definition.unit {
            Unit::Count => "Count",
            Unit::Seconds => "Seconds",
            Unit::Milliseconds => "Milliseconds",
            Unit::NoUnit => "None",
        };
        let dimensions: Vec<_> =
            definition.dimensions.iter().map(|dimension| format!("`{}`", dimension.name)).collect();
        let dimensions = dimensions.join(", ");
        let space = if dimensions.is_empty() { "" } else { " " };
        let start =
            format!("| `{}` | `{}` | {unit} | {dimensions}{space}| ", definition.name, name.prometheus);
        assert!(row.starts_with(&start), "{row}\nmust start with\n{start}");
        // The meaning names each value of a dimension.
        for value in definition.dimensions.iter().flat_map(|dimension| dimension.values) {
            assert!(row[start.len()..].contains(&format!("`{value}`")), "{value} is not in {row}");
        }
    }
}

const LINE: &str = r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"XZepr","Dimensions":[["FunctionName"],["FunctionName","Status"]],"Metrics":[{"Name":"EventsPublished","Unit":"Count"}]},{"Namespace":"XZepr","Dimensions":[["FunctionName"]],"Metrics":[{"Name":"AcceptanceToAcknowledgement","Unit":"Milliseconds"},{"Name":"KafkaConnectionStatus","Unit":"None"},{"Name":"ColdStarts","Unit":"Count"}]}],"Timestamp":2},"FunctionName":"publish-events","Status":"success","EventsPublished":3,"AcceptanceToAcknowledgement":{"Values":[20.0,3000.0],"Counts":[2,1]},"KafkaConnectionStatus":1,"ColdStarts":1}"#;

#[test]
fn a_line_of_a_log_is_added_to_the_series() {
    let mut series = Series::new(["publish-events", "create-event"].into_iter());
    let later_status = LINE.replace("\"Timestamp\":2", "\"Timestamp\":1").replace("Status\":1", "Status\":0");
    for line in [LINE, &later_status, "INFO batch ended", "{\"level\":\"INFO\"}"] {
        samples(line).iter().for_each(|sample| series.add(sample));
    }
    let text = series.text().unwrap();
    for expected in [
        "# TYPE xzepr_events_published_total counter",
        "xzepr_events_published_total{status=\"success\"} 6",
        "xzepr_events_published_total{status=\"failure\"} 0",
        "# TYPE xzepr_acceptance_to_acknowledgement_seconds histogram",
        "xzepr_acceptance_to_acknowledgement_seconds_count 6",
        "xzepr_acceptance_to_acknowledgement_seconds_bucket{le=\"0.032\"} 4",
        "# TYPE xzepr_kafka_connection_status gauge",
        "xzepr_cold_starts_total{function=\"publish-events\"} 2",
        "xzepr_cold_starts_total{function=\"create-event\"} 0",
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected} is not in {text}");
    }
    assert!(text.lines().any(|line| line.starts_with("xzepr_kafka_connection_status 1")), "{text}");
}
