//! The requests of the schedule and of an operator.

use serde::Deserialize;
use xzepr_store::{InvalidKey, Key};

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub(crate) enum Request {
    /// Retries the dead letters that are due.
    Redrive,
    /// Lists all dead letters.
    List,
    /// Retries the selected ones now, also parked ones.
    Retry(Selection),
    /// Removes the selected ones. Their items stay in the table and are not published.
    Drop(Selection),
}

/// The dead letters that a request selects.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Selection {
    /// Each is `<partition key> <sort key>`, as in the list.
    #[serde(default)]
    keys: Vec<String>,
    /// All dead letters.
    #[serde(default)]
    all: bool,
}

/// The reason why a selection is invalid.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidSelection {
    #[error("the key {0:?} {1}")]
    Key(String, InvalidKey),
    #[error("a request must have either keys or all: true")]
    Ambiguous,
}

impl Selection {
    /// The selected keys; `None` for all.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(json: &str) -> Result<Option<Vec<Key>>, InvalidSelection> {
        serde_json::from_str::<Selection>(json).unwrap().keys()
    }

    #[test]
    fn a_selection_has_either_keys_or_all() {
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
