//! API Gateway's events for requests of every kind: the samples with other paths, parameters and bodies.

use axum::body::Bytes;
use local::{Error, Result};
use serde_json::{Map, Value, json};
use xzepr_domain::ReceiverId;

use super::{payload, sample, sample_body};

/// A sample as it is.
pub(in crate::measure) fn unchanged(name: &str) -> Result<Bytes> {
    Ok(sample(name)?.to_string().into())
}

/// The POST of a batch of this many events, each with a payload of this many bytes.
pub(in crate::measure) fn post_batch(events: usize, payload_bytes: usize) -> Result<Bytes> {
    with_body("create-event-batch", &Value::from(vec![event(payload_bytes)?; events]))
}

/// The body of the POST of an event with a payload of this many bytes.
pub(in crate::measure) fn event(payload_bytes: usize) -> Result<Value> {
    let mut event = sample_body("create-event")?;
    event["payload"] = value(payload(payload_bytes)?.as_str())?;
    Ok(event)
}

/// The POST of a failed event.
pub(in crate::measure) fn post_failure() -> Result<Bytes> {
    let mut event = sample_body("create-event")?;
    event["success"] = false.into();
    with_body("create-event", &event)
}

/// The POST of an event to a receiver, with the sample's own payload.
pub(in crate::measure) fn post_to(receiver: ReceiverId) -> Result<Bytes> {
    let mut event = sample_body("create-event")?;
    event["event_receiver_id"] = receiver.to_string().into();
    with_body("create-event", &event)
}

/// A GET with these parameters.
pub(in crate::measure) fn get(path: &str, parameters: &[(&str, &str)]) -> Result<Bytes> {
    let mut request = sample("get-event")?;
    let path = format!("/api/v1/{path}");
    let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    request["rawQueryString"] = query.join("&").into();
    if !parameters.is_empty() {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        request["queryStringParameters"] = parameters.collect::<Map<_, _>>().into();
    }
    request["requestContext"]["http"]["path"] = path.clone().into();
    request["rawPath"] = path.clone().into();
    // The rest of the path after the collection, as the routes with `{proxy+}` have it.
    match path.splitn(5, '/').nth(4) {
        Some(proxy) => request["pathParameters"]["proxy"] = proxy.into(),
        None => drop(request.as_object_mut().and_then(|request| request.remove("pathParameters"))),
    }
    Ok(request.to_string().into())
}

fn with_body(name: &str, body: &Value) -> Result<Bytes> {
    let mut request = sample(name)?;
    let body = body.to_string();
    request["headers"]["content-length"] = body.len().to_string().into();
    request["body"] = body.into();
    Ok(request.to_string().into())
}

fn value(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Error::new(format!("a payload: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_get_has_its_path_and_its_parameters_everywhere() {
        let read =
            |path, parameters: &[_]| value(std::str::from_utf8(&get(path, parameters).unwrap()).unwrap());
        let request = read("event-receivers/X/schema", &[]).unwrap();
        assert_eq!(request["rawPath"], "/api/v1/event-receivers/X/schema");
        assert_eq!(request["pathParameters"]["proxy"], "X/schema");
        let request = read("events", &[("limit", "50"), ("name", "build")]).unwrap();
        assert_eq!(request["rawQueryString"], "limit=50&name=build");
        assert_eq!(request["queryStringParameters"], json!({"limit": "50", "name": "build"}));
        assert_eq!(request.get("pathParameters"), None);
    }

    #[test]
    fn a_batch_has_all_its_events() {
        let request = value(std::str::from_utf8(&post_batch(100, 500).unwrap()).unwrap()).unwrap();
        let body = request["body"].as_str().unwrap();
        assert_eq!(request["headers"]["content-length"], body.len().to_string());
        assert_eq!(value(body).unwrap().as_array().unwrap().len(), 100);
    }
}
