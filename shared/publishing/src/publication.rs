//! An event item on its way to Kafka.

use std::{
    fmt::Display,
    panic::{UnwindSafe, catch_unwind},
};

use xzepr_domain::{Event, EventReceiver, ReplayId};
use xzepr_messages::{Message, Messages};
use xzepr_store::Key;

/// An item that must be published: an event, or the reason why the item contains none.
#[derive(Debug)]
pub struct Publication {
    pub(crate) key: Key,
    pub(crate) earlier_attempts: u32,
    item: Result<Event, String>,
    replay: Option<ReplayId>,
}

impl Publication {
    /// The publication of an item that was read from the stream or from the table.
    pub fn new(key: Key, item: Result<Event, impl Display>) -> Self {
        let item = item.map_err(|error| format!("the item is no event: {error}"));
        Self { key, item, earlier_attempts: 0, replay: None }
    }

    /// The publication of a dead letter's item, after this number of failed attempts.
    #[must_use]
    pub fn after_attempts(self, earlier_attempts: u32) -> Self {
        Self { earlier_attempts, ..self }
    }

    /// The publication by a replay. Its message has a header with the replay's id.
    #[must_use]
    pub fn replayed_by(self, replay: ReplayId) -> Self {
        Self { replay: Some(replay), ..self }
    }

    /// The item's key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The event, if the item contains one.
    pub(crate) fn event(&self) -> Option<&Event> {
        self.item.as_ref().ok()
    }

    /// The message, or the reason why there can never be one. `None` if the event has no place in the format.
    pub(crate) fn message(
        &self,
        messages: &Messages,
        receiver: Option<&EventReceiver>,
    ) -> Result<Option<Message>, String> {
        let event = self.item.as_ref().map_err(Clone::clone)?;
        let message = convert(|| messages.of(event, receiver))?;
        Ok(match self.replay {
            Some(replay) => message.map(|message| message.replayed_by(replay)),
            None => message,
        })
    }
}

/// Catches a panic, so that it fails one item and not its whole batch.
fn convert<E: Display>(
    conversion: impl FnOnce() -> Result<Option<Message>, E> + UnwindSafe,
) -> Result<Option<Message>, String> {
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
    fn a_panic_in_a_conversion_becomes_a_reason() {
        let panics = || -> Result<Option<Message>, String> { panic!("as a bug would") };
        assert_eq!(convert(panics).unwrap_err(), "the event's conversion into a message panics");
        assert_eq!(convert(|| Err("of a bug".to_owned())).unwrap_err(), "the event has no message: of a bug");
    }
}
