//! Filter criteria: the operators that `template.yaml` may use here are equality and `prefix`.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>

use serde_json::Value;

use crate::error::{Context, Error, Result};

/// One pattern.
#[derive(Debug, Clone)]
pub struct Filter(Value);

impl Filter {
    /// Reads a pattern; an operator that is not supported here is an error.
    pub fn parse(pattern: &str) -> Result<Self> {
        let pattern: Value = serde_json::from_str(pattern).context("filter pattern")?;
        if is_supported(&pattern) {
            Ok(Self(pattern))
        } else {
            Err(Error::new(format!(
                "filter pattern {pattern} has an operator other than equality and prefix"
            )))
        }
    }

    pub(crate) fn matches(&self, record: &Value) -> bool {
        matches(&self.0, record)
    }
}

fn is_supported(pattern: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.values().all(is_supported),
        Value::Array(rules) => rules.iter().all(|rule| rule.is_string() || rule["prefix"].is_string()),
        _ => false,
    }
}

fn matches(pattern: &Value, value: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.iter().all(|(name, pattern)| matches(pattern, &value[name])),
        Value::Array(rules) => rules.iter().any(|rule| match rule["prefix"].as_str() {
            Some(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix)),
            None => rule == value,
        }),
        _ => false,
    }
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
    }

    #[test]
    fn an_operator_that_is_not_supported_is_refused() {
        assert!(Filter::parse(r#"{"a":[{"exists":true}]}"#).is_err());
    }
}
