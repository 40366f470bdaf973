//! The event item. One definition serves for writing it and for reading it from the table and from the stream.

use serde::{Deserialize, Serialize};
use xzepr_domain::{Event, InvalidId, InvalidJson, InvalidText};

use crate::keys::Key;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EventItem {
    pk: String,
    sk: String,
    name: String,
    version: String,
    release: String,
    platform_id: String,
    package: String,
    description: String,
    event_receiver_id: String,
    success: bool,
    payload: String,
}

impl From<&Event> for EventItem {
    fn from(event: &Event) -> Self {
        let key = Key::event(event.id);
        Self {
            pk: key.partition,
            sk: key.sort,
            name: event.name.to_string(),
            version: event.version.to_string(),
            release: event.release.to_string(),
            platform_id: event.platform_id.to_string(),
            package: event.package.to_string(),
            description: event.description.to_string(),
            event_receiver_id: event.event_receiver_id.to_string(),
            success: event.success,
            payload: event.payload.as_str().to_owned(),
        }
    }
}

/// The reason why an event item contains no event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidItem {
    #[error("sk or event_receiver_id {0}")]
    Id(#[from] InvalidId),
    #[error("its key is not the one of an event with its id")]
    Key,
    #[error("a text attribute {0}")]
    Text(#[from] InvalidText),
    #[error("payload is not JSON: {0}")]
    Payload(#[from] InvalidJson),
}

impl TryFrom<EventItem> for Event {
    type Error = InvalidItem;

    /// The key must be the one that follows from the id. Otherwise two items could be one event, and the second item
    /// would be published under the id of the first.
    fn try_from(item: EventItem) -> Result<Self, InvalidItem> {
        let id = item.sk.parse()?;
        if Key::event(id) != (Key { partition: item.pk, sort: item.sk }) {
            return Err(InvalidItem::Key);
        }
        Ok(Self {
            id,
            name: item.name.try_into()?,
            version: item.version.try_into()?,
            release: item.release.try_into()?,
            platform_id: item.platform_id.try_into()?,
            package: item.package.try_into()?,
            description: item.description.try_into()?,
            event_receiver_id: item.event_receiver_id.parse()?,
            success: item.success,
            payload: item.payload.try_into()?,
        })
    }
}
