//! The front of the HTTP API: the work of API Gateway between a caller and a function. Beside it is the part of the
//! Lambda API that invokes a function.
//!
//! A request meets these in order:
//!
//! 1. `routes`: the route of its method and path, or 404;
//! 2. `throttle`: 429 above the stage's rate;
//! 3. `authorizer`: 401 without a valid token, and 403 without a scope of the route;
//! 4. `event`: the event of payload format 2.0;
//! 5. `invoker`: the function;
//! 6. `response`: the function's response as HTTP, with the headers of `cors`.

mod authorizer;
#[cfg(test)]
mod authorizer_tests;
mod body;
mod claims;
mod connection;
mod cors;
mod event;
#[cfg(test)]
mod event_tests;
mod front;
mod gateway_error;
mod invocations;
mod invoker;
mod issuer;
mod request_id;
mod response;
#[cfg(test)]
mod response_tests;
mod throttle;
mod tokens;
mod well_known;

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use axum::Router;
use tokio::task::JoinHandle;

pub(crate) use self::{front::Front, invoker::Invoker};
pub use self::{
    issuer::Issuer,
    tokens::{AUDIENCE, Tokens},
};
use crate::{
    error::{Context, Result},
    metrics::Metrics,
};

/// The API on loopback. It ends when this is dropped.
pub(crate) struct HttpApi {
    server: JoinHandle<()>,
}

impl HttpApi {
    /// Serves the routes, the invocations and the metrics, and an issuer's public keys if there is one.
    pub(crate) fn start(
        listener: TcpListener,
        front: Front,
        issuer: Option<Arc<Issuer>>,
        metrics: Metrics,
    ) -> Result<Self> {
        let listener = tokio::net::TcpListener::from_std(listener).context("starting the HTTP API")?;
        let service = router(front, issuer, metrics).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service).await {
                eprintln!("the HTTP API ended: {error}");
            }
        });
        Ok(Self { server })
    }
}

/// The paths that `local` itself serves on the port of the API. Every other path is the front's, so no path of
/// `template.yaml` may be among them.
fn router(front: Front, issuer: Option<Arc<Issuer>>, metrics: Metrics) -> Router {
    let own = invocations::router(front.invoker()).route("/metrics", metrics.route());
    let own = issuer.into_iter().fold(own, |own, issuer| own.merge(well_known::router(issuer)));
    own.fallback_service(front.into_service())
}

impl Drop for HttpApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}
