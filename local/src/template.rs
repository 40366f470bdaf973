//! What `local` reads from `template.yaml`.

use std::{collections::HashMap, fs, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    error::{Context, Error, Result},
    event_source_mapping::{Filter, Mapping},
    workspace,
};

/// The parts of the deployment that also run locally.
#[derive(Debug)]
pub struct Template {
    /// The table's keys and stream.
    pub table: Table,
    /// The dead letters' table.
    pub dead_letters_table: Table,
    /// The functions' binaries and timeouts.
    pub functions: Vec<Function>,
    /// The event source mappings of the table's stream, with the functions that they invoke.
    pub mappings: Vec<(String, Mapping)>,
    /// The function that takes the messages of the on-failure queue.
    pub queue_consumer: String,
    /// The functions that run by the clock.
    pub schedules: Vec<Schedule>,
    /// The HTTP API's paths and the functions behind them; `None` for the default route.
    pub routes: Vec<(Option<String>, String)>,
}

/// A DynamoDB table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Table {
    pub(crate) attribute_definitions: Vec<AttributeDefinition>,
    pub(crate) key_schema: Vec<KeyElement>,
    pub(crate) stream_specification: Option<StreamSpecification>,
    pub(crate) time_to_live_specification: Option<TimeToLive>,
}

/// A function that runs by the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The function.
    pub function: String,
    /// How long from one run to the next.
    pub every: Duration,
    /// What it is invoked with.
    pub input: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttributeDefinition {
    pub(crate) attribute_name: String,
    pub(crate) attribute_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyElement {
    pub(crate) attribute_name: String,
    pub(crate) key_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StreamSpecification {
    pub(crate) stream_view_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TimeToLive {
    pub(crate) attribute_name: String,
}

/// A function: the binary that cargo builds, and how long an invocation may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// The binary's and the function's name.
    pub name: String,
    /// The invocation's timeout.
    pub timeout: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    globals: Globals,
    resources: HashMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Globals {
    function: GlobalFunction,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GlobalFunction {
    timeout: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamEvent {
    starting_position: String,
    parallelization_factor: u32,
    batch_size: usize,
    maximum_batching_window_in_seconds: u64,
    bisect_batch_on_function_error: bool,
    maximum_retry_attempts: i64,
    maximum_record_age_in_seconds: u64,
    function_response_types: Vec<String>,
    destination_config: Option<Value>,
    filter_criteria: FilterCriteria,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<FilterPattern>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterPattern {
    pattern: String,
}

const REPORT_BATCH_ITEM_FAILURES: &str = "ReportBatchItemFailures";

impl Template {
    /// Reads the workspace's template.
    pub fn load() -> Result<Self> {
        let path = workspace::root().join("template.yaml");
        let text = fs::read_to_string(&path).context("reading template.yaml")?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let document: Document = serde_saphyr::from_str(text).context("template.yaml")?;
        let table = |name: &str| match document.resources.get(name) {
            Some(resource) => read(&resource.properties),
            None => Err(Error::new(format!("template.yaml has no resource {name}"))),
        };
        let triggers = |kind: &'static str| {
            document.resources.values().flat_map(move |resource| triggers(resource, kind))
        };
        let mut functions: Vec<_> = document
            .resources
            .values()
            .filter(|resource| resource.r#type == "AWS::Serverless::Function")
            .filter_map(|resource| function(resource, document.globals.function.timeout))
            .collect();
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        let mut routes: Vec<_> = triggers("HttpApi")
            .map(|(function, properties)| (properties["Path"].as_str().map(str::to_owned), function))
            .collect();
        routes.sort();
        Ok(Self {
            table: table("Table")?,
            dead_letters_table: table("DeadLettersTable")?,
            functions,
            mappings: triggers("DynamoDB")
                .map(|(function, properties)| Ok((function, mapping(properties)?)))
                .collect::<Result<_>>()?,
            queue_consumer: triggers("SQS")
                .find(|(_, properties)| properties["FunctionResponseTypes"][0] == REPORT_BATCH_ITEM_FAILURES)
                .map(|(function, _)| function)
                .ok_or_else(|| {
                    Error::new(format!(
                        "template.yaml has no function with {REPORT_BATCH_ITEM_FAILURES} behind the on-failure queue"
                    ))
                })?,
            schedules: triggers("Schedule")
                .map(|(function, properties)| schedule(function, properties))
                .collect::<Result<_>>()?,
            routes,
        })
    }

    /// Whether a function is invoked by other functions and operators alone, in as many execution environments
    /// as there are invocations.
    pub(crate) fn has_no_trigger(&self, name: &str) -> bool {
        let triggered = self.mappings.iter().map(|(function, _)| function);
        let triggered = triggered.chain(self.schedules.iter().map(|schedule| &schedule.function));
        let triggered = triggered.chain(self.routes.iter().map(|(_, function)| function));
        !triggered.chain([&self.queue_consumer]).any(|function| function == name)
    }

    /// The timeout of a function.
    pub(crate) fn timeout(&self, name: &str) -> Duration {
        self.functions
            .iter()
            .find(|function| function.name == name)
            .map_or(Duration::from_secs(60), |function| function.timeout)
    }
}

fn function(resource: &Resource, timeout: u64) -> Option<Function> {
    let name = resource.metadata["BuildProperties"]["Binary"].as_str()?.to_owned();
    let timeout = resource.properties["Timeout"].as_u64().unwrap_or(timeout);
    Some(Function { name, timeout: Duration::from_secs(timeout) })
}

/// A function's events of one kind: its name, and each event's properties.
fn triggers<'a>(resource: &'a Resource, kind: &'static str) -> impl Iterator<Item = (String, &'a Value)> {
    let function = resource.metadata["BuildProperties"]["Binary"].as_str().unwrap_or_default();
    let events = resource.properties["Events"].as_object().into_iter().flat_map(|events| events.values());
    events
        .filter(move |event| event["Type"] == kind)
        .map(move |event| (function.to_owned(), &event["Properties"]))
}

/// A rate such as `rate(5 minutes)`, and what the function is invoked with.
fn schedule(function: String, properties: &Value) -> Result<Schedule> {
    let text = properties["Schedule"].as_str().unwrap_or_default();
    let every = rate(text).ok_or_else(|| Error::new(format!("template.yaml: {text} is no rate")))?;
    let input = properties["Input"].as_str().unwrap_or("null");
    let input = serde_json::from_str(input).context("template.yaml: Input")?;
    Ok(Schedule { function, every, input })
}

/// `rate(<number> <unit>)`, the unit in the singular for 1:
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
fn rate(text: &str) -> Option<Duration> {
    let (number, unit) = text.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let minutes = match unit.strip_suffix('s').filter(|_| number != 1).or((number == 1).then_some(unit))? {
        "minute" => 1,
        "hour" => 60,
        "day" => 24 * 60,
        _ => return None,
    };
    Some(Duration::from_secs(number * minutes * 60))
}

fn mapping(properties: &Value) -> Result<Mapping> {
    let event: StreamEvent = read(properties)?;
    if event.starting_position != "TRIM_HORIZON" || event.parallelization_factor != 1 {
        return Err(Error::new(
            "template.yaml: a mapping runs with TRIM_HORIZON and ParallelizationFactor 1 here",
        ));
    }
    let filters = event
        .filter_criteria
        .filters
        .iter()
        .map(|filter| Filter::parse(&filter.pattern))
        .collect::<Result<_>>()?;
    Ok(Mapping {
        batch_size: event.batch_size,
        batching_window: Duration::from_secs(event.maximum_batching_window_in_seconds),
        bisect_on_function_error: event.bisect_batch_on_function_error,
        // -1 is no highest number, from 0 to 10,000 there is one.
        maximum_retry_attempts: match event.maximum_retry_attempts {
            -1 => None,
            count => Some(u32::try_from(count).context("template.yaml: MaximumRetryAttempts")?),
        },
        maximum_record_age: Duration::from_secs(event.maximum_record_age_in_seconds),
        report_batch_item_failures: event
            .function_response_types
            .iter()
            .any(|t| t == REPORT_BATCH_ITEM_FAILURES),
        has_on_failure_queue: event.destination_config.is_some(),
        filters,
    })
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).context("template.yaml")
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use tokio::process::Command;

    use super::*;
    use crate::process;

    #[test]
    fn the_workspaces_template_is_read() {
        let template = Template::load().unwrap();
        let functions: Vec<_> =
            template.functions.iter().map(|f| (f.name.as_str(), f.timeout.as_secs())).collect();
        assert_eq!(
            functions,
            [
                ("create-event", 10),
                ("create-event-receiver", 10),
                ("create-event-receiver-group", 10),
                ("manage-replays", 10),
                ("publish-events", 60),
                ("reconcile-events", 900),
                ("redrive-dead-letters", 60),
                ("refuse-unknown-path", 10),
                ("replay-events", 900),
                ("replay-unpublished", 10),
                ("resume-replays", 30),
            ]
        );
        assert_eq!(template.table.stream_specification.as_ref().unwrap().stream_view_type, "NEW_IMAGE");
        let [(function, mapping)] = &template.mappings[..] else { panic!("{:?}", template.mappings) };
        assert_eq!(function, "publish-events");
        assert!(mapping.report_batch_item_failures && mapping.bisect_on_function_error);
        assert_eq!(mapping.filters.len(), 1);
        assert_eq!(template.queue_consumer, "replay-unpublished");
        let every = |function: &str| {
            let schedule = template.schedules.iter().find(|schedule| schedule.function == function).unwrap();
            (schedule.every.as_secs(), schedule.input.clone())
        };
        assert_eq!(template.schedules.len(), 3);
        assert_eq!(every("redrive-dead-letters"), (300, serde_json::json!({"action": "redrive"})));
        assert_eq!(every("reconcile-events"), (3600, serde_json::json!({"action": "reconcile-past-hour"})));
        assert_eq!(every("resume-replays"), (60, Value::Null));
        let alone: Vec<_> =
            functions.iter().filter(|(function, _)| template.has_no_trigger(function)).collect();
        assert_eq!(alone, [&("replay-events", 900)]);
    }

    #[test]
    fn a_rate_has_a_number_and_a_unit() {
        let seconds = |text| rate(text).map(|rate| rate.as_secs());
        assert_eq!(seconds("rate(1 minute)"), Some(60));
        assert_eq!(seconds("rate(5 minutes)"), Some(300));
        assert_eq!(seconds("rate(1 hour)"), Some(3600));
        assert_eq!(seconds("rate(2 days)"), Some(172_800));
        for text in
            ["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(1 week)", "cron(0 * * * ? *)"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_with_a_trailing_slash_has_the_authorizer_of_the_path_without() {
        let text = fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
        let document: Document = serde_saphyr::from_str(&text).unwrap();
        let routes: HashMap<_, _> = document
            .resources
            .values()
            .flat_map(|resource| triggers(resource, "HttpApi"))
            .map(|(function, route)| {
                let authorizer = route["Auth"]["Authorizer"].as_str().map(str::to_owned);
                (route["Path"].as_str().unwrap_or_default().to_owned(), (function, authorizer))
            })
            .collect();
        for (path, route) in routes.iter().filter(|(path, _)| !path.is_empty() && !path.ends_with("+}")) {
            assert!(!path.ends_with('/'), "API Gateway makes no route of {path}");
            let root = path.strip_suffix("/{id}").unwrap_or(path);
            assert_eq!(routes.get(&format!("{root}/{{proxy+}}")), Some(route), "{path}");
            assert_eq!(route.1.as_deref() == Some("AWS_IAM"), path.starts_with("/api/v1/admin/"), "{path}");
        }
    }

    #[test]
    fn what_the_default_route_reaches_has_no_rights() {
        let text = fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
        let document: Document = serde_saphyr::from_str(&text).unwrap();
        let is_default =
            |resource: &&Resource| triggers(resource, "HttpApi").any(|(_, route)| route["Path"].is_null());
        let functions: Vec<_> = document.resources.values().filter(is_default).collect();
        let [function] = functions.as_slice() else { panic!("one function has the default route") };
        assert_eq!(triggers(function, "HttpApi").count(), 1, "it has no other route");
        let properties: Vec<_> = function.properties.as_object().unwrap().keys().collect();
        assert_eq!(properties, ["Events"], "no Policies and no Role");
    }

    #[tokio::test]
    async fn cargo_lambda_routes_as_the_template_does() {
        let mut cargo = Command::new(workspace::cargo());
        cargo.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]);
        cargo.current_dir(workspace::root()).stdout(Stdio::piped());
        let metadata = process::spawn(&mut cargo).unwrap().wait_with_output().await.unwrap();
        let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
        let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object().unwrap();
        let mut expected = HashMap::new();
        for (path, function) in Template::load().unwrap().routes {
            let path = path.unwrap_or_else(|| "/{path+}".to_owned());
            // Its greedy variables are spelled in another way, and leave out the empty segment.
            match path.split_once('{').filter(|(_, name)| name.ends_with("+}")) {
                Some((root, name)) => {
                    expected.insert(root.to_owned(), function.clone());
                    expected.insert(format!("{root}{{*{}", name.replace('+', "")), function);
                }
                None => drop(expected.insert(path, function)),
            }
        }
        let router: HashMap<_, _> = router
            .iter()
            .map(|(path, function)| (path.clone(), function.as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(router, expected);
    }
}
