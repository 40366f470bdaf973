//! The event item. One definition serves for writing it and for reading it from the table and from the stream.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use xzepr_domain::{
    Attributes, Event, EventKind, InvalidContentType, InvalidDataSchema, InvalidEventTime, InvalidId,
    InvalidJson, InvalidText, InvalidTraceparent,
};

use crate::keys::Key;

/// `T` is the type of its texts, and `F` that of its flags.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(
    serialize = "T: Serialize, F: Serialize + Copy + Into<bool>",
    deserialize = "T: Deserialize<'de>, F: Deserialize<'de> + Default"
))]
pub(crate) struct EventItem<T = String, F = bool> {
    pk: T,
    sk: T,
    name: T,
    version: T,
    release: T,
    platform_id: T,
    package: T,
    description: T,
    event_receiver_id: T,
    success: F,
    payload: T,
    /// Only events of gates have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#type: Option<T>,
    /// Only overrides have one.
    #[serde(default, rename = "override", skip_serializing_if = "is_false")]
    is_override: F,
    /// An item of a release without kinds has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dataschema: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<T>,
}

impl<'e> From<&'e Event> for EventItem<Cow<'e, str>> {
    fn from(event: &'e Event) -> Self {
        let key = Key::event(event.id);
        let Attributes { time, subject, dataschema, datacontenttype, traceparent } = &event.attributes;
        Self {
            pk: key.partition.into(),
            sk: key.sort.into(),
            name: (&*event.name).into(),
            version: (&*event.version).into(),
            release: (&*event.release).into(),
            platform_id: (&*event.platform_id).into(),
            package: (&*event.package).into(),
            description: (&*event.description).into(),
            event_receiver_id: event.event_receiver_id.to_string().into(),
            success: event.success,
            payload: event.payload.as_str().into(),
            r#type: event.r#type.as_deref().map(Into::into),
            is_override: event.is_override,
            kind: Some(event.kind.to_string().into()),
            time: time.as_deref().map(Into::into),
            subject: subject.as_deref().map(Into::into),
            dataschema: dataschema.as_deref().map(Into::into),
            datacontenttype: datacontenttype.as_deref().map(Into::into),
            traceparent: traceparent.as_ref().map(|traceparent| traceparent.to_string().into()),
        }
    }
}

pub(crate) fn is_false<F: Copy + Into<bool>>(flag: &F) -> bool {
    !(*flag).into()
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
    [name, release, platform_id, package]: [&str; 4],
) -> Result<EventKind, InvalidItem> {
    match kind {
        Some(kind) => kind.parse().map_err(|()| InvalidItem::Kind),
        None => Ok(EventKind::of_members(name, release, platform_id, package)),
    }
}

impl<T: AsRef<str> + Into<String>, F: Into<bool>> TryFrom<EventItem<T, F>> for Event {
    type Error = InvalidItem;

    /// The key must be the one that follows from the id. Otherwise two items could be one event, and the second item
    /// would be published under the id of the first.
    fn try_from(item: EventItem<T, F>) -> Result<Self, InvalidItem> {
        let id = item.sk.as_ref().parse()?;
        let key = Key::event(id);
        if (&*key.partition, &*key.sort) != (item.pk.as_ref(), item.sk.as_ref()) {
            return Err(InvalidItem::Key);
        }
        let members = [&item.name, &item.release, &item.platform_id, &item.package].map(AsRef::as_ref);
        let kind = stored_kind(item.kind.as_ref().map(AsRef::as_ref), members)?;
        let attributes = Attributes {
            time: optional(item.time)?,
            subject: optional(item.subject)?,
            dataschema: optional(item.dataschema)?,
            datacontenttype: optional(item.datacontenttype)?,
            traceparent: optional(item.traceparent)?,
        };
        Ok(Self {
            id,
            kind,
            r#type: optional(item.r#type)?,
            name: item.name.into().try_into()?,
            version: item.version.into().try_into()?,
            release: item.release.into().try_into()?,
            platform_id: item.platform_id.into().try_into()?,
            package: item.package.into().try_into()?,
            description: item.description.into().try_into()?,
            event_receiver_id: item.event_receiver_id.as_ref().parse()?,
            success: item.success.into(),
            is_override: item.is_override.into(),
            payload: item.payload.into().try_into()?,
            attributes,
        })
    }
}

fn optional<V: TryFrom<String>>(text: Option<impl Into<String>>) -> Result<Option<V>, V::Error> {
    text.map(|text| text.into().try_into()).transpose()
}
