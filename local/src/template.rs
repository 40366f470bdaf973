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
    /// The functions' binaries and timeouts.
    pub functions: Vec<Function>,
    /// The event source mapping of `publish-events`.
    pub mapping: Mapping,
    /// The HTTP API's paths and the functions behind them; `None` for the default route.
    pub routes: Vec<(Option<String>, String)>,
}

/// The DynamoDB table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Table {
    pub(crate) attribute_definitions: Vec<AttributeDefinition>,
    pub(crate) key_schema: Vec<KeyElement>,
    pub(crate) stream_specification: StreamSpecification,
    pub(crate) time_to_live_specification: TimeToLive,
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
    batch_size: usize,
    maximum_batching_window_in_seconds: u64,
    bisect_batch_on_function_error: bool,
    maximum_retry_attempts: u32,
    maximum_record_age_in_seconds: u64,
    function_response_types: Vec<String>,
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

impl Template {
    /// Reads the workspace's template.
    pub fn load() -> Result<Self> {
        let path = workspace::root().join("template.yaml");
        let text = fs::read_to_string(&path).context("reading template.yaml")?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let document: Document = serde_saphyr::from_str(text).context("template.yaml")?;
        let table = document
            .resources
            .values()
            .find(|resource| resource.r#type == "AWS::DynamoDB::Table")
            .ok_or_else(|| Error::new("template.yaml has no table"))?;
        let stream = document
            .resources
            .values()
            .filter_map(|resource| resource.properties.get("Events")?.as_object())
            .flat_map(|events| events.values())
            .find(|event| event["Type"] == "DynamoDB")
            .ok_or_else(|| Error::new("template.yaml has no event source mapping"))?;
        let mut functions: Vec<_> = document
            .resources
            .values()
            .filter(|resource| resource.r#type == "AWS::Serverless::Function")
            .filter_map(|resource| function(resource, document.globals.function.timeout))
            .collect();
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        let mut routes: Vec<_> = document.resources.values().flat_map(routes).collect();
        routes.sort();
        Ok(Self {
            table: read(&table.properties)?,
            functions,
            mapping: mapping(&stream["Properties"])?,
            routes,
        })
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

fn routes(resource: &Resource) -> Vec<(Option<String>, String)> {
    let Some(function) = resource.metadata["BuildProperties"]["Binary"].as_str() else { return Vec::new() };
    let events = resource.properties["Events"].as_object().into_iter().flat_map(|events| events.values());
    events
        .filter(|event| event["Type"] == "HttpApi")
        .map(|event| (event["Properties"]["Path"].as_str().map(str::to_owned), function.to_owned()))
        .collect()
}

fn mapping(properties: &Value) -> Result<Mapping> {
    let event: StreamEvent = read(properties)?;
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
        maximum_retry_attempts: event.maximum_retry_attempts,
        maximum_record_age: Duration::from_secs(event.maximum_record_age_in_seconds),
        report_batch_item_failures: event
            .function_response_types
            .iter()
            .any(|t| t == "ReportBatchItemFailures"),
        filters,
    })
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).context("template.yaml")
}

#[cfg(test)]
mod tests {
    use super::*;

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
                ("publish-events", 60),
            ]
        );
        assert_eq!(template.table.stream_specification.stream_view_type, "NEW_IMAGE");
        assert!(template.mapping.report_batch_item_failures && template.mapping.bisect_on_function_error);
        assert_eq!(template.mapping.filters.len(), 1);
    }

    #[test]
    fn cargo_lambda_routes_as_the_template_does() {
        let metadata = std::process::Command::new(workspace::cargo())
            .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
            .current_dir(workspace::root())
            .output()
            .unwrap();
        let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
        let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object().unwrap();
        let mut expected = HashMap::new();
        for (path, function) in Template::load().unwrap().routes {
            match path {
                Some(path) => {
                    expected.insert(format!("{path}/"), function.clone());
                    expected.insert(path, function);
                }
                None => {
                    expected.insert("/{*path}".to_owned(), function);
                }
            }
        }
        let router: HashMap<_, _> = router
            .iter()
            .map(|(path, function)| (path.clone(), function.as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(router, expected);
    }
}
