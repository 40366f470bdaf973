//! The parts of `template.yaml` that `local` reads, in the template's own shape.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{mapping::StreamEvent, schedule::ScheduleEvent, table::Table};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    pub(super) globals: Globals,
    pub(super) resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Globals {
    pub(super) function: GlobalFunction,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GlobalFunction {
    pub(super) timeout: u64,
}

#[derive(Deserialize)]
#[serde(tag = "Type")]
pub(super) enum Resource {
    #[serde(rename = "AWS::Serverless::Function")]
    Function(FunctionResource),
    #[serde(rename = "AWS::DynamoDB::Table")]
    Table(TableResource),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TableResource {
    pub(super) properties: Table,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FunctionResource {
    pub(super) metadata: Metadata,
    pub(super) properties: FunctionProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metadata {
    pub(super) build_properties: BuildProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BuildProperties {
    pub(super) binary: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FunctionProperties {
    pub(super) timeout: Option<u64>,
    #[serde(default)]
    pub(super) events: BTreeMap<String, Trigger>,
}

/// An event of a function: its kind is one that `local` can run.
#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties")]
pub(super) enum Trigger {
    HttpApi(RouteEvent),
    DynamoDB(StreamEvent),
    #[serde(rename = "SQS")]
    Sqs(QueueEvent),
    Schedule(ScheduleEvent),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteEvent {
    /// The default route has none.
    pub(super) path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueEvent {
    #[serde(default)]
    pub(super) function_response_types: Vec<FunctionResponseType>,
}

#[derive(Deserialize, PartialEq, Eq)]
pub(super) enum FunctionResponseType {
    ReportBatchItemFailures,
}
