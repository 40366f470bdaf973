//! The example with a schema registry, which is Apicurio Registry on Apache Kafka. tests/real-services runs it.

use end_to_end::SchemaRegistryServer;
use local::{kafka::Apache, topic::Record};
use serde_json::{Value, json};
use xzepr_messages::{schema_of, unframed};
use xzepr_settings::Format;

use super::{Example, examples::SCHEMA_REGISTRY, places};

/// The id in the wire header of a value. The records of a test keep the bytes of small ids only.
fn schema_id(record: &Record) -> u32 {
    let (header, _) = record.value.as_bytes().split_first_chunk::<5>().unwrap();
    let [magic, id @ ..] = *header;
    assert_eq!(magic, 0, "{record:?}");
    u32::from_be_bytes(id)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_has_the_id_of_a_registered_schema_that_it_matches() {
    let dir = tempfile::tempdir().unwrap();
    let kafka = Apache::start(0, 1, &dir.path().join("kafka")).await.unwrap();
    let registry = SchemaRegistryServer::start(&kafka.brokers(), dir.path()).await;
    let url = registry.url();
    let example = Example::start_with(SCHEMA_REGISTRY, &[("XZEPR_SCHEMA_REGISTRY_URL", &url)]).await;
    let receiver = example.receiver("com.example.build").await;
    let event = example.event(&receiver, json!({})).await;
    let mut records = example.records(2).await;
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for record in &mut records {
        let registered = registry.schema(schema_id(record)).await;
        assert_eq!(json(&registered), json(schema_of(Format::CloudEvents)));
        record.value = String::from_utf8(unframed(record.value.as_bytes()).to_vec()).unwrap();
    }
    let places = places(&records, Format::CloudEvents);
    assert!(places.contains(&("xzepr.events", event.as_str(), None)), "{places:?}");
    let subjects = registry.subjects().await;
    let of_receiver = format!("xzepr.event.receiver.{receiver}");
    assert_eq!(subjects, [of_receiver, "xzepr.events-xzepr.message.cloudevents".to_owned()]);
}
