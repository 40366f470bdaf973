//! JSON Schemas: compiled when a receiver is created, applied when an event is.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use crate::json::JsonText;

/// The most bytes a schema's text may have.
pub const MAX_SCHEMA_BYTES: usize = 64 * 1024;

/// A payload's mismatches are reported up to this number: enough to mend a payload, little enough
/// for an answer.
const MAX_MISMATCHES: usize = 20;

/// The most bytes one compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A compiled JSON Schema.
///
/// Drafts 4, 6, 7, 2019-09 and 2020-12 by `$schema`, Draft 7 without one. `format` is asserted.
/// References stay inside the document (the drafts' own meta-schemas are built in): nothing is
/// fetched. Patterns run in time linear in the text, so look-around and back-references are refused.
#[derive(Debug)]
pub struct Schema(Validator);

/// Why a schema is refused, worded for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Neither an object nor a boolean.
    #[error("must be a JSON Schema: an object or a boolean")]
    NotASchema,
    /// `$schema` names no draft that is supported.
    #[error("$schema must name draft 4, 6, 7, 2019-09 or 2020-12")]
    UnknownDraft,
    /// The compiler's own words, and where.
    #[error("does not compile: {problem}{}", at(place))]
    DoesNotCompile {
        /// What is wrong.
        problem: String,
        /// JSON Pointer into the schema, empty for the whole.
        place: String,
    },
}

fn at(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" (at {place})") }
}

impl Schema {
    /// Compiles a schema.
    pub fn compile(text: &JsonText) -> Result<Self, SchemaError> {
        let schema: Value = serde_json::from_str(text.as_str()).map_err(|_| SchemaError::NotASchema)?;
        if !(schema.is_object() || schema.is_boolean()) {
            return Err(SchemaError::NotASchema);
        }
        let draft = Draft::Draft7.detect(&schema);
        if draft == Draft::Unknown {
            return Err(SchemaError::UnknownDraft);
        }
        jsonschema::options()
            .with_draft(draft)
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN_BYTES))
            .offline()
            .build(&schema)
            .map(Self)
            .map_err(|error| SchemaError::DoesNotCompile {
                problem: error.masked().to_string(),
                place: error.instance_path().to_string(),
            })
    }

    /// How a payload does not match: JSON Pointer and problem, the payload's values left out; empty
    /// for a match, at most 20.
    pub(crate) fn mismatches(&self, payload: &Value) -> Vec<(String, String)> {
        self.0
            .iter_errors(payload)
            .take(MAX_MISMATCHES)
            .map(|error| (error.instance_path().to_string(), error.masked().to_string()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str) -> Result<Schema, SchemaError> {
        Schema::compile(&JsonText::try_from(text.to_owned()).unwrap())
    }

    fn matches(schema: &str, payload: &str) -> bool {
        compile(schema).unwrap().mismatches(&serde_json::from_str(payload).unwrap()).is_empty()
    }

    #[test]
    fn objects_and_booleans_are_schemas_and_nothing_else_is() {
        assert!(matches("true", "1"));
        assert!(!matches("false", "1"));
        for text in ["1", "null", "[]", r#""object""#] {
            assert_eq!(compile(text).unwrap_err(), SchemaError::NotASchema);
        }
    }

    #[test]
    fn the_draft_is_seven_unless_the_schema_names_another() {
        // `prefixItems` came with 2020-12 and is no keyword before it.
        let tuple = |schema: &str| format!(r#"{{{schema}"prefixItems":[{{"type":"string"}}]}}"#);
        assert!(matches(&tuple(""), "[1]"));
        assert!(!matches(&tuple(r#""$schema":"https://json-schema.org/draft/2020-12/schema","#), "[1]"));
        // A boolean `exclusiveMaximum` is draft 4's alone.
        let draft4 =
            r#"{"$schema":"http://json-schema.org/draft-04/schema#","maximum":5,"exclusiveMaximum":true}"#;
        assert!(!matches(draft4, "5"));
        assert!(compile(r#"{"maximum":5,"exclusiveMaximum":true}"#).is_err());
        for draft in ["draft-06/schema#", "draft-07/schema#", "draft/2019-09/schema"] {
            assert!(compile(&format!(r#"{{"$schema":"http://json-schema.org/{draft}"}}"#)).is_ok());
        }
        assert_eq!(
            compile(r#"{"$schema":"https://example.com/mine"}"#).unwrap_err(),
            SchemaError::UnknownDraft
        );
    }

    #[test]
    fn formats_are_asserted() {
        for schema in [
            r#"{"format":"date"}"#,
            r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","format":"date"}"#,
        ] {
            assert!(matches(schema, r#""2026-11-23""#));
            assert!(!matches(schema, r#""yesterday""#));
        }
    }

    #[test]
    fn references_out_of_the_document_are_refused() {
        assert!(matches(r##"{"$ref":"#/definitions/a","definitions":{"a":{"type":"string"}}}"##, r#""x""#));
        for reference in ["https://example.com/schema.json", "file:///etc/passwd", "other.json"] {
            assert!(compile(&format!(r#"{{"$ref":"{reference}"}}"#)).is_err(), "{reference}");
        }
    }

    #[test]
    fn patterns_run_in_linear_time() {
        let text = format!(r#""{}!""#, "a".repeat(50_000));
        assert!(!matches(r#"{"pattern":"^(a+)+$"}"#, &text));
        for pattern in ["(?=a)b", r"(a)\\1", "((a{1000}){1000}){1000}", "("] {
            assert!(compile(&format!(r#"{{"pattern":"{pattern}"}}"#)).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        for schema in [r##"{"$ref":"#"}"##, r##"{"allOf":[{"$ref":"#"}]}"##] {
            if let Ok(schema) = compile(schema) {
                schema.mismatches(&Value::Null);
            }
        }
    }

    #[test]
    fn a_refusal_says_what_and_where() {
        let error = compile(r#"{"properties":{"a":{"type":12}}}"#).unwrap_err().to_string();
        assert!(error.ends_with("(at /properties/a/type)"), "{error}");
    }

    #[test]
    fn mismatches_name_the_place_and_not_the_value() {
        let schema = compile(r#"{"properties":{"n":{"type":"integer"}},"required":["m"]}"#).unwrap();
        let mismatches = schema.mismatches(&serde_json::json!({"n": "secret"}));
        assert_eq!(mismatches.len(), 2);
        let (place, problem) = mismatches.iter().find(|(place, _)| place == "/n").unwrap();
        assert_eq!(place, "/n");
        assert!(!problem.contains("secret"), "{problem}");
    }
}
