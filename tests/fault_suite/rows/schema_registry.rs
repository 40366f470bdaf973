//! The schema registry is away.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    time::Duration,
};

use end_to_end::{SchemaRegistryServer, eventually};
use jsonschema::Validator;
use local::samples;
use serde_json::{Value, json};
use tokio::{task::block_in_place, time::sleep};
use xzepr_messages::schema_of;
use xzepr_settings::Format;

use crate::{
    bench::Bench,
    callers::{post_until_accepted, random_text},
    recorder::Recorder,
    scale::Scale,
    setup::{PAYLOADS_TOPIC, TOPIC},
    wire::{self, Framed},
};

/// How often the registry is killed. From the second time on, there are receivers that were new at the time before.
const ROUNDS: usize = 2;

/// Longer than the publisher's pause after a failed request, and the mapping's pause after a failed batch.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

/// The schema of each receiver.
type Receivers = BTreeMap<String, Value>;

/// While it is away, messages under known schemas are published, and those under new ones wait.
pub(crate) async fn killed(bench: &mut Bench, scale: Scale) {
    let payloads = block_in_place(|| Recorder::start(&bench.kafka.brokers(), PAYLOADS_TOPIC));
    let load = bench.load();
    let sample = samples::receiver()["schema"].clone();
    let mut receivers = Receivers::from([(bench.receiver.clone(), sample)]);
    await_arrival(&payloads, &[post(bench, &bench.receiver, "commit").await]).await;
    for round in 0..ROUNDS {
        registry(bench).kill().await;
        let mut known = Vec::new();
        for (receiver, schema) in &receivers {
            known.push(post(bench, receiver, member(schema)).await);
        }
        await_arrival(&bench.recorder, &known).await;
        await_arrival(&payloads, &known).await;

        let schema = schema_of_receiver(round);
        let mut receiver = samples::receiver();
        receiver["schema"] = schema.clone();
        let receiver =
            samples::post(&bench.stack.api_url, "/api/v1/event-receivers", &receiver).await.unwrap();
        let mut new = vec![post(bench, &receiver, member(&schema)).await];
        // The other route needs no schema of the receiver. Its message shows that the publisher had the event.
        await_arrival(&bench.recorder, &new).await;
        new.push(post(bench, &receiver, member(&schema)).await);
        sleep(scale.outage / 2).await;
        assert_eq!(payloads.missing(new.iter().cloned()), new.len(), "a payload came without its schema");
        receivers.insert(receiver, schema);

        registry(bench).restart(&[]).await;
        await_arrival(&payloads, &new).await;
    }
    load.stop_after(scale.events).await;
    let accepted = bench.ledger.ids();
    await_arrival(&bench.recorder, &accepted).await;
    await_arrival(&payloads, &accepted).await;
    let doubled =
        |recorder: &Recorder| accepted.iter().filter(|id| recorder.of(id).unwrap().unmarked != 1).count();
    assert_eq!(
        (doubled(&bench.recorder), doubled(&payloads)),
        (0, 0),
        "an acknowledged message is sent again"
    );
    check_headers(bench, &receivers).await;
}

fn registry(bench: &mut Bench) -> &mut SchemaRegistryServer {
    bench.schema_registry.as_mut().unwrap()
}

/// A schema that no payload of another receiver matches.
fn schema_of_receiver(number: usize) -> Value {
    let member = format!("commit{number}");
    json!({"type": "object", "required": [member], "properties": {member: {"type": "string"}}})
}

/// The member of the payloads that a schema requires.
fn member(schema: &Value) -> &str {
    schema["required"][0].as_str().unwrap()
}

async fn post(bench: &Bench, receiver: &str, member: &str) -> String {
    let mut event = samples::event(receiver);
    event["payload"] = json!({member: random_text(20)});
    let id = post_until_accepted(&bench.api, &event, &bench.ledger).await;
    bench.ledger.accept(id.clone());
    id
}

async fn await_arrival(recorder: &Recorder, ids: &[String]) {
    eventually(ARRIVES_WITHIN, async || match recorder.missing(ids.iter().cloned()) {
        0 => Ok(()),
        missing => Err(format!("{missing} of {} events are missing", ids.len())),
    })
    .await;
}

/// Every header of every record has the id of the schema that the value follows.
async fn check_headers(bench: &Bench, receivers: &Receivers) {
    let registry = bench.schema_registry.as_ref().unwrap();
    let mut schemas: HashMap<u32, (Value, Validator)> = HashMap::new();
    let mut checked = 0;
    for topic in [TOPIC, PAYLOADS_TOPIC] {
        for record in block_in_place(|| wire::read(&bench.kafka.brokers(), topic)) {
            if let Entry::Vacant(unknown) = schemas.entry(record.schema_id) {
                let schema = serde_json::from_str(&registry.schema(record.schema_id).await).unwrap();
                let validator = jsonschema::validator_for(&schema).unwrap();
                unknown.insert((schema, validator));
            }
            let (schema, validator) = &schemas[&record.schema_id];
            let expected = expected_schema(topic, &record, receivers);
            assert_eq!(without_draft(schema), without_draft(&expected), "the schema of {record:?}");
            assert!(validator.is_valid(&record.value), "the value of {record:?}");
            checked += 1;
        }
    }
    println!("wire headers: {checked} records, {} schemas", schemas.len());
}

fn expected_schema(topic: &str, record: &Framed, receivers: &Receivers) -> Value {
    if topic == TOPIC {
        return serde_json::from_str(schema_of(Format::Xzepr)).unwrap();
    }
    if record.headers["ce_type"] == "xzepr.event.receiver.created" {
        let schema = include_str!("../../../shared/messages/schemas/receiver-created.json");
        return serde_json::from_str(schema).unwrap();
    }
    receivers[&record.headers["ce_receiverid"]].clone()
}

/// The publisher names the draft of a receiver's schema that names none.
fn without_draft(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema.as_object_mut().unwrap().remove("$schema");
    schema
}
