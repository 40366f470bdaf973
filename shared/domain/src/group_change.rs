//! The change of an event receiver group: it is enabled or disabled.

use xzepr_json::InvalidJson;

use crate::{fault::Rejected, request_reader::RequestReader};

/// The body of a PATCH of a group, after it is read. Only `enabled` counts. Other members are ignored, since existing
/// clients send a whole group with empty texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupChange {
    /// Whether the gate is in use.
    pub enabled: bool,
}

impl GroupChange {
    /// Reads a body. The first error means that the body is not one unambiguous JSON object, the second that `enabled` is
    /// missing or no boolean.
    pub fn parse(body: &str) -> Result<Result<Self, Rejected>, InvalidJson> {
        let mut reader = RequestReader::new(body)?;
        let enabled = reader.read_required_flag("enabled");
        Ok(reader.faults.finish(|| Some(Self { enabled: enabled? })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_enabled_counts_and_it_is_required() {
        let change =
            |body: &str| GroupChange::parse(body).unwrap().map_err(|error| error.faults[0].to_string());
        let whole =
            r#"{"name":"","type":"","version":"","description":"","enabled":true,"event_receiver_ids":null}"#;
        assert_eq!(change(whole), Ok(GroupChange { enabled: true }));
        assert_eq!(change(r#"{"enabled":false}"#), Ok(GroupChange { enabled: false }));
        assert_eq!(change("{}"), Err("enabled: is required".to_owned()));
        for wrong in ["null", r#""true""#, "1"] {
            let body = format!(r#"{{"enabled":{wrong}}}"#);
            assert_eq!(change(&body), Err("enabled: must be a boolean".to_owned()));
        }
        assert!(GroupChange::parse("[]").is_err());
    }
}
