//! The part of a CDEvent that its CloudEvent needs.

use fluent_uri::UriRef;
use serde::Deserialize;
use serde_json::value::RawValue;
use xzepr_domain::EventTime;

/// The types of the specification's own events, and of custom events.
///
/// <https://github.com/cdevents/spec/blob/v0.5.1/spec.md#type-context>
const TYPE_PREFIXES: [&str; 2] = ["dev.cdevents.", "dev.cdeventsx."];

/// A CDEvent of version 0.4 or 0.5 of the specification. Its members are those of a valid CloudEvent.
#[derive(Debug)]
pub(super) struct CdEvent {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) r#type: String,
    pub(super) time: EventTime,
    pub(super) subject: String,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    context: &'a RawValue,
    #[serde(borrow)]
    subject: &'a RawValue,
}

/// The name of the version changed between the two versions.
#[derive(Deserialize)]
struct Context {
    version: Option<String>,
    specversion: Option<String>,
    id: String,
    source: String,
    r#type: String,
    timestamp: String,
}

#[derive(Deserialize)]
struct Subject {
    id: String,
}

impl CdEvent {
    /// Reads a payload. The result is `None` if it is no CDEvent, or one that cannot be a valid CloudEvent.
    pub(super) fn read(payload: &RawValue) -> Option<Self> {
        let document: Document<'_> = object(payload)?;
        let context: Context = object(document.context)?;
        let Subject { id: subject } = object(document.subject)?;
        let Context { id, source, r#type, timestamp, .. } = context;
        let has_version = match (context.version, context.specversion) {
            (Some(version), None) => is_release(&version, "0.4."),
            (None, Some(version)) => is_release(&version, "0.5."),
            _ => false,
        };
        let is_cdevent = has_version
            && TYPE_PREFIXES.iter().any(|prefix| r#type.starts_with(prefix))
            && UriRef::parse(source.as_str()).is_ok()
            && [&id, &source, &r#type, &subject].into_iter().all(|text| is_attribute(text));
        let time = EventTime::try_from(timestamp).ok()?;
        is_cdevent.then_some(Self { id, source, r#type, time, subject })
    }
}

/// Reads an object. Without this check serde would also accept an array, in the order of the struct's members.
fn object<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    json.get().starts_with('{').then(|| serde_json::from_str(json.get()).ok()).flatten()
}

fn is_release(version: &str, start: &str) -> bool {
    let patch = version.strip_prefix(start).unwrap_or_default();
    !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text may be the value of a CloudEvents attribute that must not be empty.
fn is_attribute(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_control)
}
