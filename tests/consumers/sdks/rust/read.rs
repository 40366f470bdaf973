//! Prints the topic's events as the SDK gives them back, a line of JSON each.
//!
//! The SDK's own binding for Kafka needs another version of rdkafka. So this implements the SDK's traits for bindings
//! as that one does. In structured mode the SDK parses the data, and the line has its serialization.

use std::{env, time::Duration};

use cloudevents::{
    Data, Event,
    event::SpecVersion,
    message::{
        BinaryDeserializer, BinarySerializer, Encoding, MessageAttributeValue, MessageDeserializer, Result,
        StructuredDeserializer, StructuredSerializer,
    },
};
use local::topic::{Reader, Record, StartAt};
use serde_json::{Map, Value, json};

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [brokers, topic, count] = arguments.as_slice() else { panic!("usage: BROKERS TOPIC COUNT") };
    let reader = Reader::open(brokers, topic, StartAt::Beginning).unwrap();
    for _ in 0..count.parse().unwrap() {
        let record = reader.next(Duration::from_secs(30)).expect("a record");
        let key = record.key.clone();
        let line = match MessageDeserializer::into_event(KafkaRecord(record)) {
            Ok(event) => {
                json!({"key": key, "attributes": attributes(&event), "data": event.data().map(text)})
            }
            Err(error) => json!({"key": key, "refused": format!("{error:?}")}),
        };
        println!("{line}");
    }
}

fn attributes(event: &Event) -> Map<String, Value> {
    event.iter().map(|(name, value)| (name.to_owned(), value.to_string().into())).collect()
}

fn text(data: &Data) -> String {
    data.clone().try_into().unwrap()
}

struct KafkaRecord(Record);

impl KafkaRecord {
    fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.iter().find_map(|(header, value)| (header == name).then_some(value.as_str()))
    }
}

impl MessageDeserializer for KafkaRecord {
    fn encoding(&self) -> Encoding {
        match (self.header("content-type"), self.header("ce_specversion")) {
            (Some(content_type), _) if content_type.starts_with("application/cloudevents+json") => {
                Encoding::STRUCTURED
            }
            (_, Some(_)) => Encoding::BINARY,
            _ => Encoding::UNKNOWN,
        }
    }
}

impl StructuredDeserializer for KafkaRecord {
    fn deserialize_structured<R: Sized, V: StructuredSerializer<R>>(self, serializer: V) -> Result<R> {
        serializer.set_structured_event(self.0.value.into_bytes())
    }
}

impl BinaryDeserializer for KafkaRecord {
    fn deserialize_binary<R: Sized, V: BinarySerializer<R>>(self, mut serializer: V) -> Result<R> {
        let version = SpecVersion::try_from(self.header("ce_specversion").unwrap_or_default())?;
        serializer = serializer.set_spec_version(version.clone())?;
        for (header, value) in self.0.headers {
            let value = MessageAttributeValue::String(value);
            serializer = match header.strip_prefix("ce_") {
                Some("specversion") => serializer,
                Some(name) if version.attribute_names().contains(&name) => {
                    serializer.set_attribute(name, value)?
                }
                Some(name) => serializer.set_extension(name, value)?,
                None if header == "content-type" => serializer.set_attribute("datacontenttype", value)?,
                None => serializer,
            };
        }
        serializer.end_with_data(self.0.value.into_bytes())
    }
}
