//! The event item. One definition serves for writing it and for reading it from the table and from the stream.

use serde::{Deserialize, Serialize};
use xzepr_domain::{
    Attributes, Event, EventKind, InvalidContentType, InvalidDataSchema, InvalidEventTime, InvalidId,
    InvalidJson, InvalidText, InvalidTraceparent,
};

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
    /// Only events of gates have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    /// Only overrides have one.
    #[serde(default, rename = "override", skip_serializing_if = "is_false")]
    is_override: bool,
    /// An item of a release without kinds has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dataschema: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
}

impl From<&Event> for EventItem {
    fn from(event: &Event) -> Self {
        let key = Key::event(event.id);
        let Attributes { time, subject, dataschema, datacontenttype, traceparent } = &event.attributes;
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
            r#type: event.r#type.as_ref().map(ToString::to_string),
            is_override: event.is_override,
            kind: Some(event.kind.to_string()),
            time: time.as_ref().map(ToString::to_string),
            subject: subject.as_ref().map(ToString::to_string),
            dataschema: dataschema.as_ref().map(ToString::to_string),
            datacontenttype: datacontenttype.as_ref().map(ToString::to_string),
            traceparent: traceparent.as_ref().map(ToString::to_string),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
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
    #[error("kind is unknown to this release")]
    Kind,
    #[error("time {0}")]
    Time(#[from] InvalidEventTime),
    #[error("dataschema {0}")]
    DataSchema(#[from] InvalidDataSchema),
    #[error("datacontenttype {0}")]
    ContentType(#[from] InvalidContentType),
    #[error("traceparent {0}")]
    Traceparent(#[from] InvalidTraceparent),
}

/// The kind of an item: its attribute, or that of its members if a release before has written it.
pub(crate) fn stored_kind(
    kind: Option<&str>,
    [name, release, platform_id, package]: [&String; 4],
) -> Result<EventKind, InvalidItem> {
    match kind {
        Some(kind) => kind.parse().map_err(|()| InvalidItem::Kind),
        None => Ok(EventKind::of_members(name, release, platform_id, package)),
    }
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
        let members = [&item.name, &item.release, &item.platform_id, &item.package];
        let kind = stored_kind(item.kind.as_deref(), members)?;
        let attributes = Attributes {
            time: item.time.map(TryInto::try_into).transpose()?,
            subject: item.subject.map(TryInto::try_into).transpose()?,
            dataschema: item.dataschema.map(TryInto::try_into).transpose()?,
            datacontenttype: item.datacontenttype.map(TryInto::try_into).transpose()?,
            traceparent: item.traceparent.map(TryInto::try_into).transpose()?,
        };
        Ok(Self {
            id,
            kind,
            r#type: item.r#type.map(TryInto::try_into).transpose()?,
            name: item.name.try_into()?,
            version: item.version.try_into()?,
            release: item.release.try_into()?,
            platform_id: item.platform_id.try_into()?,
            package: item.package.try_into()?,
            description: item.description.try_into()?,
            event_receiver_id: item.event_receiver_id.parse()?,
            success: item.success,
            is_override: item.is_override,
            payload: item.payload.try_into()?,
            attributes,
        })
    }
}
