//! The body in an event: text, or Base64.

use base64::{Engine, engine::general_purpose::STANDARD};

/// The media types, beside `text/*`, whose bodies API Gateway gives to a function as text. AWS documents no list. This
/// one was measured: <https://github.com/ministackorg/ministack/pull/766>. So `application/cloudevents+json`, a form, and
/// a body without a content type are Base64.
const TEXT: [&str; 3] = ["application/javascript", "application/json", "application/xml"];

/// The body as an event has it, and whether that is Base64. A text that is not UTF-8 is Base64, since JSON has no other
/// way to contain it.
pub(super) fn encode(content_type: &str, body: &[u8]) -> (String, bool) {
    match std::str::from_utf8(body) {
        Ok(text) if is_text(content_type) => (text.to_owned(), false),
        _ => (STANDARD.encode(body), true),
    }
}

fn is_text(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.starts_with("text/") || TEXT.contains(&&*media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_type_decides_between_text_and_base64() {
        for text in [
            "text/plain",
            "TEXT/CSV;charset=x",
            "application/json; charset=utf-8",
            "Application/XML",
            "application/javascript",
        ] {
            assert_eq!(encode(text, b"{}"), ("{}".to_owned(), false), "{text}");
        }
        for binary in [
            "",
            "text",
            "application/cloudevents+json",
            "application/json-seq",
            "application/octet-stream",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ] {
            assert_eq!(encode(binary, b"{}"), ("e30=".to_owned(), true), "{binary}");
        }
    }

    #[test]
    fn a_text_that_is_not_utf_8_is_base64() {
        assert_eq!(encode("application/json", b"\"\xff\""), ("Iv8i".to_owned(), true));
        // UTF-16 with a byte order mark.
        assert_eq!(encode("text/plain", b"\xff\xfe{\0"), ("//57AA==".to_owned(), true));
    }
}
