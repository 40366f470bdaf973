//! The attributes `source` and `id`, which together name one event.

use std::{fmt, ops::Deref};

use fluent_uri::UriRef;

use crate::text::Text;

/// The most bytes of a source.
const MAX_BYTES: usize = 2048;

/// The source and the id of a CloudEvent. Two events with the same pair are the same event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEventId {
    /// The context in which the event happened.
    pub source: Source,
    /// The event's own id within its source.
    pub id: Text<1000>,
}

/// A URI-reference that is not empty (RFC 3986 section 4.1), of at most 2,048 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(String);

/// A text that is no source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a URI-reference of 1 to {MAX_BYTES} characters")]
pub struct InvalidSource;

impl TryFrom<String> for Source {
    type Error = InvalidSource;

    fn try_from(text: String) -> Result<Self, InvalidSource> {
        let is_valid = (1..=MAX_BYTES).contains(&text.len()) && UriRef::parse(text.as_str()).is_ok();
        if is_valid { Ok(Self(text)) } else { Err(InvalidSource) }
    }
}

impl Deref for Source {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_uri_reference() {
        let source = |text: &str| Source::try_from(text.to_owned());
        for valid in [
            "/mycontext",
            "https://example.com/ci?run=1#2",
            "urn:uuid:1",
            "xzepr.event.receiver.01HJ",
            "//h/p",
            "?",
        ] {
            assert_eq!(source(valid).map(|source| source.to_string()), Ok(valid.to_owned()));
        }
        for wrong in ["", " ", "a b", "/é", "http://[", "%zz", "a\u{7}"] {
            assert_eq!(source(wrong), Err(InvalidSource), "{wrong}");
        }
        assert!(source(&"x".repeat(MAX_BYTES)).is_ok());
        assert!(source(&"x".repeat(MAX_BYTES + 1)).is_err());
    }
}
