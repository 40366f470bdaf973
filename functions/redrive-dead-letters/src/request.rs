//! What is asked for, and what is answered.

use serde::{Deserialize, Serialize};
use xzepr_store::{DeadLetter, InvalidKey, Key};

/// What the schedule or an operator asks for.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub(crate) enum Request {
    /// Try what is due.
    Redrive,
    /// Tell what there is.
    List,
    /// Try these now, parked or not.
    Retry(Selection),
    /// Forget these: their items stay in the table, unpublished.
    Drop(Selection),
}

/// Which dead letters are meant.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Selection {
    /// `<partition key> <sort key>` each, as the list has them.
    #[serde(default)]
    keys: Vec<String>,
    /// All there are.
    #[serde(default)]
    all: bool,
}

/// A selection that selects nothing, or too much.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidSelection {
    #[error("keys {0:?}: each {1}")]
    Key(String, InvalidKey),
    #[error("give keys, or all: true, and not both")]
    Ambiguous,
}

impl Selection {
    /// The keys that are meant; `None` for all.
    pub(crate) fn keys(&self) -> Result<Option<Vec<Key>>, InvalidSelection> {
        if self.all != self.keys.is_empty() {
            return Err(InvalidSelection::Ambiguous);
        }
        if self.all {
            return Ok(None);
        }
        let keys = self
            .keys
            .iter()
            .map(|key| key.parse().map_err(|error| InvalidSelection::Key(key.clone(), error)));
        keys.collect::<Result<_, _>>().map(Some)
    }
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    List {
        /// As many as fit in an answer.
        dead_letters: Vec<Listed>,
        /// How many there are.
        count: usize,
    },
    Tried(Tried),
    Dropped {
        dropped: usize,
    },
}

/// A dead letter, with the key by which a request names it.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    key: String,
    #[serde(flatten)]
    dead_letter: DeadLetter,
}

impl From<DeadLetter> for Listed {
    fn from(dead_letter: DeadLetter) -> Self {
        Self { key: dead_letter.key().to_string(), dead_letter }
    }
}

/// What became of those that were tried.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tried {
    /// They are on their topic, and dead letters no more.
    pub(crate) published: usize,
    /// They failed for a lasting reason again, and wait for their next attempt.
    pub(crate) waiting: usize,
    /// They failed for a lasting reason too often.
    pub(crate) parked: usize,
    /// Kafka or the table did not answer: they are as they were.
    pub(crate) failed: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(json: &str) -> Result<Option<Vec<Key>>, InvalidSelection> {
        serde_json::from_str::<Selection>(json).unwrap().keys()
    }

    #[test]
    fn a_selection_is_by_keys_or_by_all() {
        let keys = selection(r#"{"keys": ["EVENT#2026-01-01#Z poison"]}"#).unwrap().unwrap();
        assert_eq!(keys[0].to_string(), "EVENT#2026-01-01#Z poison");
        assert_eq!(selection(r#"{"all": true}"#), Ok(None));
        for wrong in ["{}", r#"{"all": false}"#, r#"{"all": true, "keys": ["a b"]}"#] {
            assert_eq!(selection(wrong), Err(InvalidSelection::Ambiguous), "{wrong}");
        }
        let error = selection(r#"{"keys": ["poison"]}"#).unwrap_err().to_string();
        assert!(error.contains("\"poison\""), "{error}");
    }

    #[test]
    fn a_request_names_its_action() {
        let request = |json: &str| serde_json::from_str::<Request>(json);
        assert_eq!(request(r#"{"action": "redrive"}"#).unwrap(), Request::Redrive);
        assert!(matches!(request(r#"{"action": "retry", "all": true}"#).unwrap(), Request::Retry(_)));
        assert!(request(r#"{"source": "aws.events"}"#).is_err());
    }
}
