//! The event of a request, in payload format 2.0:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use std::{collections::BTreeMap, net::IpAddr};

use axum::http::{HeaderMap, HeaderValue, Uri, header, request::Parts};
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use url::form_urlencoded;

use super::{body, claims::Jwt, connection, request_id};
use crate::{routes::PathParameters, template::RouteKey};

/// The account and the API that requests come from. They exist nowhere.
const ACCOUNT_ID: &str = "000000000000";
const API_ID: &str = "local";

/// A request and its route.
pub(super) struct Received<'a> {
    pub(super) request: &'a Parts,
    /// From [`path`].
    pub(super) path: &'a str,
    pub(super) body: &'a [u8],
    pub(super) route: &'a RouteKey,
    pub(super) path_parameters: PathParameters,
    /// The claims that the authorizer has verified.
    pub(super) jwt: Option<Jwt>,
    pub(super) request_id: &'a str,
    pub(super) source_ip: IpAddr,
    /// The API's own host and port. API Gateway chooses the API by the host, so no caller has another one.
    pub(super) domain: &'a str,
    pub(super) time: DateTime<Utc>,
}

/// The event. A member without a value is absent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    version: &'static str,
    route_key: String,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: PathParameters,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Authorizer>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: String,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Debug, Serialize)]
struct Authorizer {
    jwt: Jwt,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: String,
    source_ip: IpAddr,
    user_agent: String,
}

/// The path of a request, for its route and its event. An HTTP API decodes it once, and cuts it at a question mark that
/// this brings: <https://github.com/middleapi/standard-server/pull/93>.
pub(super) fn path(uri: &Uri) -> String {
    let decoded = percent_decode_str(uri.path()).decode_utf8_lossy();
    decoded.split('?').next().unwrap_or_default().to_owned()
}

impl<'a> Event<'a> {
    pub(super) fn new(received: Received<'a>) -> Self {
        let Received { request, path, route, domain, time, .. } = received;
        let raw_query_string = request.uri.query().unwrap_or_default();
        let text_of = |name: header::HeaderName| request.headers.get(name).map(text).unwrap_or_default();
        let (body, is_base64_encoded) = if received.body.is_empty() {
            (None, false)
        } else {
            let (body, is_base64) = body::encode(&text_of(header::CONTENT_TYPE), received.body);
            (Some(body), is_base64)
        };
        Self {
            version: "2.0",
            route_key: route.to_string(),
            raw_path: path,
            raw_query_string,
            cookies: cookies(&request.headers),
            headers: headers(&received),
            query_string_parameters: joined(form_urlencoded::parse(raw_query_string.as_bytes())),
            request_context: RequestContext {
                account_id: ACCOUNT_ID,
                api_id: API_ID,
                authorizer: received.jwt.map(|jwt| Authorizer { jwt }),
                domain_name: domain,
                domain_prefix: domain.split('.').next().unwrap_or_default(),
                http: Http {
                    method: request.method.as_str(),
                    path,
                    protocol: format!("{:?}", request.version),
                    source_ip: received.source_ip,
                    user_agent: text_of(header::USER_AGENT),
                },
                request_id: received.request_id,
                route_key: route.to_string(),
                stage: "$default",
                time: time.format("%d/%b/%Y:%H:%M:%S %z").to_string(),
                time_epoch: time.timestamp_millis(),
            },
            path_parameters: received.path_parameters,
            body,
            is_base64_encoded,
        }
    }
}

/// The headers of the event: the caller's but the cookies, and those that API Gateway writes.
fn headers(received: &Received<'_>) -> BTreeMap<String, String> {
    let mut callers = received.request.headers.clone();
    connection::remove_headers(&mut callers);
    callers.remove(header::COOKIE);
    let pairs = callers.iter().map(|(name, value)| (name.to_string(), text(value)));
    let mut headers = joined(pairs);
    let source_ip = received.source_ip.to_string();
    let forwarded_for = match headers.get("x-forwarded-for") {
        Some(before) => format!("{before}, {source_ip}"),
        None => source_ip,
    };
    let port = received.domain.rsplit(':').next().unwrap_or_default();
    let own = [
        ("content-length", received.body.len().to_string()),
        ("host", received.domain.to_owned()),
        ("x-forwarded-for", forwarded_for),
        ("x-forwarded-port", port.to_owned()),
        ("x-forwarded-proto", "http".to_owned()),
    ];
    headers.extend(own.map(|(name, value)| (name.to_owned(), value)));
    let trace = || request_id::trace_id(received.time.timestamp());
    headers.entry("x-amzn-trace-id".to_owned()).or_insert_with(trace);
    headers
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter().map(text);
    let cookies =
        values.flat_map(|value| value.split(';').map(|cookie| cookie.trim().to_owned()).collect::<Vec<_>>());
    cookies.filter(|cookie| !cookie.is_empty()).collect()
}

/// Pairs as a map. The values of a name that is there more than once are joined by commas.
fn joined(pairs: impl Iterator<Item = (impl Into<String>, impl AsRef<str>)>) -> BTreeMap<String, String> {
    let mut map = BTreeMap::<String, String>::new();
    for (name, value) in pairs {
        let value = value.as_ref();
        map.entry(name.into())
            .and_modify(|values| {
                values.push(',');
                values.push_str(value);
            })
            .or_insert_with(|| value.to_owned());
    }
    map
}

/// A header's value in the event, which is JSON and so has no other bytes than UTF-8.
fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
