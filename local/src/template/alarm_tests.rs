//! The alarms ring for each function, for each schedule that stops, and for somebody.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::{Value, json};

use super::{
    stack::{Parameters, Stack, list},
    watched_metric::{WatchedMetric, dashboard},
};
use crate::workspace;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:alarms";

/// Functions without an alarm on their errors, each with the alarm that rings because their metric is missing.
const WITHOUT_ERRORS_ALARM: [(&str, &str); 1] = [("ResumeReplays", "ReplayStandsAlarm")];

/// The functions whose metric of Lambda an alarm reads.
fn functions_of(alarm: &Value, metric: &str) -> BTreeSet<String> {
    let metrics = WatchedMetric::of_alarm(alarm).into_iter();
    metrics
        .filter(|watched| watched.namespace == "AWS/Lambda" && watched.name == metric)
        .filter_map(|mut watched| watched.dimensions.remove("FunctionName"))
        .collect()
}

/// Whether an alarm rings when a function's own metric is missing.
fn rings_without_metric_of(alarm: &Value, function: &str) -> bool {
    alarm["TreatMissingData"] == "breaching"
        && WatchedMetric::of_alarm(alarm).iter().any(|metric| {
            metric.namespace == "XZepr" && metric.dimensions["FunctionName"] == format!("<{function}>")
        })
}

#[test]
fn each_function_has_an_alarm_on_its_errors_or_one_that_rings_without_its_metric() {
    let stack = Stack::new(&[]);
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    for function in stack.functions() {
        let watches = |alarm: &Value| functions_of(alarm, "Errors").contains(&format!("<{function}>"));
        let is_watched = alarms.values().any(watches);
        match WITHOUT_ERRORS_ALARM.iter().find(|(name, _)| *name == function) {
            Some((_, alarm)) => {
                assert!(!is_watched, "{function} is no exception any more");
                assert!(rings_without_metric_of(&alarms[alarm], function), "{function}: {alarm}");
            }
            None => assert!(is_watched, "no alarm watches the errors of {function}"),
        }
    }
}

#[test]
fn the_functions_of_the_api_are_watched_for_errors_and_for_throttles() {
    let stack = Stack::new(&[]);
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let watched = functions_of(&alarms["ApiFunctionsFailAlarm"], "Errors");
    assert!(watched.contains("<CreateEvent>"), "{watched:?}");
    assert_eq!(functions_of(&alarms["ApiFunctionsThrottledAlarm"], "Throttles"), watched);
}

/// A function that reads the stream can be slow, stopped, dropping, silent, failing or throttled.
#[test]
fn both_readers_of_the_stream_have_the_same_alarms() {
    let stack = Stack::new(&[]);
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let of = |function: &str| -> BTreeMap<String, Value> {
        let mut watched = BTreeMap::new();
        for alarm in alarms.values() {
            for metric in WatchedMetric::of_alarm(alarm) {
                let is_readers = metric.namespace == "AWS/Lambda"
                    && metric.dimensions.values().any(|value| value.starts_with(&format!("<{function}")));
                if is_readers {
                    let rule = ["Threshold", "Period", "EvaluationPeriods", "Statistic", "TreatMissingData"];
                    watched
                        .insert(metric.name, rule.map(|member| alarm[member].clone()).into_iter().collect());
                }
            }
        }
        watched
    };
    let publishing = of("PublishEvents");
    let names: Vec<_> = publishing.keys().map(String::as_str).collect();
    let expected = [
        "DestinationDeliveryFailures",
        "DroppedEventCount",
        "Errors",
        "IteratorAge",
        "PolledEventCount",
        "Throttles",
    ];
    assert_eq!(names, expected);
    assert_eq!(of("IndexEvents"), publishing);
}

/// An alarm reads ten metrics at most, so a table can have an alarm of its own.
#[test]
fn each_table_that_the_api_needs_is_watched_for_throttles_and_failures() {
    let stack = Stack::new(&[]);
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let tables = |alarm: &str| -> BTreeSet<String> {
        let metrics = WatchedMetric::of_alarm(&alarms[alarm]).into_iter();
        metrics.map(|mut metric| metric.dimensions.remove("TableName").unwrap()).collect()
    };
    let throttled = ["<Table>", "<DeadLettersTable>", "<IndexTable>"].map(str::to_owned);
    assert_eq!(tables("TableThrottledAlarm"), throttled.into());
    assert_eq!(tables("TableFailsAlarm"), ["<Table>".to_owned()].into());
    assert_eq!(tables("IndexTableFailsAlarm"), ["<IndexTable>".to_owned()].into());
}

/// The operations on a table that some function may do are those whose failures ring.
#[test]
fn the_failures_of_each_operation_on_the_index_table_ring() {
    let stack = Stack::new(&[]);
    let alarm = &stack.resources("AWS::CloudWatch::Alarm")["IndexTableFailsAlarm"];
    let watched = WatchedMetric::of_alarm(alarm).into_iter();
    let watched: BTreeSet<_> =
        watched.map(|mut metric| metric.dimensions.remove("Operation").unwrap()).collect();
    let used = ["IndexEvents", "QueryRegistry", "ReplayEvents"].map(|function| stack.statements(function));
    let used = used.iter().flatten().filter(|statement| statement["Resource"] == "<IndexTable.Arn>");
    let used = used.flat_map(|statement| list(&statement["Action"]));
    let used: BTreeSet<_> = used.map(|action| action.trim_start_matches("dynamodb:").to_owned()).collect();
    assert_eq!(watched, used);
}

#[test]
fn an_alarm_rings_for_each_schedule_that_stops() {
    let stack = Stack::new(&[]);
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let mut schedules = 0;
    for (function, properties) in stack.resources("AWS::Serverless::Function") {
        let events = properties["Events"].as_object().into_iter().flat_map(|events| events.values());
        for event in events.filter(|event| event["Type"] == "Schedule") {
            schedules += 1;
            let seconds = seconds(event["Properties"]["Schedule"].as_str().unwrap());
            let mut watching = alarms.iter().filter(|(_, alarm)| rings_without_metric_of(alarm, function));
            let (name, alarm) =
                watching.next().unwrap_or_else(|| panic!("no alarm rings without {function}"));
            // One run can be late, so an alarm waits for two at least.
            assert!(alarm["Period"].as_u64().unwrap() >= 2 * seconds, "{name}: {alarm}");
        }
    }
    assert_eq!(schedules, 3);
}

/// `rate(5 minutes)` has 300 seconds.
fn seconds(schedule: &str) -> u64 {
    let rate = schedule.strip_prefix("rate(").unwrap().strip_suffix(')').unwrap();
    let (number, unit) = rate.split_once(' ').unwrap();
    let unit = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        other => panic!("{other}"),
    };
    number.parse::<u64>().unwrap() * unit
}

#[test]
fn each_alarm_and_its_end_reach_the_topic_and_the_address_that_are_given() {
    let cases: [(Parameters<'_>, Value, &str); 4] = [
        (&[], json!([]), "Nobody hears the alarms. Set AlarmEmail or AlarmTopicArn"),
        (&[("AlarmTopicArn", TOPIC)], json!([TOPIC]), TOPIC),
        (&[("AlarmEmail", "ops@example.com")], json!(["<AlarmTopic>"]), "ops@example.com"),
        (
            &[("AlarmTopicArn", TOPIC), ("AlarmEmail", "ops@example.com")],
            json!([TOPIC, "<AlarmTopic>"]),
            &format!("{TOPIC} and ops@example.com"),
        ),
    ];
    for (parameters, actions, output) in cases {
        let stack = Stack::new(parameters);
        assert_eq!(stack.refusals(), [""; 0], "{parameters:?}");
        for (name, alarm) in stack.resources("AWS::CloudWatch::Alarm") {
            assert_eq!(alarm["AlarmActions"], actions, "{name} {parameters:?}");
            assert_eq!(alarm["OKActions"], actions, "{name} {parameters:?}");
        }
        assert_eq!(stack.output("AlarmReceivers"), output);
        let has_topic = actions.to_string().contains("<AlarmTopic>");
        for kind in ["Topic", "TopicPolicy", "Subscription"] {
            let resources = stack.resources(&format!("AWS::SNS::{kind}"));
            assert_eq!(resources.len(), usize::from(has_topic), "{kind} {parameters:?}");
        }
        if has_topic {
            let subscription = &stack.resources("AWS::SNS::Subscription")["AlarmSubscription"];
            let expected =
                json!({"TopicArn": "<AlarmTopic>", "Protocol": "email", "Endpoint": "ops@example.com"});
            assert_eq!(*subscription, expected);
        }
    }
}

#[test]
fn cloudwatch_may_publish_to_the_topic_of_the_stack() {
    let stack = Stack::new(&[("AlarmEmail", "ops@example.com")]);
    let policy = &stack.resources("AWS::SNS::TopicPolicy")["AlarmTopicPolicy"];
    let statement = &policy["PolicyDocument"]["Statement"][0];
    assert_eq!(policy["Topics"], json!(["<AlarmTopic>"]));
    assert_eq!(statement["Principal"], json!({"Service": "cloudwatch.amazonaws.com"}));
    assert_eq!(statement["Action"], "sns:Publish");
    // CloudWatch may not use the key aws/sns, so the alarms would be silent with it.
    assert_eq!(stack.resources("AWS::SNS::Topic")["AlarmTopic"], Value::Null);
}

#[test]
fn an_address_or_a_runbook_that_cannot_work_is_refused() {
    let long = format!("{}@example.com", "a".repeat(250));
    for (parameter, value, is_valid) in [
        ("AlarmEmail", "ops+xzepr@mail.example.com", true),
        ("AlarmEmail", "ops", false),
        ("AlarmEmail", "ops@example", false),
        ("AlarmEmail", "a@example.com,b@example.com", false),
        ("AlarmEmail", "a@example.com b@example.com", false),
        ("AlarmEmail", &long, false),
        ("RunbookUrl", "https://git.example.com/xzepr/blob/main/docs/operations.md?plain=0", true),
        ("RunbookUrl", "", false),
        ("RunbookUrl", "operations", false),
        ("RunbookUrl", "https://example.com/operations.md#alarms", false),
        ("RunbookUrl", "https://example.com/\"", false),
        ("Dashboard", "yes", false),
    ] {
        let refusals = Stack::new(&[(parameter, value)]).refusals();
        assert_eq!(refusals.is_empty(), is_valid, "{parameter} {value}: {refusals:?}");
    }
}

/// CloudWatch accepts 1,024 characters.
#[test]
fn each_description_ends_with_the_link_to_its_section() {
    let url = format!("https://example.com/{}", "a".repeat(492));
    for runbook in ["docs/operations.md", &url] {
        let stack = Stack::new(&[("RunbookUrl", runbook)]);
        assert_eq!(stack.refusals(), [""; 0]);
        for (name, alarm) in stack.resources("AWS::CloudWatch::Alarm") {
            let description = alarm["AlarmDescription"].as_str().unwrap();
            let link = format!(". See {runbook}#{}", name.to_lowercase());
            assert!(description.ends_with(&link), "{name}: {description}");
            assert!(description.len() <= 1024, "{name}");
        }
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
#[test]
fn each_alarm_is_within_the_limits_of_cloudwatch() {
    for (name, alarm) in Stack::new(&[]).resources("AWS::CloudWatch::Alarm") {
        let queries = alarm["Metrics"].as_array().cloned().unwrap_or_default();
        let (results, read): (Vec<_>, Vec<_>) =
            queries.iter().partition(|query| query["ReturnData"].is_null());
        assert_eq!(results.len(), usize::from(!queries.is_empty()), "{name} has one result");
        assert!(read.len() <= 10, "{name} reads {} metrics", read.len());
        for query in &read {
            let (id, expression) =
                (query["Id"].as_str().unwrap(), results[0]["Expression"].as_str().unwrap());
            let mut words =
                expression.split(|character: char| !character.is_alphanumeric() && character != '_');
            assert!(words.any(|word| word == id), "{name} reads {id} and does not use it");
        }
        let periods: BTreeSet<_> = read.iter().map(|query| query["MetricStat"]["Period"].as_u64()).collect();
        assert!(periods.len() <= 1, "{name}: {periods:?}");
        let period = periods.first().copied().flatten().or(alarm["Period"].as_u64()).unwrap();
        let count = alarm["EvaluationPeriods"].as_u64().unwrap();
        assert!(period * count <= 86_400, "{name}");
        assert!(alarm["DatapointsToAlarm"].as_u64().is_none_or(|points| points <= count), "{name}");
    }
}

/// A row of the table of metrics in `docs/operations.md`.
struct Row {
    dimensions: BTreeSet<String>,
    values: BTreeSet<String>,
}

fn rows() -> BTreeMap<String, Row> {
    let operations = fs::read_to_string(workspace::root().join("docs/operations.md")).unwrap();
    let (_, section) = operations.split_once("\n## Metrics\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let row = Row { dimensions: quoted(cells[4]), values: quoted(cells[5]) };
        (cells[1].trim_matches('`').to_owned(), row)
    })
    .collect()
}

#[test]
fn the_functions_write_each_metric_of_their_own_that_is_watched() {
    let (stack, rows) = (Stack::new(&[]), rows());
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let mut watched: BTreeSet<_> = alarms.values().flat_map(WatchedMetric::of_alarm).collect();
    let widgets = dashboard(&stack).unwrap()["widgets"].as_array().unwrap().clone();
    watched.extend(widgets.iter().flat_map(WatchedMetric::of_widget).map(|(metric, _)| metric));
    watched.retain(|metric| metric.namespace == "XZepr");
    assert!(watched.len() > 20, "{watched:?}");
    for WatchedMetric { name, mut dimensions, .. } in watched {
        let row = rows.get(&name).unwrap_or_else(|| panic!("docs/operations.md has no metric {name}"));
        assert!(dimensions.remove("FunctionName").is_some(), "{name}");
        // There is a series for the function, and one for each combination of the other dimensions.
        let others: BTreeSet<_> = dimensions.keys().cloned().collect();
        assert!(others.is_empty() || others == row.dimensions, "{name} has no series by {others:?}");
        for value in dimensions.values().filter(|value| !value.is_empty()) {
            assert!(row.values.contains(value), "{name} has no {value}");
        }
    }
}
