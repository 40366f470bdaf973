//! The events that functions get: the samples in `events/`, with payloads of a given size.

pub(super) mod requests;

use std::fs;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use axum::body::Bytes;
use local::{Context, Error, Result, workspace};
use serde_json::{Map, Value, json};
use xzepr_domain::{Event, EventReceiver, EventReceiverGroup, JsonText, ReceiverId};
use xzepr_store::{Key, PARTITION_KEY, SORT_KEY};

use super::dynamodb::{CannedDynamodb, TABLE};

/// The payload of a usual event, in bytes.
pub(super) const PAYLOAD_BYTES: usize = 500;

/// A sample payload of an event of a function.
pub(super) fn sample(name: &str) -> Result<Value> {
    let path = workspace::root().join("events").join(name).with_extension("json");
    let text = fs::read_to_string(&path).context(path.display())?;
    serde_json::from_str(&text).context(path.display())
}

/// The body of a sample request.
pub(super) fn sample_body(name: &str) -> Result<Value> {
    let request = sample(name)?;
    serde_json::from_str(request["body"].as_str().unwrap_or_default()).context(name)
}

/// A payload of this many bytes, or the sample's own if it is larger. It is valid against the sample receiver's schema:
/// numbers, texts and flags in a list of objects.
pub(super) fn payload(bytes: usize) -> Result<JsonText> {
    const NOTE_BYTES: usize = r#","note":"""#.len();
    let mut payload = sample_body("create-event")?["payload"].take();
    let mut size = payload.to_string().len();
    let mut results = Vec::new();
    for number in 0.. {
        let result = json!({
            "test": format!("store::tests::case_{number}"), "passed": number % 10 != 0,
            "duration_seconds": 0.25 * f64::from(number % 40), "tags": ["store", "nightly"], "retries": null,
        });
        size += result.to_string().len() + 1;
        if size + r#","results":[]"#.len() + NOTE_BYTES > bytes {
            break;
        }
        results.push(result);
    }
    if !results.is_empty() {
        payload["results"] = results.into();
    }
    let rest = bytes.saturating_sub(payload.to_string().len() + NOTE_BYTES);
    if rest > 0 {
        payload["note"] = "n".repeat(rest).into();
    }
    JsonText::try_from(payload.to_string()).context("a payload")
}

/// Declares the receiver of all events, so that the table has it.
pub(super) async fn declare_receiver(dynamodb: &CannedDynamodb) -> Result<()> {
    let schema = sample_body("create-event-receiver")?["schema"].to_string();
    let schema = JsonText::try_from(schema).context("the sample schema")?;
    let receiver = EventReceiver { schema, ..xzepr_fixtures::receiver() };
    let declared = dynamodb.table().declare_receiver(&receiver, &xzepr_fixtures::event(), None, None).await;
    declared.map(drop).context("declaring the receiver")
}

/// Declares a receiver with a schema of this many properties, each with rules of its own. Returns its id.
pub(super) async fn declare_wide_receiver(
    dynamodb: &CannedDynamodb,
    properties: usize,
) -> Result<ReceiverId> {
    let property =
        |number| (format!("p{number}"), json!({"type": "string", "minLength": 1, "maxLength": 64}));
    let properties: Map<_, _> = (0..properties).map(property).collect();
    let schema = json!({"type": "object", "properties": properties}).to_string();
    let schema = JsonText::try_from(schema).context("a schema")?;
    let id = ReceiverId::generate();
    let name = id.to_string().try_into().context("a name")?;
    let receiver = EventReceiver { id, name, schema, ..xzepr_fixtures::receiver() };
    let declared = dynamodb.table().declare_receiver(&receiver, &xzepr_fixtures::event(), None, None).await;
    declared.map(|_| id).context("declaring a receiver")
}

/// Stores a group.
pub(super) async fn create_group(dynamodb: &CannedDynamodb, group: &EventReceiverGroup) -> Result<()> {
    let created = dynamodb.table().create_group(group, &xzepr_fixtures::event(), None, None).await;
    created.map(drop).context("storing a group")
}

/// API Gateway's event for the POST of an event with a payload of this many bytes.
pub(super) fn post(payload_bytes: usize) -> Result<Bytes> {
    let mut request = sample("create-event")?;
    let mut body = sample_body("create-event")?;
    body["payload"] = serde_json::from_str(payload(payload_bytes)?.as_str()).context("a payload")?;
    let body = body.to_string();
    request["headers"]["content-length"] = body.len().to_string().into();
    request["body"] = body.into();
    Ok(request.to_string().into())
}

/// API Gateway's event for the GET of an event.
pub(super) fn get_event(id: &str) -> Result<Bytes> {
    let mut request = sample("get-event")?;
    let path = Value::from(format!("/api/v1/events/{id}"));
    request["requestContext"]["http"]["path"] = path.clone();
    request["rawPath"] = path;
    request["pathParameters"]["proxy"] = id.into();
    Ok(request.to_string().into())
}

/// Records of the stream, each with a payload of this many bytes. The store has written their items.
pub(super) async fn records(
    dynamodb: &CannedDynamodb,
    count: usize,
    payload_bytes: usize,
) -> Result<Vec<Value>> {
    let event = || Ok(Event { payload: payload(payload_bytes)?, ..xzepr_fixtures::event() });
    records_of(dynamodb, &(0..count).map(|_| event()).collect::<Result<Vec<_>>>()?).await
}

/// The records of these events. The store writes their items.
pub(super) async fn records_of(dynamodb: &CannedDynamodb, events: &[Event]) -> Result<Vec<Value>> {
    let template = sample("publish-events")?["Records"][0].take();
    let mut records = Vec::with_capacity(events.len());
    for (number, event) in events.iter().enumerate() {
        dynamodb.table().put_event(event, None, None).await.context("storing an event")?;
        let image = image(dynamodb.client(), Key::event(event.id)).await?;
        let mut record = template.clone();
        record["dynamodb"]["Keys"] = json!({PARTITION_KEY: image[PARTITION_KEY], SORT_KEY: image[SORT_KEY]});
        record["dynamodb"]["NewImage"] = image.into();
        record["dynamodb"]["SequenceNumber"] = format!("1110000000000248573{number:05}").into();
        records.push(record);
    }
    Ok(records)
}

/// The batch of these records.
pub(super) fn batch(records: &[Value]) -> Bytes {
    json!({"Records": records}).to_string().into()
}

/// The item of an event, as a record of the stream has it.
async fn image(client: &Client, key: Key) -> Result<Map<String, Value>> {
    let (partition, sort) = (AttributeValue::S(key.partition), AttributeValue::S(key.sort));
    let read = client.get_item().table_name(TABLE).key(PARTITION_KEY, partition).key(SORT_KEY, sort);
    let item = read.send().await.context("reading an event")?.item;
    let item = item.ok_or_else(|| Error::new("the event is not in the table"))?;
    item.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect()
}

fn attribute(value: &AttributeValue) -> Result<Value> {
    match value {
        AttributeValue::S(text) => Ok(json!({"S": text})),
        AttributeValue::Bool(flag) => Ok(json!({"BOOL": flag})),
        other => Err(Error::new(format!("an item of an event has {other:?}"))),
    }
}
