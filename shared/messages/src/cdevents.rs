//! The `cdevents` format: an event whose payload is a CDEvent, as the CloudEvent that the binding of CDEvents defines, in
//! structured content mode.
//!
//! The binding sets each attribute from the CDEvent alone, so the registry adds none of its own. It adds the trace of the
//! request, which a CDEvent has no place for: CloudEvents' extension for tracing.
//!
//! <https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md>

mod cdevent;

use cdevent::CdEvent;
use serde::Serialize;
use serde_json::value::RawValue;
use xzepr_domain::Event;

use crate::content::{CONTENT_TYPE_HEADER, Content, STRUCTURED, json_of};

#[derive(Serialize)]
struct Envelope<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    r#type: &'a str,
    time: &'a str,
    subject: &'a str,
    datacontenttype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    data: &'a RawValue,
}

/// Whether the event's payload is a CDEvent.
pub(crate) fn has_content(event: &Event) -> bool {
    CdEvent::read(event.payload.as_raw()).is_some()
}

/// The content of an event's message. It is `None` if the event's payload is no CDEvent.
pub(crate) fn content(event: &Event) -> Result<Option<Content>, serde_json::Error> {
    let payload = event.payload.as_raw();
    let Some(cdevent) = CdEvent::read(payload) else { return Ok(None) };
    let envelope = Envelope {
        specversion: "1.0",
        id: &cdevent.id,
        source: &cdevent.source,
        r#type: &cdevent.r#type,
        time: &cdevent.time,
        subject: &cdevent.subject,
        datacontenttype: "application/json",
        traceparent: event.attributes.traceparent.as_deref(),
        data: payload,
    };
    Ok(Some(Content {
        value: json_of(&envelope, event)?,
        headers: vec![(CONTENT_TYPE_HEADER, STRUCTURED.to_owned())],
    }))
}

#[cfg(test)]
mod tests;
