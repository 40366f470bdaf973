//! What every endpoint does with a request before and after its own work.

use std::{convert::Infallible, fmt::Display, time::Duration};

use lambda_http::{
    Body, Request, RequestExt, Response,
    http::{Method, StatusCode},
};
use serde::Serialize;
use xzepr_domain::Idempotency;

use crate::{
    answer::{self, Success},
    error::Error,
    idempotency,
};

/// The most bytes a request's body may have.
pub const MAX_BODY_BYTES: usize = 512 * 1024;

/// An answer is given within this time: the functions' timeout is 10 s, and a caller must hear 503
/// from us rather than an error of API Gateway.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// `POST /api/v1/events`
pub const EVENTS: Endpoint = Endpoint { paths: &["/api/v1/events"] };

/// `POST /api/v1/event-receivers`, and the path that existing clients call.
pub const EVENT_RECEIVERS: Endpoint = Endpoint { paths: &["/api/v1/event-receivers", "/api/v1/receivers"] };

/// `POST /api/v1/event-receiver-groups`, and the path that existing clients call.
pub const EVENT_RECEIVER_GROUPS: Endpoint =
    Endpoint { paths: &["/api/v1/event-receiver-groups", "/api/v1/groups"] };

/// Answers a request with what `work` makes of it, in time and with the request id. A failure of ours is
/// logged here, once.
pub async fn answer<T: Serialize>(
    request: Request,
    work: impl AsyncFnOnce(&Request) -> Result<Success<T>, Error>,
) -> Result<Response<Body>, Infallible> {
    let result = tokio::time::timeout(ANSWER_WITHIN, work(&request))
        .await
        .unwrap_or(Err(Error::TimedOut { after: ANSWER_WITHIN }));
    if let Err(error) = &result {
        error.log();
    }
    let request_id = request.lambda_context_ref().map(|context| context.request_id.as_str());
    Ok(answer::response(result, request_id.unwrap_or_default()))
}

/// The paths of one function, each with a trailing slash too. Anything else that its routes let through is
/// not found: a route that ends in `{proxy+}` also takes what lies below its path.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    paths: &'static [&'static str],
}

impl Endpoint {
    /// Answers a request: checks path, method and size, hands the body to `create`, and turns its
    /// result into a response as [`answer`](fn@answer) does.
    pub async fn answer<Id: Display>(
        self,
        request: Request,
        create: impl AsyncFnOnce(&str, Option<&Idempotency>) -> Result<Id, Error>,
    ) -> Result<Response<Body>, Infallible> {
        answer(request, async |request| {
            let (body, idempotency) = self.command(request)?;
            let id = create(body, idempotency.as_ref()).await?;
            Ok(Success { status: StatusCode::OK, data: id.to_string() })
        })
        .await
    }

    fn command(self, request: &Request) -> Result<(&str, Option<Idempotency>), Error> {
        let body = self.body(request)?;
        // An alias is the same endpoint.
        let path = self.paths.first().copied().unwrap_or_default();
        Ok((body, idempotency::of(request, path, body)?))
    }

    fn body(self, request: &Request) -> Result<&str, Error> {
        let path = request.raw_http_path();
        if !self.paths.contains(&path.strip_suffix('/').unwrap_or(path)) {
            return Err(Error::NotFound);
        }
        if request.method() != Method::POST {
            return Err(Error::MethodNotAllowed { allow: "POST" });
        }
        let body: &[u8] = request.body();
        if body.len() > MAX_BODY_BYTES {
            return Err(Error::BodyTooLarge);
        }
        std::str::from_utf8(body).map_err(|_| Error::NotUtf8)
    }
}
