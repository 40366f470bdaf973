//! How a request has its events: as plain bodies, or in one of the content modes of the CloudEvents HTTP binding.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3-http-message-mapping>

use lambda_http::http::{HeaderMap, header};

use crate::HttpError;

/// The start of the media types of all event formats.
const CLOUDEVENTS: &str = "application/cloudevents";
const STRUCTURED: &str = "application/cloudevents+json";
const BATCHED: &str = "application/cloudevents-batch+json";

/// The headers of required attributes. One of them tells a CloudEvent from a plain body.
const OF_A_CLOUDEVENT: [&str; 4] = ["ce-specversion", "ce-id", "ce-source", "ce-type"];

/// The content mode of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentMode {
    /// The body is an event of our own, or an array of them. Its content type has no meaning.
    Plain,
    /// The body is the data of a CloudEvent, and headers have its attributes.
    Binary,
    /// The body is a CloudEvent.
    Structured,
    /// The body is an array of CloudEvents.
    Batched,
}

impl ContentMode {
    /// The mode that the headers of a request declare. An event format of CloudEvents other than JSON in UTF-8 is
    /// refused.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, HttpError> {
        let value = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
        // A byte that is not ASCII is in no media type, so its loss changes nothing.
        let value = String::from_utf8_lossy(value).to_ascii_lowercase();
        let mut parts = value.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        if media_type.starts_with(CLOUDEVENTS) {
            return match media_type {
                _ if !parts.all(is_utf8_or_no_charset) => Err(HttpError::UnsupportedMediaType),
                STRUCTURED => Ok(Self::Structured),
                BATCHED => Ok(Self::Batched),
                _ => Err(HttpError::UnsupportedMediaType),
            };
        }
        let is_cloud_event = OF_A_CLOUDEVENT.iter().any(|name| headers.contains_key(*name));
        Ok(if is_cloud_event { Self::Binary } else { Self::Plain })
    }
}

/// Whether a parameter in lower case does not declare another encoding.
fn is_utf8_or_no_charset(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim() == "charset" => value.trim().trim_matches('"') == "utf-8",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::HeaderValue;

    use super::*;

    fn mode(content_type: &str, other: &[&'static str]) -> Option<ContentMode> {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            let value = HeaderValue::from_bytes(content_type.as_bytes()).unwrap();
            headers.insert(header::CONTENT_TYPE, value);
        }
        for name in other {
            headers.insert(*name, HeaderValue::from_static(""));
        }
        ContentMode::of(&headers).ok()
    }

    #[test]
    fn a_media_type_of_cloudevents_declares_the_mode() {
        for structured in [
            "application/cloudevents+json",
            "application/cloudevents+json; charset=UTF-8",
            "Application/CloudEvents+JSON;Charset=\"utf-8\"",
            "application/cloudevents+json ; v=1",
        ] {
            assert_eq!(mode(structured, &["ce-id"]), Some(ContentMode::Structured), "{structured}");
        }
        let batched = "application/cloudevents-batch+json; charset=utf-8";
        assert_eq!(mode(batched, &[]), Some(ContentMode::Batched));
    }

    #[test]
    fn another_format_or_another_charset_is_refused() {
        for unsupported in [
            "application/cloudevents",
            "application/cloudevents+avro",
            "application/cloudevents-batch+protobuf",
            "application/cloudeventsx+json",
            "application/cloudevents+json; charset=iso-8859-1",
            "application/cloudevents+json; charset=utf-8; charset=utf-16",
            "application/cloudevents-batch+json;charset=latin1",
            "application/cloudevents+json,application/json",
        ] {
            assert_eq!(mode(unsupported, &["ce-id"]), None, "{unsupported}");
        }
    }

    #[test]
    fn a_header_of_a_required_attribute_declares_the_binary_mode() {
        for name in OF_A_CLOUDEVENT {
            assert_eq!(mode("application/json", &[name]), Some(ContentMode::Binary));
        }
        assert_eq!(mode("", &["ce-id"]), Some(ContentMode::Binary));
        for plain in ["", "application/json", "text/plain; charset=latin1", "application/cloud", "é"] {
            assert_eq!(mode(plain, &["ce-subject", "ce-time"]), Some(ContentMode::Plain), "{plain}");
        }
    }
}
