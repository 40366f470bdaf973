//! Filter criteria. `template.yaml` may use two operators here: equality and `prefix`.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Context, Result};

/// One pattern.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Filter(HashMap<String, Pattern>);

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Pattern {
    Members(HashMap<String, Self>),
    AnyOf(Vec<Rule>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Rule {
    Equals(String),
    Prefix { prefix: String },
}

impl Filter {
    /// Parses a pattern. Another operator is an error.
    pub(crate) fn parse(pattern: &str) -> Result<Self> {
        serde_json::from_str(pattern).context(format!(
            "`local` knows equality and prefix in filter patterns, and cannot read {pattern}"
        ))
    }

    pub(crate) fn matches(&self, record: &Value) -> bool {
        all_match(&self.0, record)
    }
}

impl Pattern {
    fn matches(&self, value: &Value) -> bool {
        match self {
            Self::Members(members) => all_match(members, value),
            Self::AnyOf(rules) => {
                value.as_str().is_some_and(|text| rules.iter().any(|rule| rule.matches(text)))
            }
        }
    }
}

impl Rule {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equals(other) => text == other,
            Self::Prefix { prefix } => text.starts_with(prefix),
        }
    }
}

fn all_match(members: &HashMap<String, Pattern>, value: &Value) -> bool {
    members.iter().all(|(name, pattern)| pattern.matches(&value[name]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_must_match_every_member_and_one_rule_of_each() {
        let filter = Filter::parse(
            r#"{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"EVENT#"}]}}}}"#,
        )
        .unwrap();
        let record =
            |name: &str, pk: &str| json!({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": pk}}}});
        assert!(filter.matches(&record("INSERT", "EVENT#1")));
        assert!(filter.matches(&record("MODIFY", "EVENT#1")));
        assert!(!filter.matches(&record("REMOVE", "EVENT#1")));
        assert!(!filter.matches(&record("INSERT", "GROUP#1")));
        assert!(!filter.matches(&json!({"eventName": "INSERT"})));
        assert!(!filter.matches(&json!({"eventName": 1, "dynamodb": {"Keys": {"pk": {"N": "1"}}}})));
    }

    #[test]
    fn equality_is_not_prefix() {
        let filter = Filter::parse(r#"{"a":["EVENT#"]}"#).unwrap();
        assert!(filter.matches(&json!({"a": "EVENT#"})));
        assert!(!filter.matches(&json!({"a": "EVENT#1"})));
    }

    #[test]
    fn a_pattern_with_another_operator_is_refused() {
        for pattern in [
            r#"{"a":[{"exists":true}]}"#,
            r#"{"a":[{"prefix":"b","suffix":"c"}]}"#,
            r#"{"a":[{"prefix":1}]}"#,
            r#"{"a":[1]}"#,
            r#"{"a":"b"}"#,
            r#"["a"]"#,
            "{",
        ] {
            assert!(Filter::parse(pattern).is_err(), "{pattern}");
        }
    }
}
