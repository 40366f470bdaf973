//! The CloudEvents attribute `datacontenttype`.

use mediatype::{MediaType, names};

/// The most bytes of a media type.
const MAX_BYTES: usize = 255;

/// A media type for JSON (RFC 2046), since a payload is always JSON. Its subtype is `json` or ends in `+json`. It is none
/// of CloudEvents' own types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType(String);

super::kept_text!(ContentType);

/// A text that is no media type for JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a media type for JSON, such as application/json or application/vnd.example+json")]
pub struct InvalidContentType;

impl TryFrom<String> for ContentType {
    type Error = InvalidContentType;

    /// The rule is that of the CloudEvents JSON format for data that is JSON:
    /// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#31-handling-of-data>
    fn try_from(text: String) -> Result<Self, InvalidContentType> {
        let media_type = MediaType::parse(&text).map_err(|_| InvalidContentType)?;
        let is_json = media_type.subty == names::JSON || media_type.suffix == Some(names::JSON);
        // In binary content mode, this type would declare that the payload is the whole event.
        let is_event = media_type.ty == names::APPLICATION
            && media_type.subty.as_str().to_ascii_lowercase().starts_with("cloudevents");
        if is_json && !is_event && text.len() <= MAX_BYTES { Ok(Self(text)) } else { Err(InvalidContentType) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_is_a_media_type_for_json() {
        let content_type = |text: &str| ContentType::try_from(text.to_owned());
        for json in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON",
            "text/json",
            "application/vnd.example.v1+json",
            "application/vnd.example+json;version=\"1; 2\"",
        ] {
            assert_eq!(content_type(json).map(|json| json.to_string()), Ok(json.to_owned()));
        }
        for other in [
            "",
            "json",
            "application",
            "application/",
            "text/plain",
            "application/xml",
            "a/json\n",
            "a b/json",
        ] {
            assert_eq!(content_type(other), Err(InvalidContentType), "{other}");
        }
        for event in ["application/cloudevents+json", "Application/CloudEvents-batch+json; charset=utf-8"] {
            assert_eq!(content_type(event), Err(InvalidContentType), "{event}");
        }
        assert!(content_type(&format!("application/{}+json", "x".repeat(MAX_BYTES))).is_err());
    }
}
