//! The stream delivers records again, and in another order.

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::{EventItem, partition_key};
use serde_json::{Value, json};

use crate::{bench::Bench, scale::Scale};

/// As many records as the mapping puts into a batch.
const BATCH: usize = 500;

/// The mapping delivers every record. Then batches of shuffled records have every record again, and some of them twice.
pub(crate) async fn shuffled(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    bench.ledger.await_accepted(scale.events).await;
    let records = shuffled_records(bench, &bench.ledger.ids()).await;
    for batch in records.chunks(BATCH) {
        let response = bench.invoke("publish-events", json!({"Records": batch})).await;
        assert_eq!(response, json!({"batchItemFailures": []}));
    }
    load.stop_after(scale.events).await;
}

/// The records of events in another order, and about half of them twice.
pub(crate) async fn shuffled_records(bench: &Bench, ids: &[String]) -> Vec<Value> {
    let mut records = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let record = item(bench, id).await.record(number);
        if fastrand::bool() {
            records.push(record.clone());
        }
        records.push(record);
    }
    fastrand::shuffle(&mut records);
    records
}

async fn item(bench: &Bench, id: &str) -> EventItem {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let request = bench.dynamodb.get_item().table_name(&bench.stack.table);
    let request = request.key("pk", text(&partition_key(id))).key("sk", text(id));
    request.send().await.unwrap().item.unwrap().into()
}
