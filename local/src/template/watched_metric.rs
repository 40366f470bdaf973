//! The metrics that the alarms and the dashboard of a stack read, for the tests of both.

use std::collections::BTreeMap;

use serde_json::Value;

use super::stack::Stack;

/// The body of the stack's dashboard, if it has one.
pub(super) fn dashboard(stack: &Stack) -> Option<Value> {
    let (_, properties) = stack.resources("AWS::CloudWatch::Dashboard").pop_first()?;
    let body = properties["DashboardBody"].as_str().unwrap();
    Some(serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}")))
}

/// A metric as CloudWatch identifies it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WatchedMetric {
    pub(super) namespace: String,
    pub(super) name: String,
    /// Each name with its value.
    pub(super) dimensions: BTreeMap<String, String>,
}

impl WatchedMetric {
    /// The metrics that an alarm with these properties reads.
    pub(super) fn of_alarm(alarm: &Value) -> Vec<Self> {
        let queries = alarm["Metrics"].as_array().into_iter().flatten();
        let metrics = queries.map(|query| &query["MetricStat"]["Metric"]).filter(|metric| !metric.is_null());
        let single = (!alarm["MetricName"].is_null()).then_some(alarm);
        metrics.chain(single).map(Self::of_properties).collect()
    }

    fn of_properties(metric: &Value) -> Self {
        let dimensions = metric["Dimensions"].as_array().unwrap().iter();
        Self {
            namespace: text(&metric["Namespace"]),
            name: text(&metric["MetricName"]),
            dimensions: dimensions.map(|one| (text(&one["Name"]), text(&one["Value"]))).collect(),
        }
    }

    /// The metrics that a widget of a dashboard shows, each with its options. In a row, `.` stands for the value in the
    /// row before, and `...` for all values before those that follow.
    ///
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>
    pub(super) fn of_widget(widget: &Value) -> Vec<(Self, Value)> {
        let mut before: Vec<String> = Vec::new();
        let rows = widget["properties"]["metrics"].as_array().into_iter().flatten();
        let rows = rows.map(|row| row.as_array().unwrap());
        rows.filter_map(|row| {
            let options = row.last().filter(|last| last.is_object()).cloned().unwrap_or_default();
            if let Some(expression) = options["expression"].as_str() {
                return Self::of_search(expression).map(|metric| (metric, options));
            }
            let mut given: Vec<_> = row.iter().filter_map(Value::as_str).collect();
            let repeated = if given[0] == "..." {
                given.remove(0);
                before.len() - given.len()
            } else {
                0
            };
            let mut full = before[..repeated].to_vec();
            for value in given {
                full.push(if value == "." { before[full.len()].clone() } else { value.to_owned() });
            }
            before.clone_from(&full);
            let dimensions = full[2..].chunks(2).map(|one| (one[0].clone(), one[1].clone())).collect();
            Some((Self { namespace: full[0].clone(), name: full[1].clone(), dimensions }, options))
        })
        .collect()
    }

    /// The metrics that `SEARCH('{Namespace,Dimension,…} MetricName …')` finds. A dimension that the search leaves open
    /// has an empty value.
    fn of_search(expression: &str) -> Option<Self> {
        let (schema, rest) = expression.strip_prefix("SEARCH('{")?.split_once("} ").unwrap();
        let (name, rest) = rest.split_once(' ').unwrap();
        let mut schema = schema.split(',').map(str::to_owned);
        Some(Self {
            namespace: schema.next().unwrap(),
            name: name.to_owned(),
            dimensions: schema
                .map(|dimension| {
                    let value = rest.split_once(&format!("{dimension}=\"")).map_or("", |(_, value)| value);
                    let value = value.split('"').next().unwrap_or_default().to_owned();
                    (dimension, value)
                })
                .collect(),
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
