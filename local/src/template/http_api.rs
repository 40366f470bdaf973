//! The HTTP API of `template.yaml`: its routes, the limits of its stage, and its CORS configuration.

use std::{collections::BTreeMap, fmt, time::Duration};

use axum::http::Method;
use serde_json::Value;

use super::document::{
    ApiResource, AuthorizationType, IntegrationResource, Parameter, Resource, RouteResource, StageResource,
};
use crate::error::{Error, Result};

/// A route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// The requests that it matches.
    pub(crate) key: RouteKey,
    /// The name of the function that responds.
    pub(crate) function: String,
    /// The scopes of which a token needs one. A route without an authorizer has none.
    pub(crate) scopes: Vec<String>,
}

/// The requests that a route matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RouteKey {
    /// `$default`: requests that no other route matches.
    Default,
    /// A method and a path with its variables.
    Path {
        /// `None` is `ANY`: every method.
        method: Option<Method>,
        /// The path.
        path: String,
    },
}

/// The limits of the stage. Each route has them for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Requests per second.
    pub(crate) rate_limit: u32,
    /// Requests that may arrive at once.
    pub(crate) burst_limit: u32,
}

/// The CORS configuration that the API has if the stack names origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cors {
    /// The methods that a page may use.
    pub(crate) allow_methods: Vec<String>,
    /// The headers that a page may send, in lower case.
    pub(crate) allow_headers: Vec<String>,
    /// The headers of a response that a page may read, in lower case.
    pub(crate) expose_headers: Vec<String>,
    /// The time for which a browser keeps the permission.
    pub(crate) max_age: Duration,
    /// The routes that exist only with CORS: for `OPTIONS`, without an authorizer.
    pub(crate) routes: Vec<Route>,
}

/// The parts of the HTTP API.
#[derive(Debug)]
pub(super) struct HttpApi {
    /// In the order of their keys, without those of [`Cors`].
    pub(super) routes: Vec<Route>,
    pub(super) stage: Stage,
    pub(super) cors: Cors,
    pub(super) integration_timeout: Duration,
}

impl RouteKey {
    /// Reads a key as API Gateway spells it: `$default`, `ANY /path` or `GET /path`.
    pub(crate) fn parse(key: &str) -> Option<Self> {
        if key == "$default" {
            return Some(Self::Default);
        }
        let (method, path) = key.split_once(' ')?;
        let method = match method {
            "ANY" => None,
            "GET" => Some(Method::GET),
            "HEAD" => Some(Method::HEAD),
            "POST" => Some(Method::POST),
            "PUT" => Some(Method::PUT),
            "PATCH" => Some(Method::PATCH),
            "DELETE" => Some(Method::DELETE),
            "OPTIONS" => Some(Method::OPTIONS),
            _ => return None,
        };
        // API Gateway accepts no key with a slash at its end.
        let is_path = path == "/" || (path.starts_with('/') && !path.ends_with('/'));
        is_path.then(|| Self::Path { method, path: path.to_owned() })
    }
}

impl fmt::Display for RouteKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("$default"),
            Self::Path { method: None, path } => write!(formatter, "ANY {path}"),
            Self::Path { method: Some(method), path } => write!(formatter, "{method} {path}"),
        }
    }
}

impl HttpApi {
    /// Finds the API's resources. `function_names` has the function of each function resource.
    pub(super) fn new(
        resources: &BTreeMap<String, Resource>,
        parameters: &BTreeMap<String, Parameter>,
        function_names: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let (mut routes, mut preflight_routes) = (vec![], vec![]);
        let (mut stage, mut api, mut timeouts) = (None, None, vec![]);
        for (name, resource) in resources {
            match resource {
                Resource::Route(route) => {
                    let of_condition = match route.condition.as_deref() {
                        None => &mut routes,
                        Some("HasCors") => &mut preflight_routes,
                        Some(_) => return Err(unsupported(name, "a Condition other than HasCors")),
                    };
                    of_condition.push(read_route(name, route, resources, function_names)?);
                }
                Resource::Integration(integration) => timeouts.push(integration.properties.timeout_in_millis),
                Resource::Stage(resource) => stage = Some(read_stage(name, resource, parameters)?),
                Resource::Api(resource) => api = Some(resource),
                Resource::Function(_)
                | Resource::Table(_)
                | Resource::EventSourceMapping(_)
                | Resource::Other => {}
            }
        }
        for routes in [&mut routes, &mut preflight_routes] {
            routes.sort_by_key(|route: &Route| route.key.to_string());
        }
        let api = api.ok_or_else(|| Error::new("template.yaml has no HTTP API"))?;
        let stage = stage.ok_or_else(|| Error::new("template.yaml has no stage of the HTTP API"))?;
        timeouts.sort_unstable();
        timeouts.dedup();
        let [timeout] = timeouts[..] else {
            return Err(Error::new(
                "template.yaml: `local` runs integrations with one TimeoutInMillis alone",
            ));
        };
        Ok(Self {
            routes,
            stage,
            cors: cors(api, preflight_routes),
            integration_timeout: Duration::from_millis(timeout),
        })
    }
}

fn read_route(
    name: &str,
    route: &RouteResource,
    resources: &BTreeMap<String, Resource>,
    function_names: &BTreeMap<String, String>,
) -> Result<Route> {
    let properties = &route.properties;
    let key = RouteKey::parse(&properties.route_key).ok_or_else(|| unsupported(name, "another RouteKey"))?;
    let integration = properties
        .target
        .strip_prefix("integrations/${")
        .and_then(|target| target.strip_suffix('}'))
        .and_then(|integration| resources.get(integration));
    let Some(Resource::Integration(integration)) = integration else {
        return Err(unsupported(name, "a Target other than an integration"));
    };
    let function = function_of(integration)
        .and_then(|function| function_names.get(function))
        .ok_or_else(|| unsupported(name, "an integration with something other than a function"))?;
    let scopes = properties.authorization_scopes.clone().map(|scopes| scopes.1).unwrap_or_default();
    let is_open = properties.authorization_type.is_none();
    if is_open != scopes.is_empty() {
        return Err(unsupported(name, "an authorizer without AuthorizationScopes, or scopes without one"));
    }
    Ok(Route { key, function: function.clone(), scopes })
}

/// The resource of the function, from its ARN or from its alias's.
fn function_of(integration: &IntegrationResource) -> Option<&str> {
    let properties = &integration.properties;
    let is_lambda = properties.integration_type == "AWS_PROXY" && properties.payload_format_version == "2.0";
    is_lambda.then(|| properties.integration_uri.function())?
}

fn read_stage(name: &str, stage: &StageResource, parameters: &BTreeMap<String, Parameter>) -> Result<Stage> {
    let limit = |parameter: &str| {
        let default = parameters.get(parameter).and_then(|parameter| parameter.default.as_ref());
        let default = default.and_then(Value::as_u64).and_then(|limit| u32::try_from(limit).ok());
        default.ok_or_else(|| unsupported(name, "limits other than parameters with whole numbers"))
    };
    let settings = &stage.properties.default_route_settings;
    Ok(Stage {
        rate_limit: limit(&settings.throttling_rate_limit)?,
        burst_limit: limit(&settings.throttling_burst_limit)?,
    })
}

fn cors(api: &ApiResource, routes: Vec<Route>) -> Cors {
    let (_, configuration, _) = &api.properties.cors_configuration;
    Cors {
        allow_methods: configuration.allow_methods.clone(),
        allow_headers: configuration.allow_headers.clone(),
        expose_headers: configuration.expose_headers.clone(),
        max_age: Duration::from_secs(configuration.max_age),
        routes,
    }
}

fn unsupported(resource: &str, part: &str) -> Error {
    Error::new(format!("template.yaml: `local` cannot run {resource}, which has {part}"))
}

impl AuthorizationType {
    /// Whether the route has no authorizer, at least with some parameters.
    fn is_none(&self) -> bool {
        match self {
            Self::Fixed(kind) => kind == "NONE",
            Self::Chosen((_, kind, otherwise)) => [kind, otherwise].into_iter().any(|kind| kind == "NONE"),
        }
    }
}
