//! The claims of a token as an event has them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// The claims of a verified token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Jwt {
    /// Every claim as text.
    pub(super) claims: BTreeMap<String, String>,
    /// The scopes of the route that the token has.
    pub(super) scopes: Vec<String>,
}

/// Every claim as text. API Gateway writes an array as `[a b]`, which its documentation does not mention.
pub(super) fn texts(claims: &Map<String, Value>) -> BTreeMap<String, String> {
    claims.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => format!("[{}]", values.iter().map(text).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

/// The scopes of a token: the claim `scope`, or `scp` without it. Either is a text with spaces, or an array.
pub(super) fn scopes(claims: &Map<String, Value>) -> Vec<&str> {
    match claims.get("scope").or_else(|| claims.get("scp")) {
        Some(Value::String(scopes)) => scopes.split(' ').filter(|scope| !scope.is_empty()).collect(),
        Some(Value::Array(scopes)) => scopes.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_of_any_type_becomes_text() {
        let claims = json!({"iss": "i", "exp": 1, "admin": true, "groups": ["a", "b"], "none": null});
        let texts = texts(claims.as_object().unwrap());
        let texts: Vec<_> = texts.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(
            texts,
            [("admin", "true"), ("exp", "1"), ("groups", "[a b]"), ("iss", "i"), ("none", "null")]
        );
    }

    #[test]
    fn the_scopes_are_a_text_or_an_array() {
        for claims in [
            json!({"scope": "a  b", "scp": "c"}),
            json!({"scp": "a b"}),
            json!({"scope": ["a", "b"]}),
            json!({"scp": ["a", 1, "b"]}),
        ] {
            assert_eq!(scopes(claims.as_object().unwrap()), ["a", "b"], "{claims}");
        }
        assert!(scopes(json!({"scope": 1}).as_object().unwrap()).is_empty());
        assert!(scopes(json!({}).as_object().unwrap()).is_empty());
    }
}
