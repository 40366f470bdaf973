//! The dashboard shows the way of the events from left to right, and each alarm.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use super::{
    cloud_formation::document,
    stack::Stack,
    watched_metric::{WatchedMetric, dashboard},
};
use crate::workspace;

fn widgets(stack: &Stack) -> Vec<Value> {
    dashboard(stack).unwrap()["widgets"].as_array().unwrap().clone()
}

fn number(widget: &Value, member: &str) -> u64 {
    widget[member].as_u64().unwrap_or_else(|| panic!("{member} of {widget}"))
}

fn title(widget: &Value) -> &str {
    widget["properties"]["title"].as_str().unwrap_or_default()
}

fn titled<'a>(widgets: &'a [Value], wanted: &str) -> &'a Value {
    widgets.iter().find(|widget| title(widget) == wanted).unwrap_or_else(|| panic!("no widget {wanted}"))
}

/// The grid has 24 columns.
#[test]
fn no_widget_covers_another_one_or_leaves_the_grid() {
    let widgets = widgets(&Stack::new(&[]));
    let mut cells = BTreeSet::new();
    for widget in &widgets {
        let (x, y) = (number(widget, "x"), number(widget, "y"));
        assert!(x + number(widget, "width") <= 24, "{}", title(widget));
        for cell in (x..x + number(widget, "width"))
            .flat_map(|x| (y..y + number(widget, "height")).map(move |y| (x, y)))
        {
            assert!(cells.insert(cell), "{} covers another widget", title(widget));
        }
    }
    let height = cells.iter().map(|(_, y)| y + 1).max().unwrap();
    assert_eq!(cells.len() as u64, 24 * height, "there is a gap");
}

#[test]
fn the_way_of_the_events_goes_from_left_to_right() {
    let widgets = widgets(&Stack::new(&[]));
    let row = number(titled(&widgets, "1 Accepted events"), "y");
    let mut flow: Vec<_> = widgets.iter().filter(|widget| number(widget, "y") == row).collect();
    flow.sort_by_key(|widget| number(widget, "x"));
    let titles: Vec<_> = flow.iter().map(|widget| title(widget)).collect();
    let expected = ["1 Accepted events", "2 Waiting for Kafka", "3 Published", "4 Dead", "5 Replayed"];
    assert_eq!(titles, expected);
    for (widget, metric) in
        flow.iter().zip(["Requests", "IteratorAge", "EventsPublished", "DeadLettersParked", "EventsReplayed"])
    {
        let metrics = WatchedMetric::of_widget(widget);
        assert!(metrics.iter().any(|(shown, _)| shown.name == metric), "{metric}: {metrics:?}");
    }
}

#[test]
fn searches_and_gates_are_below_the_way_of_the_events() {
    let widgets = widgets(&Stack::new(&[]));
    let flow = titled(&widgets, "1 Accepted events");
    for (title, metrics) in [
        ("Waiting for searches and gates", &["IteratorAge"][..]),
        ("Indexed", &["EventsIndexed", "EventsUnindexed"]),
        ("Groups that became complete", &["GatesCompleted"]),
    ] {
        let widget = titled(&widgets, title);
        assert_eq!(number(widget, "y"), number(flow, "y") + number(flow, "height"), "{title}");
        let shown = WatchedMetric::of_widget(widget);
        for metric in metrics {
            assert!(shown.iter().any(|(shown, _)| shown.name == *metric), "{title}: {shown:?}");
        }
    }
}

#[test]
fn each_table_has_its_throttles_and_its_cost() {
    let widgets = widgets(&Stack::new(&[]));
    for title in ["Throttles: tables", "Cost: units of the tables"] {
        let metrics = WatchedMetric::of_widget(titled(&widgets, title)).into_iter();
        let mut shown: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (metric, _) in metrics {
            shown.entry(metric.dimensions["TableName"].clone()).or_default().insert(metric.name);
        }
        let tables: Vec<_> = shown.keys().map(String::as_str).collect();
        assert_eq!(tables, ["<DeadLettersTable>", "<IndexTable>", "<Table>"], "{title}");
        assert!(shown.values().all(|metrics| metrics.len() == 2), "{title}: {shown:?}");
    }
}

#[test]
fn each_alarm_has_a_place() {
    let stack = Stack::new(&[]);
    let widgets = widgets(&stack);
    let shown: BTreeSet<_> = titled(&widgets, "Alarms")["properties"]["alarms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alarm| alarm.as_str().unwrap().to_owned())
        .collect();
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let arn = "arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm";
    assert_eq!(shown, alarms.keys().map(|name| format!("{arn}:<{name}>")).collect());
}

#[test]
fn a_line_that_is_named_after_an_alarm_is_at_its_threshold() {
    let stack = Stack::new(&[]);
    let alarms = stack.resources("AWS::CloudWatch::Alarm");
    let widgets = widgets(&stack);
    let lines =
        widgets.iter().filter_map(|widget| widget["properties"]["annotations"]["horizontal"].as_array());
    let lines: BTreeMap<_, _> =
        lines.flatten().map(|line| (line["label"].as_str().unwrap(), &line["value"])).collect();
    assert_eq!(lines.len(), 4);
    for (alarm, value) in lines {
        assert_eq!(*value, alarms[alarm]["Threshold"], "{alarm}");
    }
}

#[test]
fn each_function_has_its_errors_its_throttles_and_its_cost() {
    let stack = Stack::new(&[]);
    let widgets = widgets(&stack);
    let functions: BTreeSet<_> = stack.functions().iter().map(|name| format!("<{name}>")).collect();
    let shown = |title: &str| -> BTreeMap<String, Value> {
        WatchedMetric::of_widget(titled(&widgets, title))
            .into_iter()
            .map(|(mut metric, options)| (metric.dimensions.remove("FunctionName").unwrap(), options))
            .collect()
    };
    for title in ["Functions that end in errors", "Throttles: functions", "Cost: GB-seconds"] {
        assert_eq!(shown(title).into_keys().collect::<BTreeSet<_>>(), functions, "{title}");
    }
    let template = document(&fs::read_to_string(workspace::root().join("template.yaml")).unwrap());
    let default = template["Globals"]["Function"]["MemorySize"].as_u64().unwrap();
    // The id of a duration has the function's memory, since the sum of each memory has its own weight.
    for (name, properties) in stack.resources("AWS::Serverless::Function") {
        let memory = properties["MemorySize"].as_u64().unwrap_or(default);
        let id = shown("Cost: GB-seconds")[&format!("<{name}>")]["id"].as_str().unwrap().to_owned();
        assert_eq!(id.split('_').next(), Some(&*format!("mb{memory}")), "{name}");
    }
}

#[test]
fn an_api_that_is_open_to_everybody_is_shown_in_the_colour_of_an_alarm() {
    let text = |authorization: &str| {
        let stack = Stack::new(&[("AuthorizationType", authorization)]);
        let first = widgets(&stack).swap_remove(0);
        assert_eq!((number(&first, "x"), number(&first, "y")), (0, 0));
        first["properties"]["markdown"].as_str().unwrap().to_owned()
    };
    let open = text("NONE");
    assert!(open.starts_with("# \u{1F7E5}"), "{open}");
    assert!(open.contains("AuthorizationType is NONE"), "{open}");
    for authorization in ["AWS_IAM", "JWT"] {
        let closed = text(authorization);
        assert!(closed.contains(&format!("AuthorizationType is {authorization}.")), "{closed}");
        assert!(!closed.contains('\u{1F7E5}'), "{closed}");
    }
}

#[test]
fn a_stack_without_a_dashboard_has_none() {
    let stack = Stack::new(&[("Dashboard", "false")]);
    assert_eq!(stack.refusals(), [""; 0]);
    assert_eq!(dashboard(&stack), None);
}

/// Two stacks of one name in two regions have two names, since an account's dashboards are global.
#[test]
fn the_dashboards_of_two_stacks_have_two_names() {
    let stack = Stack::new(&[]);
    let dashboards = stack.resources("AWS::CloudWatch::Dashboard");
    assert_eq!(dashboards["FlowDashboard"]["DashboardName"], "<AWS::StackName>-<AWS::Region>");
}
