//! The part of `template.yaml` that `local` runs.

#[cfg(test)]
mod alarm_tests;
#[cfg(test)]
mod cloud_formation;
#[cfg(test)]
mod dashboard_tests;
#[cfg(test)]
mod deployment_tests;
mod document;
mod http_api;
mod mapping;
#[cfg(test)]
mod parameter_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod right_tests;
#[cfg(test)]
mod role_tests;
#[cfg(test)]
mod route_tests;
mod schedule;
#[cfg(test)]
mod stack;
mod table;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod watched_metric;
mod yaml;

use std::{collections::BTreeMap, fs, time::Duration};

use document::{Document, FunctionResponseType, Resource, Trigger};
use serde::Deserialize;

use self::http_api::HttpApi;
pub(crate) use self::{
    http_api::{Cors, Route, RouteKey, Stage},
    schedule::Schedule,
    table::Table,
};
use crate::{
    error::{Context, Error, Result},
    event_source_mapping::Mapping,
    workspace,
};

/// The parts of the deployment that also run locally.
#[derive(Debug)]
pub(crate) struct Template {
    /// The table's keys and stream.
    pub(crate) table: Table,
    /// The dead letters' table.
    pub(crate) dead_letters_table: Table,
    /// The index table.
    pub(crate) index_table: Table,
    /// The functions, in the order of their names.
    pub(crate) functions: Vec<Function>,
    /// The event source mappings of the table's stream, each after the function that it invokes.
    pub(crate) mappings: Vec<(String, Mapping)>,
    /// The function that processes the messages of the on-failure queue.
    pub(crate) queue_consumer: String,
    /// The functions that run by the clock.
    pub(crate) schedules: Vec<Schedule>,
    /// The HTTP API's routes, in the order of their keys, without those that exist only with CORS.
    pub(crate) routes: Vec<Route>,
    /// The limits of the HTTP API's stage, by the defaults of their parameters.
    pub(crate) stage: Stage,
    /// The CORS configuration that the HTTP API has if the stack names origins.
    pub(crate) cors: Cors,
    /// The time after which API Gateway gives a function up.
    pub(crate) integration_timeout: Duration,
}

/// A function: the binary that cargo builds, and the longest time of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// The binary's and the function's name.
    pub(crate) name: String,
    /// The invocation's timeout.
    pub(crate) timeout: Duration,
}

impl Template {
    /// Reads the workspace's template.
    pub(crate) fn load() -> Result<Self> {
        let path = workspace::root().join("template.yaml");
        let text = fs::read_to_string(&path).context("reading template.yaml")?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let document = Document::deserialize(yaml::parse(text)?).context("template.yaml")?;
        let resources = document.resources.into_iter().map(|(name, resource)| {
            let resource = Resource::deserialize(resource).context(format!("template.yaml, {name}"))?;
            Ok((name, resource))
        });
        let resources = resources.collect::<Result<BTreeMap<_, _>>>()?;
        let table = |name: &str| match resources.get(name) {
            Some(Resource::Table(table)) => Ok(table.properties.clone()),
            _ => Err(Error::new(format!("template.yaml has no table {name}"))),
        };
        let (table, dead_letters_table, index_table) =
            (table("Table")?, table("DeadLettersTable")?, table("IndexTable")?);
        let function_names = resources.iter().filter_map(|(name, resource)| match resource {
            Resource::Function(function) => {
                Some((name.clone(), function.metadata.build_properties.binary.clone()))
            }
            _ => None,
        });
        let function_names: BTreeMap<_, _> = function_names.collect();
        let HttpApi { routes, stage, cors, integration_timeout } =
            HttpApi::new(&resources, &document.parameters, &function_names)?;
        let (mut functions, mut mappings, mut schedules) = (vec![], vec![], vec![]);
        let mut queue_consumer = None;
        for (name, resource) in resources {
            let function = match resource {
                Resource::Function(function) => function,
                Resource::EventSourceMapping(mapping) => {
                    let properties = mapping.properties;
                    let function = properties.function_name.function();
                    let function = function.and_then(|function| function_names.get(function));
                    let function = function.ok_or_else(|| {
                        Error::new(format!("template.yaml, {name}: `local` knows no such FunctionName"))
                    })?;
                    mappings.push((function.clone(), properties.stream.mapping()?));
                    continue;
                }
                _ => continue,
            };
            let name = function.metadata.build_properties.binary;
            for trigger in function.properties.events.into_values() {
                match trigger {
                    Trigger::Schedule(event) => schedules.push(event.schedule(name.clone())?),
                    Trigger::Sqs(queue) => {
                        let reports = FunctionResponseType::ReportBatchItemFailures;
                        if !queue.function_response_types.contains(&reports) {
                            return Err(Error::new(format!(
                                "template.yaml: `local` delivers a queue's messages to {name} only with \
                                 ReportBatchItemFailures"
                            )));
                        }
                        queue_consumer = Some(name.clone());
                    }
                }
            }
            let timeout = function.properties.timeout.unwrap_or(document.globals.function.timeout);
            functions.push(Function { name, timeout: Duration::from_secs(timeout) });
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        let no_consumer = || Error::new("template.yaml has no function that consumes the on-failure queue");
        Ok(Self {
            table,
            dead_letters_table,
            index_table,
            functions,
            mappings,
            queue_consumer: queue_consumer.ok_or_else(no_consumer)?,
            schedules,
            routes,
            stage,
            cors,
            integration_timeout,
        })
    }

    /// Whether only other functions and operators invoke a function. Such a function has as many execution
    /// environments as invocations.
    pub(crate) fn has_no_trigger(&self, name: &str) -> bool {
        let triggered = self.mappings.iter().map(|(function, _)| function);
        let triggered = triggered.chain(self.schedules.iter().map(|schedule| &schedule.function));
        let triggered = triggered.chain(self.routes.iter().map(|route| &route.function));
        !triggered.chain([&self.queue_consumer]).any(|function| function == name)
    }

    /// Whether the HTTP API invokes a function.
    pub(crate) fn has_route(&self, name: &str) -> bool {
        self.routes.iter().any(|route| route.function == name)
    }

    /// A function by its name.
    pub(crate) fn function(&self, name: &str) -> Result<&Function> {
        let mut functions = self.functions.iter();
        functions
            .find(|function| function.name == name)
            .ok_or_else(|| Error::new(format!("template.yaml has no function {name}")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_workspaces_template_is_read() {
        let template = Template::load().unwrap();
        let names: Vec<_> = template.functions.iter().map(|function| function.name.clone()).collect();
        let folders = fs::read_dir(workspace::root().join("functions")).unwrap();
        let mut folders: Vec<_> =
            folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
        folders.sort();
        assert_eq!(names, folders);
        for Function { name, timeout } in &template.functions {
            let expected = match name.as_str() {
                "index-events" | "publish-events" | "redrive-dead-letters" => 60,
                "reconcile-events" | "replay-events" => 900,
                "resume-replays" => 30,
                // A caller gets a response within 8 s.
                _ => 10,
            };
            assert_eq!(timeout.as_secs(), expected, "{name}");
        }
        assert_eq!(template.table.stream_specification.as_ref().unwrap().stream_view_type, "NEW_IMAGE");
        assert!(template.index_table.stream_specification.is_none());
        // AWS lets two functions read a shard, so there is no third.
        let readers: Vec<_> = template.mappings.iter().map(|(function, _)| function.as_str()).collect();
        assert_eq!(readers, ["index-events", "publish-events"]);
        for (function, mapping) in &template.mappings {
            assert!(mapping.report_batch_item_failures && mapping.bisect_on_function_error, "{function}");
            assert!(mapping.has_on_failure_queue && mapping.batching_window.is_zero(), "{function}");
            assert_eq!((mapping.filters.len(), mapping.maximum_retry_attempts), (1, None), "{function}");
        }
        assert_eq!(template.queue_consumer, "replay-unpublished");
        let every = |function: &str| {
            let schedule = template.schedules.iter().find(|schedule| schedule.function == function).unwrap();
            (schedule.every.as_secs(), schedule.input.clone())
        };
        assert_eq!(template.schedules.len(), 3);
        assert_eq!(every("redrive-dead-letters"), (300, json!({"action": "redrive"})));
        assert_eq!(every("reconcile-events"), (3600, json!({"action": "reconcile-past-hour"})));
        assert_eq!(every("resume-replays"), (60, Value::Null));
        assert_eq!(template.stage, Stage { rate_limit: 1000, burst_limit: 2000 });
        let Cors { allow_methods, allow_headers, expose_headers, max_age, routes } = &template.cors;
        assert_eq!(allow_methods, &["GET", "HEAD", "POST", "PATCH", "DELETE"]);
        assert!(allow_headers.iter().any(|header| header == "authorization"));
        assert_eq!(expose_headers, &["etag", "x-request-id", "retry-after"]);
        assert_eq!(max_age.as_secs(), 600);
        assert!(
            routes.iter().all(|route| route.function == "refuse-unknown-path" && route.scopes.is_empty())
        );
        assert_eq!(template.integration_timeout.as_secs(), 12);
        let alone: Vec<_> = names.iter().filter(|function| template.has_no_trigger(function)).collect();
        assert_eq!(alone, ["replay-events"]);
    }

    /// A caller gets our own response, not API Gateway's, from a function that is slow.
    #[test]
    fn api_gateway_waits_longer_than_a_function_runs_and_that_longer_than_a_response_takes() {
        let template = Template::load().unwrap();
        for function in template.functions.iter().filter(|function| template.has_route(&function.name)) {
            assert!(template.integration_timeout > function.timeout, "{}", function.name);
            assert!(function.timeout > xzepr_http::RESPOND_WITHIN, "{}", function.name);
        }
        // The longest that API Gateway allows.
        assert!(template.integration_timeout <= Duration::from_secs(30));
    }

    #[test]
    fn an_unknown_function_is_an_error() {
        let template = Template::load().unwrap();
        assert_eq!(template.function("replay-events").unwrap().timeout, Duration::from_secs(900));
        let error = template.function("replay").unwrap_err().to_string();
        assert_eq!(error, "template.yaml has no function replay");
    }

    #[test]
    fn a_part_that_local_cannot_run_is_an_error() {
        let text = fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
        for (part, other) in [
            ("StartingPosition: TRIM_HORIZON", "StartingPosition: LATEST"),
            ("Schedule: rate(1 hour)", "Schedule: cron(0 * * * ? *)"),
            ("Type: SQS\n", "Type: SNS\n"),
            ("Timeout: 900", "Timeout: !Ref Timeout"),
            ("  DeadLettersTable:\n", "  OtherTable:\n"),
            ("  IndexTable:\n", "  OtherTable:\n"),
            ("AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Other"),
            ("AWS::ApiGatewayV2::Api\n", "AWS::ApiGatewayV2::Other\n"),
            (
                "CreateEvent.Arn]\n      TimeoutInMillis: 12000",
                "CreateEvent.Arn]\n      TimeoutInMillis: 9000",
            ),
            ("!GetAtt PublishEvents.Arn]\n      # Of", "!GetAtt Other.Arn]\n      # Of"),
        ] {
            assert!(text.contains(part), "{part}");
            assert!(Template::parse(&text.replace(part, other)).is_err(), "{other}");
        }
    }

    #[test]
    fn an_error_names_the_route_that_local_cannot_run() {
        let text = fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
        let start = text.find("  PostEventsRoute:\n").unwrap();
        let route = &text[start..start + text[start..].find("\n\n").unwrap()];
        for (part, other) in [
            ("RouteKey: POST /api/v1/events", "RouteKey: [POST, /api/v1/events]"),
            ("RouteKey: POST /api/v1/events", "RouteKey: TRACE /api/v1/events"),
            ("RouteKey: POST /api/v1/events", "RouteKey: POST /api/v1/events/"),
            ("RouteKey: POST /api/v1/events", "RouteKey: /api/v1/events"),
            ("Target: !Sub integrations/${CreateEventIntegration}", "Target: !Ref CreateEventIntegration"),
            ("integrations/${CreateEventIntegration}", "integrations/${CreateEvent}"),
            ("AuthorizationType: !Ref AuthorizationType", "AuthorizationType: NONE"),
            ("      AuthorizationScopes: !If [HasJwt, [xzepr/events:write], !Ref AWS::NoValue]", ""),
            (
                "AuthorizationScopes: !If [HasJwt, [xzepr/events:write], !Ref AWS::NoValue]",
                "AuthorizationScopes: [s]",
            ),
            ("    Properties:", "    Condition: HasJwt\n    Properties:"),
        ] {
            assert!(route.contains(part), "{part}");
            let text = text.replace(route, &route.replace(part, other));
            let error = Template::parse(&text).unwrap_err().to_string();
            assert!(error.contains("PostEventsRoute"), "{other}: {error}");
        }
        let integration = text.replace(&uri("CreateEvent"), "IntegrationUri: https://example.com");
        let error = Template::parse(&integration).unwrap_err().to_string();
        assert!(error.contains("EventsBatchRoute"), "{error}");
    }

    /// The line of the integration of a function.
    fn uri(function: &str) -> String {
        format!("IntegrationUri: !If [DeploysGradually, !Ref {function}.Alias, !GetAtt {function}.Arn]")
    }

    #[test]
    fn an_integration_may_invoke_an_alias() {
        let text = fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
        let template = Template::parse(&text).unwrap();
        for other in ["!Ref CreateEvent.Alias", "!GetAtt CreateEvent.Arn"] {
            let other = text.replace(&uri("CreateEvent"), &format!("IntegrationUri: {other}"));
            assert_eq!(template.routes, Template::parse(&other).unwrap().routes);
        }
    }
}
