//! The CloudEvents attribute `dataschema`.

use fluent_uri::Uri;

/// The most bytes of a URI.
const MAX_BYTES: usize = 2048;

/// An absolute URI without a fragment, as the type URI of CloudEvents demands (RFC 3986 section 4.3).
///
/// A few such URIs are refused, since official SDKs of CloudEvents refuse a whole event for them: those with an empty
/// host, with nothing after the scheme, with a host of a future IP version, or with a port over 65,535.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSchema(String);

super::kept_text!(DataSchema);

/// A text that is no absolute URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an absolute URI without a fragment, of at most {MAX_BYTES} characters")]
pub struct InvalidDataSchema;

impl TryFrom<String> for DataSchema {
    type Error = InvalidDataSchema;

    fn try_from(text: String) -> Result<Self, InvalidDataSchema> {
        let is_accepted = Uri::parse(text.as_str()).is_ok_and(|uri| !uri.has_fragment() && is_portable(&uri));
        if is_accepted && text.len() <= MAX_BYTES { Ok(Self(text)) } else { Err(InvalidDataSchema) }
    }
}

fn is_portable(uri: &Uri<&str>) -> bool {
    match uri.authority() {
        Some(authority) => {
            let host = authority.host();
            !host.is_empty() && !host.starts_with("[v") && authority.port_to_u16().is_ok()
        }
        None => !uri.path().as_str().is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_an_absolute_uri() {
        let schema = |text: &str| DataSchema::try_from(text.to_owned());
        for absolute in ["https://example.com/schemas/1?v=2", "urn:example:schema", "http://[::1]:8080/s"] {
            assert_eq!(schema(absolute).map(|schema| schema.to_string()), Ok(absolute.to_owned()));
        }
        for wrong in [
            "",
            "/schemas/1",
            "schemas/1",
            "//example.com/s",
            "https://example.com/s#a",
            "https://a b/",
            "urn:",
            "http://",
            "http:///s",
            "http://[v1.a]/s",
            "http://a:99999/",
        ] {
            assert_eq!(schema(wrong), Err(InvalidDataSchema), "{wrong}");
        }
        assert!(schema(&format!("urn:{}", "x".repeat(MAX_BYTES))).is_err());
    }
}
