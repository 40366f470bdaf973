//! The value of a header that has an attribute of a CloudEvent.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values>

use percent_encoding::percent_decode_str;

pub(super) const NOT_ASCII: &str =
    "must have only printable ASCII characters in its header, and all others percent-encoded";
const NOT_UTF_8: &str = "must be percent-encoded UTF-8 in its header";
const NOT_CLOSED: &str = "must end with the double quote that it begins with in its header";

/// Decodes a value: double quotes first, as earlier versions of the binding sent them, then percent-encoding once. A
/// percent sign that begins no encoded byte stands for itself, since some SDKs do not encode it.
pub(super) fn decode(value: &[u8]) -> Result<String, &'static str> {
    percent_decode_str(&text(value)?).decode_utf8().map(String::from).map_err(|_| NOT_UTF_8)
}

/// Decodes a value that is a URI. It has only printable ASCII characters, so the one character of it that the binding
/// encodes is the percent sign. In a value with any other encoded byte, that byte is the URI's own: the SDKs of Go and
/// JavaScript encode nothing.
pub(super) fn decode_uri(value: &[u8]) -> Result<String, &'static str> {
    let text = text(value)?;
    let is_encoded = text.split('%').skip(1).all(|rest| rest.starts_with("25"));
    Ok(if is_encoded { text.replace("%25", "%") } else { text })
}

/// A value without the double quotes around it.
fn text(value: &[u8]) -> Result<String, &'static str> {
    let text = str::from_utf8(value.trim_ascii()).map_err(|_| NOT_ASCII)?;
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(NOT_ASCII);
    }
    match text.strip_prefix('"') {
        Some(quoted) => unquote(quoted).ok_or(NOT_CLOSED),
        None => Ok(text.to_owned()),
    }
}

/// The text of a quoted string after its first quote (RFC 7230 section 3.2.6).
fn unquote(quoted: &str) -> Option<String> {
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => text.push(characters.next()?),
            character => text.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_percent_decoded_once() {
        for (value, text) in [
            ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
            ("Euro%20%e2%82%ac", "Euro €"),
            ("%2541", "%41"),
            ("%41", "A"),
            ("a b", "a b"),
            (" a ", "a"),
            ("", ""),
            ("100%", "100%"),
            ("%zz", "%zz"),
        ] {
            assert_eq!(decode(value.as_bytes()).as_deref(), Ok(text), "{value}");
        }
    }

    #[test]
    fn a_uri_is_decoded_only_if_its_percent_signs_are_encoded() {
        for (value, uri) in [
            ("/ci/myapp", "/ci/myapp"),
            ("/repo%252Fmain", "/repo%2Fmain"),
            ("/repo%2Fmain", "/repo%2Fmain"),
            ("https://example.com/a%20b%25", "https://example.com/a%20b%25"),
            ("\"/a%2520b\"", "/a%20b"),
        ] {
            assert_eq!(decode_uri(value.as_bytes()).as_deref(), Ok(uri), "{value}");
        }
        assert!(decode_uri("/é".as_bytes()).is_err());
    }

    #[test]
    fn a_value_in_double_quotes_loses_them_before_it_is_decoded() {
        for (value, text) in [
            (r#""a b""#, "a b"),
            (r#""a \"b\" \\ c""#, r#"a "b" \ c"#),
            (r#""%20""#, " "),
            (r#""""#, ""),
            (r#"a "b""#, r#"a "b""#),
        ] {
            assert_eq!(decode(value.as_bytes()).as_deref(), Ok(text), "{value}");
        }
        for value in [r#"""#, r#""a"#, r#""a"b"#, r#""a\"#, r#""a\""#] {
            assert_eq!(decode(value.as_bytes()), Err(NOT_CLOSED), "{value}");
        }
    }

    #[test]
    fn a_value_that_is_not_ascii_or_decodes_to_no_utf_8_is_refused() {
        for value in ["é".as_bytes(), b"\xff", b"a\tb", b"a\x7f", b"\0"] {
            assert_eq!(decode(value), Err(NOT_ASCII), "{value:?}");
        }
        for value in ["%C0%A0", "%ff", "%E2%82", "%ED%A0%80"] {
            assert_eq!(decode(value.as_bytes()), Err(NOT_UTF_8), "{value}");
        }
    }
}
