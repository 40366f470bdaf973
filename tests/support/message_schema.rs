//! The JSON Schema of a system's messages.

use jsonschema::Validator;
use local::topic::Record;
use serde_json::Value;
use xzepr_messages::{schema_of, unframed};
use xzepr_settings::Format;

/// The headers of which the publisher's messages have at least one, in every format.
const OF_THE_PUBLISHER: [&str; 2] = ["content-type", "xzepr-event-type"];

/// The JSON Schema of a format's messages.
pub struct MessageSchema {
    format: Format,
    validator: Validator,
}

impl MessageSchema {
    /// The schema of this format.
    pub fn of(format: Format) -> Self {
        let schema = serde_json::from_str(schema_of(format)).unwrap();
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        Self { format, validator }
    }

    /// Checks a message of the publisher. Tests send records too, which have no headers.
    ///
    /// # Panics
    ///
    /// If the message does not match the schema.
    pub fn check(&self, record: &Record) {
        let headers = &record.headers;
        if !headers.iter().any(|(name, _)| OF_THE_PUBLISHER.contains(&name.as_str())) {
            return;
        }
        let checked: Value = match self.format {
            Format::CloudEventsBinary => {
                headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
            }
            // A system with a schema registry puts the wire header before the value.
            _ => serde_json::from_slice(unframed(record.value.as_bytes())).unwrap(),
        };
        if let Err(error) = self.validator.validate(&checked) {
            panic!("the message of {} does not match the schema of {}: {error}", record.key, self.format);
        }
    }
}
