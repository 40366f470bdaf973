//! The stream delivers records again, and in another order.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};

use crate::{bench::Bench, scale::Scale};

/// As many records as the mapping puts into a batch.
const BATCH: usize = 500;

/// Every record comes once by the mapping, and once more in a batch of shuffled records, some of them twice.
pub(crate) async fn shuffled(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    bench.ledger.accepted(scale.events).await;
    let mut records = Vec::new();
    for (number, id) in bench.ledger.ids().iter().enumerate() {
        let record = record(&item(bench, id).await, number);
        if fastrand::bool() {
            records.push(record.clone());
        }
        records.push(record);
    }
    fastrand::shuffle(&mut records);
    for batch in records.chunks(BATCH) {
        let answer = bench.invoke("publish-events", json!({"Records": batch})).await;
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }
    load.stop_after(scale.events).await;
}

async fn item(bench: &Bench, id: &str) -> HashMap<String, AttributeValue> {
    let day = id.parse::<ulid::Ulid>().unwrap().datetime();
    let day = chrono::DateTime::<chrono::Utc>::from(day).format("%Y-%m-%d");
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let output = bench
        .dynamodb
        .get_item()
        .table_name(&bench.stack.table)
        .key("pk", text(&format!("EVENT#{day}#{}", &id[25..])))
        .key("sk", text(id))
        .send()
        .await
        .unwrap();
    output.item.unwrap()
}

/// The record that the stream has of an item.
fn record(item: &HashMap<String, AttributeValue>, number: usize) -> Value {
    let image: Map<_, _> = item
        .iter()
        .map(|(name, value)| {
            let value = match value {
                AttributeValue::S(text) => json!({"S": text}),
                AttributeValue::Bool(value) => json!({"BOOL": value}),
                other => panic!("{other:?} in an event item"),
            };
            (name.clone(), value)
        })
        .collect();
    json!({
        "eventName": "INSERT",
        "dynamodb": {
            "Keys": {"pk": image["pk"], "sk": image["sk"]},
            "NewImage": image,
            "SequenceNumber": number.to_string(),
        },
    })
}
