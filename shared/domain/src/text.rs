//! The two kinds of text in a request: short texts and descriptions.

use std::{fmt, ops::Deref};

/// The rule that a text breaks, worded to follow the name of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Empty, or white space alone.
    #[error("must not be blank")]
    Blank,
    /// More characters than the limit.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A character of Unicode's category Cc.
    #[error("must not contain control characters")]
    ControlCharacter,
}

/// A text of 1 to `MAX` characters (Unicode scalar values), kept as it was sent. It is not blank and has no control
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text<const MAX: usize>(String);

/// A name, type, version, release, platform id or package: at most 255 characters.
pub type ShortText = Text<255>;

/// A description: at most 1,000 characters.
pub type Description = Text<1000>;

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        if text.trim().is_empty() {
            return Err(InvalidText::Blank);
        }
        if text.chars().count() > MAX {
            return Err(InvalidText::TooLong(MAX));
        }
        if text.contains(char::is_control) {
            return Err(InvalidText::ControlCharacter);
        }
        Ok(Self(text))
    }
}

impl<const MAX: usize> Text<MAX> {
    /// The most characters of such a text.
    pub const MAX_CHARACTERS: usize = MAX;

    /// A text that this crate composes from constants and from parts that were parsed before.
    pub(crate) fn composed(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> Result<ShortText, InvalidText> {
        ShortText::try_from(text.to_owned())
    }

    #[test]
    fn text_is_kept_as_sent() {
        assert_eq!(&*short("  two  words ").unwrap(), "  two  words ");
    }

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        assert!(short(&"é".repeat(255)).is_ok());
        assert_eq!(short(&"é".repeat(256)), Err(InvalidText::TooLong(255)));
        let longest = "x".repeat(Description::MAX_CHARACTERS);
        assert!(Description::try_from(longest.clone()).is_ok());
        let error = InvalidText::TooLong(Description::MAX_CHARACTERS);
        assert_eq!(Description::try_from(longest + "x"), Err(error));
    }

    #[test]
    fn blank_text_and_control_characters_are_refused() {
        assert_eq!(short(""), Err(InvalidText::Blank));
        assert_eq!(short(" \t\u{2003}"), Err(InvalidText::Blank));
        assert_eq!(short("a\u{0}b"), Err(InvalidText::ControlCharacter));
        assert_eq!(short("a\u{85}b"), Err(InvalidText::ControlCharacter));
    }
}
