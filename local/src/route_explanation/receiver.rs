//! The receiver of the event, as far as routes need it.

use xzepr_domain::{Event, EventReceiver, JsonText, ReceiverId, ShortText};
use xzepr_messages::Messages;
use xzepr_store::Table;

use crate::error::{Context, Result};

/// A receiver, or why there is none.
#[derive(Debug)]
pub(super) enum Receiver {
    Known(Box<EventReceiver>),
    /// No route needs it.
    NotNeeded,
    /// It is not in the table, or its item is no receiver.
    Missing,
    /// The table was not read, for this reason.
    Unread(String),
}

impl Receiver {
    /// Finds the receiver of an event. One of a type that the caller names is not read.
    pub(super) async fn find(
        event: &Event,
        messages: &Messages,
        r#type: Option<ShortText>,
        table: &Table,
    ) -> Self {
        let Some(id) = messages.receiver_of(event) else { return Self::NotNeeded };
        if let Some(r#type) = r#type {
            return of_type(id, r#type).map_or_else(|error| Self::Unread(error.to_string()), Self::known);
        }
        match table.receivers(&[id]).await {
            Ok(receivers) => receivers.into_iter().next().map_or(Self::Missing, Self::known),
            Err(error) => Self::Unread(error.to_string()),
        }
    }

    fn known(receiver: EventReceiver) -> Self {
        Self::Known(Box::new(receiver))
    }

    pub(super) fn get(&self) -> Option<&EventReceiver> {
        match self {
            Self::Known(receiver) => Some(receiver),
            Self::NotNeeded | Self::Missing | Self::Unread(_) => None,
        }
    }
}

/// A receiver of this type. Routes look at nothing else of it.
fn of_type(id: ReceiverId, r#type: ShortText) -> Result<EventReceiver> {
    let text = || "unknown".to_owned();
    Ok(EventReceiver {
        id,
        name: text().try_into().context("a receiver's name")?,
        r#type,
        version: text().try_into().context("a receiver's version")?,
        description: text().try_into().context("a receiver's description")?,
        schema: JsonText::try_from("true".to_owned()).context("a receiver's schema")?,
    })
}
