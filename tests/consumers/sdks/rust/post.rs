//! Posts the event on standard input as the SDK writes it, and prints the response.
//!
//! The SDK's own binding for reqwest needs another version of it. So this implements the SDK's traits for bindings as
//! that one does.

use std::{env, io};

use cloudevents::{
    Event, EventBuilder, EventBuilderV10,
    event::{ExtensionValue, SpecVersion},
    message::{
        BinaryDeserializer, BinarySerializer, MessageAttributeValue, Result, StructuredDeserializer,
        StructuredSerializer,
    },
};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [url, mode] = arguments.as_slice() else { panic!("usage: URL binary|structured") };
    let event = event(&serde_json::from_reader(io::stdin()).unwrap());
    let request = HttpRequest(Client::new().post(url));
    let request = match mode.as_str() {
        "binary" => BinaryDeserializer::deserialize_binary(event, request),
        _ => StructuredDeserializer::deserialize_structured(event, request),
    };
    println!("{}", request.unwrap().send().await.unwrap().text().await.unwrap());
}

fn event(input: &Value) -> Event {
    let mut builder = EventBuilderV10::new();
    let attributes = input["attributes"].as_object().unwrap();
    for (name, value) in attributes {
        let text = value.as_str().unwrap_or_default();
        builder = match name.as_str() {
            "id" => builder.id(text),
            "source" => builder.source(text),
            "type" => builder.ty(text),
            "subject" => builder.subject(text),
            "time" => builder.time(text),
            "datacontenttype" | "dataschema" => builder,
            _ => {
                let flag = value.as_bool().map(ExtensionValue::from);
                builder.extension(name, flag.unwrap_or_else(|| text.into()))
            }
        };
    }
    let text = |name: &str| attributes[name].as_str().unwrap();
    builder
        .data_with_schema(text("datacontenttype"), text("dataschema"), input["data"].clone())
        .build()
        .unwrap()
}

struct HttpRequest(RequestBuilder);

impl HttpRequest {
    fn header(self, name: &str, value: &MessageAttributeValue) -> Self {
        Self(self.0.header(name, value.to_string()))
    }
}

impl BinarySerializer<RequestBuilder> for HttpRequest {
    fn set_spec_version(self, version: SpecVersion) -> Result<Self> {
        Ok(Self(self.0.header("ce-specversion", version.as_str())))
    }

    fn set_attribute(self, name: &str, value: MessageAttributeValue) -> Result<Self> {
        Ok(match name {
            "datacontenttype" => self.header("content-type", &value),
            _ => self.header(&format!("ce-{name}"), &value),
        })
    }

    fn set_extension(self, name: &str, value: MessageAttributeValue) -> Result<Self> {
        self.set_attribute(name, value)
    }

    fn end_with_data(self, data: Vec<u8>) -> Result<RequestBuilder> {
        Ok(self.0.body(data))
    }

    fn end(self) -> Result<RequestBuilder> {
        Ok(self.0)
    }
}

impl StructuredSerializer<RequestBuilder> for HttpRequest {
    fn set_structured_event(self, event: Vec<u8>) -> Result<RequestBuilder> {
        Ok(self.0.header("content-type", "application/cloudevents+json").body(event))
    }
}
