//! The parts of `template.yaml` that `local` reads, in the template's own shape.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{mapping::StreamMapping, schedule::ScheduleEvent, table::Table};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    pub(super) parameters: BTreeMap<String, Parameter>,
    pub(super) globals: Globals,
    /// Each is read as a [`Resource`] by itself, so that an error names it.
    pub(super) resources: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameter {
    pub(super) default: Option<Value>,
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
    #[serde(rename = "AWS::Lambda::EventSourceMapping")]
    EventSourceMapping(Box<EventSourceMappingResource>),
    #[serde(rename = "AWS::ApiGatewayV2::Api")]
    Api(ApiResource),
    #[serde(rename = "AWS::ApiGatewayV2::Stage")]
    Stage(StageResource),
    #[serde(rename = "AWS::ApiGatewayV2::Integration")]
    Integration(IntegrationResource),
    #[serde(rename = "AWS::ApiGatewayV2::Route")]
    Route(RouteResource),
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
    #[serde(default)]
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

#[derive(Default, Deserialize)]
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
    #[serde(rename = "SQS")]
    Sqs(QueueEvent),
    Schedule(ScheduleEvent),
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

/// An event source mapping of the table's stream.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EventSourceMappingResource {
    pub(super) properties: EventSourceMappingProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EventSourceMappingProperties {
    pub(super) function_name: Invoked,
    #[serde(flatten)]
    pub(super) stream: StreamMapping,
}

/// The function that an event source mapping or an integration invokes.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Invoked {
    Always(String),
    /// The alias of a gradual deployment, else the function itself.
    Chosen(If<String>),
}

impl Invoked {
    /// The name of the function's resource, from its ARN or from its alias.
    pub(super) fn function(&self) -> Option<&str> {
        let (Self::Always(reference) | Self::Chosen((_, _, reference))) = self;
        let (function, attribute) = reference.split_once('.')?;
        ["Arn", "Alias"].contains(&attribute).then_some(function)
    }
}

/// `!If [condition, value, value]`.
pub(super) type If<T, F = String> = (String, T, F);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ApiResource {
    pub(super) properties: ApiProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ApiProperties {
    pub(super) cors_configuration: If<CorsConfiguration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CorsConfiguration {
    pub(super) allow_methods: Vec<String>,
    pub(super) allow_headers: Vec<String>,
    pub(super) expose_headers: Vec<String>,
    pub(super) max_age: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StageResource {
    pub(super) properties: StageProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StageProperties {
    pub(super) default_route_settings: RouteSettings,
}

/// Each limit is the name of a parameter.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteSettings {
    pub(super) throttling_rate_limit: String,
    pub(super) throttling_burst_limit: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IntegrationResource {
    pub(super) properties: IntegrationProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IntegrationProperties {
    pub(super) integration_type: String,
    pub(super) integration_uri: Invoked,
    pub(super) payload_format_version: String,
    pub(super) timeout_in_millis: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteResource {
    pub(super) condition: Option<String>,
    pub(super) properties: RouteProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteProperties {
    pub(super) route_key: String,
    pub(super) target: String,
    pub(super) authorization_type: AuthorizationType,
    pub(super) authorization_scopes: Option<If<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum AuthorizationType {
    /// A type, or the parameter that names it.
    Fixed(String),
    /// The type of the routes under `/api/v1/admin`.
    Chosen(If<String>),
}
