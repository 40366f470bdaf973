//! The CloudEvents attribute `datacontenttype`.

use mediatype::{MediaType, ReadParams, names};

/// The most bytes of a media type.
const MAX_BYTES: usize = 255;

/// A media type for JSON (RFC 2046), since a payload is always JSON. Its type is `application` or `text`, and its subtype
/// is `json` or ends in `+json`. It is none of CloudEvents' own types, and names no charset but UTF-8, which JSON always
/// has. All of its characters are printable ASCII, since it becomes a header.
///
/// Type and subtype are kept in lower case, since some official SDKs compare them by case.
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
        // A quoted parameter may contain any character behind a backslash.
        let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let media_type = MediaType::parse(&text).map_err(|_| InvalidContentType)?;
        let mut charsets = media_type.params().filter(|(name, _)| *name == names::CHARSET);
        let is_utf_8 = charsets.all(|(_, charset)| charset.unquoted_str().eq_ignore_ascii_case("utf-8"));
        let is_known = [names::APPLICATION, names::TEXT].contains(&media_type.ty);
        let is_json = media_type.subty == names::JSON || media_type.suffix == Some(names::JSON);
        // In binary content mode, this type would declare that the payload is the whole event.
        let is_event = media_type.ty == names::APPLICATION
            && media_type.subty.as_str().to_ascii_lowercase().starts_with("cloudevents");
        if !is_printable || !is_known || !is_json || !is_utf_8 || is_event || text.len() > MAX_BYTES {
            return Err(InvalidContentType);
        }
        let essence = text.find(';').unwrap_or(text.len());
        let (essence, parameters) = text.split_at(essence);
        Ok(Self(essence.to_ascii_lowercase() + parameters))
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
            "model/json",
            "a/json\n",
            "a b/json",
        ] {
            assert_eq!(content_type(other), Err(InvalidContentType), "{other}");
        }
        assert_eq!(
            content_type("Application/JSON; Charset=UTF-8").as_deref(),
            Ok("application/json; Charset=UTF-8")
        );
        for unprintable in ["a=\"\0\"", "a=\"\\\r\\\nX: 1\"", "a=\"é\""] {
            let text = format!("application/json; {unprintable}");
            assert_eq!(content_type(&text), Err(InvalidContentType), "{text}");
        }
        for charset in
            ["charset=iso-8859-1", "charset=utf-16; charset=utf-8", "charset=utf-8; Charset=utf-16"]
        {
            assert!(content_type(&format!("application/json; {charset}")).is_err(), "{charset}");
        }
        for event in ["application/cloudevents+json", "Application/CloudEvents-batch+json; charset=utf-8"] {
            assert_eq!(content_type(event), Err(InvalidContentType), "{event}");
        }
        assert!(content_type(&format!("application/{}+json", "x".repeat(MAX_BYTES))).is_err());
    }
}
