//! Requests to an [`Api`], and its responses as text, for the tests of the functions.
#![expect(clippy::expect_used, reason = "compiled for tests only")]

use std::fmt::Write;

use lambda_http::{
    Body, Context, Request, RequestExt, Response, aws_lambda_events::query_map::QueryMap, http,
};

use crate::Api;

/// A request as Lambda gives it to a function, with the request id `REQUEST`. The target is a path, and a query
/// string after a question mark.
///
/// # Panics
///
/// If the method is invalid.
pub fn request(method: &str, target: &str, body: impl Into<Body>) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut context = Context::default();
    "REQUEST".clone_into(&mut context.request_id);
    let Ok(query) = query.parse::<QueryMap>();
    http::Request::builder()
        .method(method)
        .body(body.into())
        .expect("a method")
        .with_raw_http_path(path)
        .with_query_string_parameters(query)
        .with_lambda_context(context)
}

/// The same request with an `Idempotency-Key`.
///
/// # Panics
///
/// If the key cannot be a header's value.
pub fn with_key(mut request: Request, key: &str) -> Request {
    request.headers_mut().insert("idempotency-key", key.parse().expect("a header's value"));
    request
}

/// A request as API Gateway sends it to a function: with these headers, and with this authorizer in the request context,
/// both in JSON.
///
/// # Panics
///
/// If the two are no JSON.
pub fn authorized(headers: &str, authorizer: &str) -> Request {
    let event = format!(
        r#"{{"version":"2.0","routeKey":"$default","rawPath":"/","rawQueryString":"","headers":{{{headers}}},
        "requestContext":{{"accountId":"1","apiId":"a","domainName":"d","domainPrefix":"d",
        "http":{{"method":"POST","path":"/","protocol":"HTTP/1.1","sourceIp":"1.1.1.1","userAgent":"x"}},
        "requestId":"r","routeKey":"$default","stage":"$default","time":"t","timeEpoch":1,
        "authorizer":{authorizer}}},"isBase64Encoded":false}}"#
    );
    lambda_http::request::from_str(&event).expect("a request of API Gateway")
}

/// The same request from this IAM principal.
///
/// # Panics
///
/// If the ARN is no text in JSON.
pub fn sent_by(request: Request, arn: &str) -> Request {
    let context = authorized("", &format!(r#"{{"iam":{{"userArn":"{arn}"}}}}"#)).request_context();
    request.with_request_context(context)
}

/// The same request with a token that has these scopes.
///
/// # Panics
///
/// If the scopes are no text in JSON.
pub fn with_scopes(request: Request, scopes: &str) -> Request {
    let claims = format!(r#"{{"iss":"https://idp","sub":"alice","scope":"{scopes}"}}"#);
    let authorizer = format!(r#"{{"jwt":{{"claims":{claims},"scopes":null}}}}"#);
    let context = authorized("", &authorizer).request_context();
    request.with_request_context(context)
}

/// The whole response as text: its status, its headers and its body.
///
/// # Panics
///
/// If a header is not ASCII.
pub async fn respond(api: &Api<'_>, request: Request) -> String {
    let Ok(response) = api.respond(request).await;
    text(response)
}

/// A response as text: its status, its headers and its body.
///
/// # Panics
///
/// If a header is not ASCII.
pub fn text(response: Response<Body>) -> String {
    let (parts, body) = response.into_parts();
    let mut text = format!("{}\n", parts.status);
    for (name, value) in &parts.headers {
        writeln!(text, "{name}: {}", value.to_str().expect("ASCII")).expect("a String");
    }
    match body {
        Body::Empty => {}
        Body::Text(body) => write!(text, "\n{body}").expect("a String"),
        body => write!(text, "\n{body:?}").expect("a String"),
    }
    text
}
