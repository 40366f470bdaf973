//! Samples of requests: one receiver, one group and one event.

use serde_json::{Value, json};

use crate::error::{Context, Error, Result};

/// Posts a body and returns the new id.
pub async fn post(api_url: &str, path: &str, body: &Value) -> Result<String> {
    post_with_token(api_url, None, path, body).await
}

/// Posts a body with a token, if there is one, and returns the new id.
pub async fn post_with_token(api_url: &str, token: Option<&str>, path: &str, body: &Value) -> Result<String> {
    let posting = format!("POST {path}");
    let mut request = reqwest::Client::new().post(format!("{api_url}{path}")).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.context(&posting)?;
    let response: Value = response.json().await.context(&posting)?;
    response["data"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::new(format!("{posting} returned {response}")))
}

/// The body of a sample receiver.
pub fn receiver() -> Value {
    json!({
        "name": "build",
        "type": "com.example.build",
        "version": "1.0.0",
        "description": "A build of an artifact",
        "schema": {"type": "object", "required": ["commit"], "properties": {"commit": {"type": "string"}}},
    })
}

/// The body of a sample group of one receiver.
pub fn group(receiver_id: &str) -> Value {
    json!({
        "name": "release-gate",
        "type": "com.example.gate",
        "version": "1.0.0",
        "description": "The steps before a release",
        "enabled": true,
        "event_receiver_ids": [receiver_id],
    })
}

/// The artifact of the sample event, as the query string of a question about gates.
pub fn artifact() -> String {
    let event = event("");
    let members = ["name", "version", "release", "platform_id", "package"];
    let pairs = members.map(|member| format!("{member}={}", event[member].as_str().unwrap_or_default()));
    pairs.join("&")
}

/// The body of a sample event of a receiver.
pub fn event(receiver_id: &str) -> Value {
    json!({
        "name": "com.example.build.finished",
        "version": "2.1.0",
        "release": "2.1.0-rc.1",
        "platform_id": "linux-x86_64",
        "package": "myapp",
        "description": "Built myapp",
        "success": true,
        "event_receiver_id": receiver_id,
        "payload": {"commit": "8a41d5f"},
    })
}
