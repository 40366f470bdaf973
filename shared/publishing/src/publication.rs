//! An event item on its way to Kafka.

use std::{fmt::Display, panic::catch_unwind};

use xzepr_cloudevents::{Message, message};
use xzepr_domain::Event;
use xzepr_store::Key;

/// An item, and its message or why it has none.
#[derive(Debug)]
pub struct Publication {
    pub(crate) key: Key,
    pub(crate) message: Result<Message, String>,
    pub(crate) earlier_attempts: u32,
}

impl Publication {
    /// The publication of an item that was read from the stream or from the table.
    pub fn new(key: Key, item: Result<Event, impl Display>) -> Self {
        let message = match item {
            Ok(event) => convert(|| message(&event)),
            Err(error) => Err(format!("the item is no event: {error}")),
        };
        Self { key, message, earlier_attempts: 0 }
    }

    /// The publication of a dead letter's item, which was tried so often before.
    pub fn after_attempts(self, earlier_attempts: u32) -> Self {
        Self { earlier_attempts, ..self }
    }

    /// Adds a header to the message.
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        if let Ok(message) = &mut self.message {
            message.headers.push((name, value));
        }
        self
    }

    /// The item's key.
    pub fn key(&self) -> &Key {
        &self.key
    }
}

/// A panic in one item's conversion is that item's failure: the others of its batch go on.
fn convert<E: Display>(
    conversion: impl FnOnce() -> Result<Message, E> + std::panic::UnwindSafe,
) -> Result<Message, String> {
    match catch_unwind(conversion) {
        Ok(Ok(message)) => Ok(message),
        Ok(Err(error)) => Err(format!("the event has no message: {error}")),
        Err(_) => Err("the event's conversion into a message panics".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_conversion_is_a_reason() {
        let panics = || -> Result<Message, String> { panic!("as a bug would") };
        assert_eq!(convert(panics).unwrap_err(), "the event's conversion into a message panics");
        assert_eq!(convert(|| Err("of a bug".to_owned())).unwrap_err(), "the event has no message: of a bug");
    }
}
