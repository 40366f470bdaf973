//! The client against a registry on a real socket.

mod failures;
mod ids;
mod secret;
mod stub;

use stub::{Request, Response};
use xzepr_settings::Settings;

use crate::SchemaRegistry;

const SCHEMA: &str = r#"{"$schema":"http://json-schema.org/draft-07/schema#"}"#;

/// Connects with these settings, whose names are without `XZEPR_SCHEMA_REGISTRY_`.
async fn connect(variables: &[(&str, &str)]) -> SchemaRegistry {
    let variables: Vec<(String, String)> = variables
        .iter()
        .map(|(name, value)| (format!("XZEPR_SCHEMA_REGISTRY_{name}"), (*value).to_owned()))
        .collect();
    let lookup = move |name: &str| {
        variables.iter().find(|(variable, _)| variable == name).map(|(_, value)| value.clone())
    };
    let settings = Settings::new(lookup, "").unwrap().schema_registry().unwrap().unwrap();
    SchemaRegistry::connect(&settings).await.unwrap()
}

async fn connect_to(port: u16) -> SchemaRegistry {
    connect(&[("URL", &format!("http://127.0.0.1:{port}"))]).await
}

/// As Confluent's registry responds to a lookup, with members that the client has no use for.
fn found(id: u32) -> Option<Response> {
    Some((
        200,
        format!(
            r#"{{"subject":"s","version":1,"id":{id},"schemaType":"JSON","schema":"{{}}","guid":"x","ts":1}}"#
        ),
    ))
}

fn registered(id: u32) -> Option<Response> {
    Some((200, format!(r#"{{"id":{id}}}"#)))
}

fn absent() -> Option<Response> {
    refusal(404, 40403, "Schema not found")
}

fn refusal(status: u16, code: u32, message: &str) -> Option<Response> {
    Some((status, format!(r#"{{"error_code":{code},"message":"{message}"}}"#)))
}

/// Nothing is there, and everything can be registered.
fn empty(request: &Request) -> Option<Response> {
    if request.is_lookup() { absent() } else { registered(7) }
}
