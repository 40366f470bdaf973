//! A caller with a token.

use end_to_end::{Response, System};
use local::{AUDIENCE, Auth, Issuer};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) const EVENTS: &str = "/api/v1/events";
pub(crate) const RECEIVERS: &str = "/api/v1/event-receivers";
pub(crate) const GROUPS: &str = "/api/v1/event-receiver-groups";
pub(crate) const REPLAYS: &str = "/api/v1/admin/replay-events";

/// A system whose API needs tokens.
pub(crate) async fn system() -> System {
    System::start_with(|options| options.auth = Auth::Jwt).await
}

pub(crate) fn issuer(system: &System) -> &Issuer {
    system.stack.issuer.as_ref().unwrap()
}

/// Valid claims with these scopes.
pub(crate) fn claims(system: &System, scopes: &str) -> Value {
    let now = chrono::Utc::now().timestamp();
    json!({
        "iss": issuer(system).url(), "sub": "tester", "aud": AUDIENCE,
        "iat": now, "nbf": now, "exp": now + 600, "scope": scopes,
    })
}

/// A token with these claims.
pub(crate) fn signed(system: &System, claims: &Value) -> String {
    let issuer = issuer(system);
    issuer.sign(issuer.key_id(), claims).unwrap()
}

/// A valid token with these scopes.
pub(crate) fn token(system: &System, scopes: &str) -> String {
    signed(system, &claims(system, scopes))
}

/// Posts a body with a token.
pub(crate) async fn post(system: &System, token: &str, path: &str, body: &Value) -> Response {
    let authorization = format!("Bearer {token}");
    system.post_with_headers(path, &[("authorization", authorization.as_bytes())], body.to_string()).await
}

/// The status of the response to a request with a token.
pub(crate) async fn status(system: &System, method: &str, token: &str, path: &str) -> u16 {
    let url = format!("{}{path}", system.stack.api_url);
    let request = reqwest::Client::new().request(method.parse().unwrap(), url).bearer_auth(token).body("{}");
    request.send().await.unwrap().status().as_u16()
}

/// Sends a POST whose target no client has changed, and returns the status. A `..` or a `//` stays as it is.
pub(crate) async fn post_raw(system: &System, token: Option<&str>, target: &str, body: &str) -> u16 {
    send_raw(system, "POST", token, target, body).await
}

/// Sends a request whose target no client has changed, and returns the status.
pub(crate) async fn send_raw(
    system: &System,
    method: &str,
    token: Option<&str>,
    target: &str,
    body: &str,
) -> u16 {
    let host = system.stack.api_url.strip_prefix("http://").unwrap();
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{authorization}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).await.unwrap();
    let status = response.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status.and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{target}: {response}"))
}
