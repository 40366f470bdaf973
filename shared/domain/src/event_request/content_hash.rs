//! The hash of a CloudEvent's content.

use sha2::{Digest, Sha256};

use super::EventContent;
use crate::{cloud_event::CloudEventId, fingerprint::hex};

/// The media type of a payload without one.
const JSON: &str = "application/json";

/// The lower-case hex SHA-256 of a content without a fault, and of the source and id unless they are the key.
///
/// The trace is not part of it, since each attempt to send an event is a span of its own.
pub(super) fn of(content: &EventContent<'_>, id: Option<&CloudEventId>) -> String {
    let EventContent { attributes, payload, .. } = content;
    let receiver = content.event_receiver_id.map(|receiver| receiver.to_string());
    let media_type = media_type(attributes.datacontenttype.as_deref());
    let parts = [
        id.map(|id| &*id.source),
        id.map(|id| &*id.id),
        content.name.as_deref(),
        content.version.as_deref(),
        content.release.as_deref(),
        content.platform_id.as_deref(),
        content.package.as_deref(),
        content.description.as_deref(),
        receiver.as_deref(),
        content.success.map(|success| if success { "true" } else { "false" }),
        attributes.time.as_deref(),
        attributes.subject.as_deref(),
        attributes.dataschema.as_deref(),
        Some(media_type),
        payload.as_ref().map(|(text, _)| text.as_str()),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        // The length tells an absent part from an empty one, and where a part ends.
        hash.update(part.map_or(u64::MAX, |part| part.len() as u64).to_be_bytes());
        hash.update(part.unwrap_or_default());
    }
    hex(&hash.finalize())
}

/// A media type without the charset, which is always UTF-8. The binary content mode names the type where the structured
/// content mode may leave it out, and HTTP clients add the charset.
fn media_type(sent: Option<&str>) -> &str {
    let sent = sent.unwrap_or(JSON);
    match sent.rsplit_once(';') {
        Some((rest, last)) if last.trim().eq_ignore_ascii_case("charset=utf-8") => rest.trim_end(),
        _ => sent,
    }
}
