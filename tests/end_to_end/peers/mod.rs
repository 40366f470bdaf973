//! Requests of other registries' clients as they send them, and the members that they read from the responses.
//!
//! Each client declares the JSON type of each member, and fails if one is missing or of another type.

mod epr;
mod xzatoma;
mod xzepr;

use serde_json::Value;

/// The members of a receiver that all clients read, with their JSON types.
const RECEIVER: [(&str, &str); 8] = [
    ("id", "string"),
    ("name", "string"),
    ("type", "string"),
    ("version", "string"),
    ("description", "string"),
    ("schema", "object"),
    ("fingerprint", "string"),
    ("created_at", "string"),
];

const EVENT: [(&str, &str); 11] = [
    ("id", "string"),
    ("name", "string"),
    ("version", "string"),
    ("release", "string"),
    ("platform_id", "string"),
    ("package", "string"),
    ("description", "string"),
    ("payload", "object"),
    ("success", "boolean"),
    ("event_receiver_id", "string"),
    ("created_at", "string"),
];

const GROUP: [(&str, &str); 9] = [
    ("id", "string"),
    ("name", "string"),
    ("type", "string"),
    ("version", "string"),
    ("description", "string"),
    ("enabled", "boolean"),
    ("event_receiver_ids", "array"),
    ("created_at", "string"),
    ("updated_at", "string"),
];

const PAGINATION: [(&str, &str); 4] =
    [("limit", "number"), ("offset", "number"), ("total", "number"), ("has_more", "boolean")];

/// Asserts that an object can be decoded: it has these members with these types, and its times are RFC 3339.
fn assert_decodes(object: &Value, members: &[(&str, &str)]) {
    for (name, expected) in members {
        let json_type = match &object[name] {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert_eq!(json_type, *expected, "{name}: {object}");
        if name.ends_with("_at") {
            let time = object[name].as_str().unwrap();
            assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{name}: {object}");
        }
    }
}
