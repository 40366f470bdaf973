//! The way of a request from its route to its response.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use tokio::time::{Instant, timeout};

use super::{
    authorizer::Authorizer,
    claims::Jwt,
    cors::Cors,
    event::{self, Event, Received},
    gateway_error::GatewayError,
    invoker::Invoker,
    issuer::Issuer,
    request_id::request_id,
    response,
    throttle::Throttle,
};
use crate::{
    Options,
    routes::Routes,
    template::{Route, Stage, Template},
};

/// The largest body: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// The largest event: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// The parts that a request meets.
pub(crate) struct Front {
    routes: Routes,
    throttle: Throttle,
    cors: Option<Cors>,
    /// Of the routes with scopes. Without it, everybody may call them.
    authorizer: Option<Authorizer>,
    invoker: Arc<Invoker>,
    /// The API's host and port.
    domain: String,
    integration_timeout: Duration,
}

impl Front {
    /// The template's API at a host and port, with the limits, the origins and the authorizer of the options.
    pub(crate) fn new(
        template: &Template,
        options: &Options,
        domain: String,
        issuer: Option<&Issuer>,
        invoker: Invoker,
    ) -> Self {
        let Stage { rate_limit, burst_limit } = template.stage;
        let cors = Cors::new(options.cors_allow_origins.clone(), template.cors.clone());
        let mut routes = template.routes.clone();
        if cors.is_some() {
            routes.extend(template.cors.routes.clone());
        }
        Self {
            routes: Routes::new(routes),
            throttle: Throttle::new(
                options.requests_per_second.unwrap_or(rate_limit),
                options.request_burst.unwrap_or(burst_limit),
            ),
            cors,
            authorizer: issuer.map(Issuer::authorizer),
            invoker: Arc::new(invoker),
            domain,
            integration_timeout: template.integration_timeout,
        }
    }

    /// The functions.
    pub(super) fn invoker(&self) -> Arc<Invoker> {
        Arc::clone(&self.invoker)
    }

    /// A service for every method and path.
    pub(super) fn into_service(self) -> Router {
        Router::new().fallback(respond).with_state(Arc::new(self))
    }

    async fn answer(
        &self,
        request: &Parts,
        body: Body,
        caller: SocketAddr,
        request_id: &str,
    ) -> Result<Response, GatewayError> {
        // It is read before a refusal, too, since a connection with an unread body ends.
        let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| GatewayError::TooLarge)?;
        let path = event::path(&request.uri);
        // The asterisk of OPTIONS is a target without a path, and of no route.
        if !path.starts_with('/') {
            return Err(GatewayError::NotFound);
        }
        let Some((route, path_parameters)) = self.routes.find(&request.method, &path) else {
            let preflight = self.cors.as_ref().and_then(|cors| cors.preflight(request));
            return preflight.ok_or(GatewayError::NotFound);
        };
        if !self.throttle.admits(&route.key.to_string(), Instant::now()) {
            return Err(GatewayError::TooManyRequests);
        }
        let jwt = self.authorize(route, request)?;
        let received = Received {
            request,
            path: &path,
            body: &body,
            route: &route.key,
            path_parameters,
            jwt,
            request_id,
            source_ip: caller.ip(),
            domain: &self.domain,
            time: Utc::now(),
        };
        let event = serde_json::to_vec(&Event::new(received)).map_err(|_| GatewayError::Internal)?;
        let mut response = self.invoke(&route.function, event).await?;
        if let Some(cors) = &self.cors {
            cors.add_headers(request, response.headers_mut());
        }
        Ok(response)
    }

    fn authorize(&self, route: &Route, request: &Parts) -> Result<Option<Jwt>, GatewayError> {
        match &self.authorizer {
            Some(authorizer) if !route.scopes.is_empty() => {
                authorizer.authorize(&request.headers, &route.scopes, Utc::now().timestamp()).map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn invoke(&self, function: &str, event: Vec<u8>) -> Result<Response, GatewayError> {
        if event.len() > MAX_EVENT_BYTES {
            return Err(GatewayError::TooLarge);
        }
        let invocation = self.invoker.invoke(function, HeaderMap::new(), event);
        let Ok(returned) = timeout(self.integration_timeout, invocation).await else {
            return Err(GatewayError::Unavailable);
        };
        let fail = |reason: &dyn std::fmt::Display| {
            eprintln!("{function}: {reason}");
            GatewayError::Internal
        };
        let returned = returned.map_err(|failure| fail(&failure))?;
        if !returned.status.is_success() {
            return Err(fail(&"the function returned an error, which is in its log"));
        }
        response::of_function(&returned.body).map_err(|malformed| fail(&malformed))
    }
}

async fn respond(
    State(front): State<Arc<Front>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let id = request_id();
    let (parts, body) = request.into_parts();
    let answer = front.answer(&parts, body, caller, &id).await;
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
    response
}
