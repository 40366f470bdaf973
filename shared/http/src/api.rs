//! The endpoints of a function.

use std::{convert::Infallible, future::Future, pin::Pin, time::Duration};

use lambda_http::{Body, Request, RequestExt, Response, http::Method};
use tokio::time::timeout;

use crate::{
    HttpError, Input, Output, Route, allowed,
    input::RoutedRequest,
    outcome::{self, Answering},
    response,
    route::PathMatch,
};

/// The time for a response. The functions' timeout is 10 s, and the caller must get our 503 before API Gateway's
/// own error.
pub const RESPOND_WITHIN: Duration = Duration::from_secs(8);

type Handling<'a> = Pin<Box<dyn Future<Output = Result<Response<Body>, HttpError>> + Send + 'a>>;

/// The endpoints of a function: each is a route and its handler.
///
/// - A path that no route has is 404.
/// - A path whose routes have other methods is 405, with all of their methods in the header `Allow`, also those of routes
///   that other functions serve.
/// - `HEAD` gets the response to `GET` without its body.
#[derive(Default)]
pub struct Api<'a> {
    endpoints: Vec<Endpoint<'a>>,
}

struct Endpoint<'a> {
    route: Route,
    handle: Box<dyn Fn(RoutedRequest) -> Handling<'a> + Send + Sync + 'a>,
}

/// The endpoint of a request, and the parts of its path.
struct Found<'api, 'a> {
    endpoint: &'api Endpoint<'a>,
    path: String,
    id: Option<String>,
}

impl<'a> Api<'a> {
    /// An API without endpoints: every path is 404.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an endpoint. `handler` gets the part of the request that its argument's type reads, see [`Input`].
    #[must_use]
    pub fn endpoint<I, O, H, F>(mut self, route: Route, handler: H) -> Self
    where
        I: Input,
        O: Output,
        H: Fn(I) -> F + Send + Sync + 'a,
        F: Future<Output = Result<O, HttpError>> + Send + 'a,
    {
        let handle = move |request| -> Handling<'a> {
            match I::from_request(request).map(&handler) {
                Ok(handling) => Box::pin(async { handling.await.map(Output::into_response) }),
                Err(error) => Box::pin(std::future::ready(Err(error))),
            }
        };
        self.endpoints.push(Endpoint { route, handle: Box::new(handle) });
        self
    }

    /// Responds to a request, in time and with the request id. A refusal or a failure is logged here, once. The metrics
    /// of the invocation are written.
    pub async fn respond(&self, request: Request) -> Result<Response<Body>, Infallible> {
        let context = request.lambda_context_ref();
        let request_id = context.map(|context| context.request_id.clone()).unwrap_or_default();
        let is_head = request.method() == Method::HEAD;
        let found = self.find(&request);
        let route = found.as_ref().ok().map(|found| found.endpoint.route);
        let mut response = Answering::now(route).scope(answer(found, request)).await;
        if is_head && route.is_some() {
            *response.body_mut() = Body::Empty;
        }
        response::add_request_id(&mut response, &request_id);
        xzepr_telemetry::metrics::emit([]);
        Ok(response)
    }

    /// Finds the endpoint of a request. An API without endpoints has no paths, so none of them has other methods.
    fn find(&self, request: &Request) -> Result<Found<'_, 'a>, HttpError> {
        let (path, method) = (request.raw_http_path(), request.method().as_str());
        for endpoint in self.endpoints.iter().filter(|endpoint| endpoint.route.serves(method)) {
            let route = endpoint.route;
            if let Some(PathMatch { id }) = route.match_path(path) {
                return Ok(Found { endpoint, path: route.canonical_path(id), id: id.map(str::to_owned) });
            }
        }
        if self.endpoints.is_empty() {
            return Err(HttpError::NotFound);
        }
        Err(allowed::refusal(method, path))
    }
}

async fn answer(found: Result<Found<'_, '_>, HttpError>, request: Request) -> Response<Body> {
    let handled = match found {
        Ok(Found { endpoint, path, id }) => {
            let handling = (endpoint.handle)(RoutedRequest { request, path, id });
            timeout(RESPOND_WITHIN, handling)
                .await
                .unwrap_or(Err(HttpError::TimedOut { after: RESPOND_WITHIN }))
        }
        Err(error) => Err(error),
    };
    match handled {
        Ok(response) => {
            outcome::changed();
            response
        }
        Err(error) => {
            outcome::not_stored(&error, 1);
            response::of_error(&error)
        }
    }
}
