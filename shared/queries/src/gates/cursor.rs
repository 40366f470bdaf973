//! The position between two pages of gates.

use std::fmt;

use sha2::{Digest, Sha256};
use xzepr_domain::{Artifact, GroupId, ReceiverId};

/// The version of the form. Another release may have another form.
const VERSION: &str = "g1";

/// The characters of the artifact's digest that a cursor repeats.
const DIGEST_CHARACTERS: usize = 16;

/// The bytes of the check, by which a cursor is found that was cut, changed or mistyped.
const CHECK_BYTES: usize = 3;

/// Stands for an id that is not there.
const NONE: &str = "0";

/// The place after which a page begins. It belongs to one artifact. It contains no right: whoever changes it only begins
/// elsewhere in a list that may be read as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    digest: String,
    pub(super) after: Position,
}

/// The part of the list that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// The groups of all receivers before this one, and those of this one up to a group, or all of them.
    Receiver(ReceiverId, Option<GroupId>),
    /// The groups of all receivers, and those groups without an event that were complete once, up to this one.
    Gate(Option<GroupId>),
}

/// The error of a text that is no cursor of this artifact's gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCursor {
    /// The text has not the form of a cursor.
    #[error("must be the value of `next` in the page before")]
    Malformed,
    /// The cursor is of another list.
    #[error("is of a list for another artifact")]
    OfAnotherArtifact,
}

impl Cursor {
    pub(super) fn new(artifact: &Artifact, after: Position) -> Self {
        Self { digest: digest(artifact), after }
    }

    /// Reads a cursor of an artifact's gates.
    pub fn parse(text: &str, artifact: &Artifact) -> Result<Self, InvalidCursor> {
        let (text, of_text) = text.rsplit_once('-').ok_or(InvalidCursor::Malformed)?;
        if of_text != check(text) {
            return Err(InvalidCursor::Malformed);
        }
        let parts: Vec<_> = text.split('-').collect();
        let [VERSION, of, kind, receiver, group] = parts[..] else { return Err(InvalidCursor::Malformed) };
        let malformed = |_| InvalidCursor::Malformed;
        let group =
            Some(group).filter(|group| *group != NONE).map(str::parse).transpose().map_err(malformed)?;
        let after = match (kind, receiver) {
            ("r", receiver) => Position::Receiver(receiver.parse().map_err(malformed)?, group),
            ("c", NONE) => Position::Gate(group),
            _ => return Err(InvalidCursor::Malformed),
        };
        if of != digest(artifact) {
            return Err(InvalidCursor::OfAnotherArtifact);
        }
        Ok(Self { digest: of.to_owned(), after })
    }
}

/// `g1-<digest>-<part>-<receiver>-<group>-<check>`: the characters of a ULID and a hyphen need no encoding in a query
/// string.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |group: Option<GroupId>| group.map_or_else(|| NONE.to_owned(), |group| group.to_string());
        let digest = &self.digest;
        let text = match self.after {
            Position::Receiver(receiver, last) => {
                format!("{VERSION}-{digest}-r-{receiver}-{}", group(last))
            }
            Position::Gate(last) => format!("{VERSION}-{digest}-c-{NONE}-{}", group(last)),
        };
        write!(f, "{text}-{}", check(&text))
    }
}

fn check(text: &str) -> String {
    Sha256::digest(text).iter().take(CHECK_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn digest(artifact: &Artifact) -> String {
    artifact.digest().chars().take(DIGEST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xzepr_fixtures::event;

    use super::*;

    #[test]
    fn a_cursor_is_read_back_from_its_text() {
        let (receiver, group) = (ReceiverId::generate(), GroupId::generate());
        let artifact = event().artifact();
        for after in [
            Position::Receiver(receiver, Some(group)),
            Position::Receiver(receiver, None),
            Position::Gate(Some(group)),
            Position::Gate(None),
        ] {
            let cursor = Cursor::new(&artifact, after);
            assert_eq!(Cursor::parse(&cursor.to_string(), &artifact), Ok(cursor));
        }
    }

    #[test]
    fn a_cursor_of_another_artifact_is_refused() {
        let (artifact, mut other) = (event().artifact(), event().artifact());
        other.release = "other".to_owned().try_into().unwrap();
        let text = Cursor::new(&other, Position::Gate(None)).to_string();
        assert_eq!(Cursor::parse(&text, &artifact), Err(InvalidCursor::OfAnotherArtifact));
    }

    #[test]
    fn a_cursor_with_another_character_is_refused() {
        let artifact = event().artifact();
        let after = Position::Receiver(ReceiverId::generate(), Some(GroupId::generate()));
        let text = Cursor::new(&artifact, after).to_string();
        for at in 0..text.len() {
            let mut other = text.clone();
            let character = if &text[at..=at] == "0" { "1" } else { "0" };
            other.replace_range(at..=at, character);
            assert_eq!(Cursor::parse(&other, &artifact), Err(InvalidCursor::Malformed), "{other}");
            assert_eq!(Cursor::parse(&text[..at], &artifact), Err(InvalidCursor::Malformed), "{at}");
        }
        assert_eq!(Cursor::parse(&text.to_lowercase(), &artifact), Err(InvalidCursor::Malformed));
    }

    #[test]
    fn another_text_is_no_cursor() {
        let artifact = event().artifact();
        let text = Cursor::new(&artifact, Position::Gate(None)).to_string();
        for other in [
            String::new(),
            "g1".to_owned(),
            text.replace("g1-", "g2-"),
            text.replace("-c-", "-x-"),
            text.replace("-c-", "-r-"),
            format!("{text}x"),
            format!("{text}-0"),
        ] {
            assert_eq!(Cursor::parse(&other, &artifact), Err(InvalidCursor::Malformed), "{other}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            let _ = Cursor::parse(&text, &event().artifact());
        }
    }
}
