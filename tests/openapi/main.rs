//! The OpenAPI document `docs/openapi.json`, held against the code, the documents and the running API.
//!
//! Every request of the end-to-end tests is checked against it too, see `ApiDescription`.

mod document;
mod errors;
mod examples;
mod limits;
mod reference;
mod responses;
mod routes;
mod samples;

use std::{fs, path::PathBuf};

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// All values of a member anywhere in a value, in the order of the document.
fn members<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    match value {
        Value::Array(values) => found.extend(values.iter().flat_map(|value| members(value, name))),
        Value::Object(object) => {
            for (key, value) in object {
                if key == name {
                    found.push(value);
                }
                found.extend(members(value, name));
            }
        }
        _ => {}
    }
    found
}
