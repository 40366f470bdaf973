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
    /// The operator, by the request's own word. Lambda tells a function nothing about who invokes it.
    #[serde(default)]
    requested_by: Option<String>,
}

/// The most bytes of an operator's name, which goes into the log.
const MAX_NAME_BYTES: usize = 512;

/// The reason why a selection is invalid.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidSelection {
    #[error("the key {0:?} {1}")]
    Key(String, InvalidKey),
    #[error("a request must have either keys or all: true")]
    Ambiguous,
    #[error("requested_by must have 1 to {MAX_NAME_BYTES} bytes")]
    RequestedBy,
}

impl Selection {
    /// The operator, if the request names one.
    pub(crate) fn requested_by(&self) -> Result<Option<&str>, InvalidSelection> {
        match self.requested_by.as_deref() {
            Some(name) if name.is_empty() || name.len() > MAX_NAME_BYTES => {
                Err(InvalidSelection::RequestedBy)
            }
            name => Ok(name),
        }
    }

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
    fn an_operator_may_be_named_in_a_few_bytes() {
        let requested_by = |name: &str| {
            let json = format!(r#"{{"all": true, "requested_by": "{name}"}}"#);
            let selection: Selection = serde_json::from_str(&json).unwrap();
            selection.requested_by().map(|name| name.map(str::to_owned))
        };
        let arn = "arn:aws:sts::123456789012:assumed-role/operator/alice";
        assert_eq!(requested_by(arn), Ok(Some(arn.to_owned())));
        assert_eq!(requested_by(""), Err(InvalidSelection::RequestedBy));
        assert!(requested_by(&"x".repeat(MAX_NAME_BYTES)).is_ok());
        assert_eq!(requested_by(&"x".repeat(MAX_NAME_BYTES + 1)), Err(InvalidSelection::RequestedBy));
        assert_eq!(serde_json::from_str::<Selection>(r#"{"all": true}"#).unwrap().requested_by(), Ok(None));
    }

    #[test]
    fn a_request_names_its_action() {
        let request = |json: &str| serde_json::from_str::<Request>(json);
        assert_eq!(request(r#"{"action": "redrive"}"#).unwrap(), Request::Redrive);
        assert!(matches!(request(r#"{"action": "retry", "all": true}"#).unwrap(), Request::Retry(_)));
        assert!(request(r#"{"source": "aws.events"}"#).is_err());
    }
}
