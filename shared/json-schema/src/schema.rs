//! The interface of the crate: a compiled schema.

use xzepr_json::{Json, JsonText};

use crate::{
    budget::Budget,
    compile::compile,
    draft::Draft,
    error::{SchemaError, TooMuchWork},
    node::Graph,
};

/// A compiled JSON Schema.
///
/// - `$schema` decides the draft: 4, 6, 7, 2019-09 or 2020-12. Without it the draft is 7.
/// - `format` is asserted.
/// - A reference must stay inside the document or lead to a draft's own meta-schema. Nothing is fetched.
/// - Patterns are searched in linear time, so look-around and back-references are refused.
#[derive(Debug)]
pub struct Schema {
    graph: Graph,
    bytes: usize,
}

/// A rule that a value breaks, worded for its author. Of the value it contains only the names of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The JSON Pointer to the wrong part. It is empty for the whole value, and shortened if it is long.
    pub place: String,
    /// The rule that is broken.
    pub problem: String,
}

impl Schema {
    /// Compiles a schema.
    pub fn compile(text: &JsonText) -> Result<Self, SchemaError> {
        let schema = text.value().map_err(|_| SchemaError::NotASchema)?;
        if !matches!(schema, Json::Object(_) | Json::Bool(_)) {
            return Err(SchemaError::NotASchema);
        }
        let draft = Draft::named_by(&schema).map_err(|_| SchemaError::UnknownDraft)?;
        let graph = compile(&schema, draft.unwrap_or(Draft::Draft7))?;
        Ok(Self { bytes: graph.bytes(), graph })
    }

    /// About how many bytes of memory it uses.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The mismatches of a value, at most 20. A value that matches has none. The check takes at most 250 ms of
    /// processor time and 32 MiB of memory.
    pub fn mismatches(&self, value: &Json) -> Result<Vec<Mismatch>, TooMuchWork> {
        self.mismatches_within(&mut Budget::default(), value)
    }

    /// The same for one of several values that share a budget.
    pub fn mismatches_within(&self, budget: &mut Budget, value: &Json) -> Result<Vec<Mismatch>, TooMuchWork> {
        budget.mismatches(&self.graph, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{budget::STEPS, evaluate::Evaluation};

    fn compile(text: &str) -> Result<Schema, SchemaError> {
        Schema::compile(&JsonText::try_from(text.to_owned()).unwrap())
    }

    fn mismatches(schema: &str, value: &str) -> Vec<String> {
        let found = compile(schema).unwrap().mismatches(&Json::parse(value).unwrap()).unwrap();
        found.iter().map(|Mismatch { place, problem }| format!("{place}: {problem}")).collect()
    }

    fn matches(schema: &str, value: &str) -> bool {
        mismatches(schema, value).is_empty()
    }

    #[test]
    fn objects_and_booleans_are_schemas_and_nothing_else_is() {
        assert!(matches("true", "1"));
        assert!(!matches("false", "1"));
        for text in ["1", "null", "[]", r#""object""#, r#"{"type":"string","type":"null"}"#] {
            assert_eq!(compile(text).unwrap_err(), SchemaError::NotASchema);
        }
    }

    #[test]
    fn a_members_name_that_serde_json_reserves_has_no_effect() {
        // With the feature `raw_value` a `Value` of serde_json would read this as `{"type":"string"}`.
        let text = r#"{"$serde_json::private::RawValue":"{\"type\":\"string\"}"}"#;
        assert!(matches(text, "1"));
    }

    #[test]
    fn the_draft_is_seven_unless_the_schema_names_another() {
        // `prefixItems` is a keyword since 2020-12.
        let tuple = |schema: &str| format!(r#"{{{schema}"prefixItems":[{{"type":"string"}}]}}"#);
        assert!(matches(&tuple(""), "[1]"));
        assert!(!matches(&tuple(r#""$schema":"https://json-schema.org/draft/2020-12/schema","#), "[1]"));
        // Only draft 4 has a boolean `exclusiveMaximum`.
        let draft4 =
            r#"{"$schema":"http://json-schema.org/draft-04/schema#","maximum":5,"exclusiveMaximum":true}"#;
        assert!(!matches(draft4, "5"));
        assert!(compile(r#"{"maximum":5,"exclusiveMaximum":true}"#).is_err());
        for draft in ["draft-06/schema#", "draft-07/schema#", "draft/2019-09/schema"] {
            assert!(compile(&format!(r#"{{"$schema":"http://json-schema.org/{draft}"}}"#)).is_ok());
        }
        for unknown in [r#""https://example.com/mine""#, "7"] {
            let error = compile(&format!(r#"{{"$schema":{unknown}}}"#)).unwrap_err();
            assert_eq!(error, SchemaError::UnknownDraft);
        }
    }

    #[test]
    fn references_out_of_the_document_are_refused() {
        assert!(matches(r##"{"$ref":"#/definitions/a","definitions":{"a":{"type":"string"}}}"##, r#""x""#));
        assert!(!matches(r#"{"$ref":"http://json-schema.org/draft-07/schema#"}"#, r#"{"type":12}"#));
        for reference in
            ["https://example.com/schema.json", "file:///etc/passwd", "other.json", "#/definitions/b"]
        {
            let error = compile(&format!(r#"{{"items":{{"$ref":"{reference}"}}}}"#)).unwrap_err().to_string();
            assert!(error.ends_with("nothing is fetched (at /items/$ref)"), "{error}");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_on_the_same_value_is_refused() {
        for schema in [r##"{"$ref":"#"}"##, r##"{"allOf":[{"not":{"$ref":"#"}}]}"##] {
            assert!(compile(schema).unwrap_err().to_string().contains("refers to itself"));
        }
        assert!(matches(r##"{"properties":{"child":{"$ref":"#"}}}"##, r#"{"child":{"child":{}}}"#));
    }

    #[test]
    fn a_refusal_names_the_rule_and_the_place() {
        for (schema, refusal) in [
            (
                r#"{"properties":{"a/b":{"type":12}}}"#,
                "must be a type's name or an array of different ones (at /properties/a~1b/type)",
            ),
            (
                r#"{"definitions":{"a":{"minLength":-1}}}"#,
                "must be an integer of at least 0 (at /definitions/a/minLength)",
            ),
            (r#"{"allOf":[]}"#, "must be an array of one schema or more (at /allOf)"),
            (r#"{"items":7}"#, "must be a schema: an object or a boolean (at /items)"),
            (r#"{"title":7}"#, "must be a string (at /title)"),
        ] {
            assert_eq!(compile(schema).unwrap_err().to_string(), format!("does not compile: {refusal}"));
        }
    }

    #[test]
    fn mismatches_name_the_place_and_the_rule_and_not_the_value() {
        let schema = r#"{"type":"object","required":["m"],"additionalProperties":false,"properties":{
            "n":{"type":"integer","maximum":5},"m":{"enum":["a",1]},"l":{"items":{"minLength":2}}}}"#;
        let value = r#"{"n":"secret","l":["ok","x"],"o":1}"#;
        let expected = [
            ": must have the member \"m\"",
            "/l/1: must have at least 2 characters",
            "/n: must be an integer",
            "/o: is not allowed",
        ];
        assert_eq!(mismatches(schema, value), expected);
        assert_eq!(mismatches(schema, "[]"), [": must be an object"]);
        assert_eq!(
            mismatches(schema, r#"{"m":2,"n":9}"#),
            ["/m: must be one of 1, \"a\"", "/n: must be at most 5"]
        );
    }

    #[test]
    fn only_the_intended_alternative_is_explained() {
        let schema = r##"{"oneOf":[
            {"properties":{"kind":{"const":"leaf"},"value":{"type":"integer"}},"required":["kind"]},
            {"properties":{"kind":{"const":"node"},"children":{"items":{"$ref":"#"}}},"required":["kind"]}]}"##;
        let tree = r#"{"kind":"node","children":[{"kind":"leaf","value":1},{"kind":"leaf","value":"x"}]}"#;
        assert_eq!(mismatches(schema, tree), ["/children/1/value: must be an integer"]);
        let unknown = [": must match exactly one of 2 alternatives, and matches none"];
        assert_eq!(mismatches(schema, r#"{"kind":"other"}"#), unknown);
    }

    #[test]
    fn a_place_a_name_and_a_list_have_a_limited_length() {
        let long = "n".repeat(10_000);
        let schema = format!(r#"{{"required":["{long}"],"additionalProperties":{{"const":"{long}"}}}}"#);
        for found in mismatches(&schema, &format!(r#"{{"x{long}":1}}"#)) {
            assert!(found.len() < 400, "{found}");
        }
        let many: Vec<_> = (0..100).map(|index| format!("[{index}]")).collect();
        assert_eq!(mismatches(r#"{"items":{"type":"string"}}"#, &format!("[{}]", many.join(","))).len(), 20);
    }

    #[test]
    fn a_check_that_would_cost_too_much_ends() {
        let patterns: Vec<_> = (0..1000).map(|index| format!(r#"{{"pattern":"c{index}"}}"#)).collect();
        let schema = compile(&format!(r#"{{"anyOf":[{}]}}"#, patterns.join(","))).unwrap();
        let text = format!("\"{}\"", "a".repeat(200_000));
        assert_eq!(schema.mismatches(&Json::parse(&text).unwrap()), Err(TooMuchWork));
    }

    #[test]
    fn an_ordinary_payload_takes_a_tenth_of_the_steps() {
        let schema = compile(
            r##"{"type":"object","required":["components"],"additionalProperties":false,
            "properties":{"components":{"items":{"$ref":"#/definitions/component"}}},
            "definitions":{"component":{"type":"object","required":["name","version","hash"],
            "additionalProperties":false,"properties":{
                "name":{"type":"string","pattern":"^[a-z0-9-]+$","minLength":1,"maxLength":100},
                "version":{"pattern":"^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$"},
                "purl":{"type":"string","format":"uri"},
                "hash":{"pattern":"^sha256:[0-9a-f]{64}$"},
                "license":{"enum":["Apache-2.0","MIT","BSD-3-Clause","ISC","MPL-2.0"]},
                "published":{"format":"date-time"},
                "size":{"type":"integer","minimum":0},
                "note":{"type":"string","pattern":"^.{0,255}$"},
                "uses":{"uniqueItems":true,"items":{"type":"string"}}}}}}"##,
        )
        .unwrap();
        let component = |index: usize| {
            format!(
                r#"{{"name":"part-{index}","version":"1.{index}.0","purl":"pkg:cargo/part-{index}@1.{index}.0",
                "hash":"sha256:{}","license":"MIT","published":"2026-11-24T10:30:00Z","size":{index},
                "note":"a part of the whole, as it was built","uses":["part-1","part-2","part-3"]}}"#,
                "0a".repeat(32)
            )
        };
        let components: Vec<_> = (0..760).map(component).collect();
        let payload = format!(r#"{{"components":[{}]}}"#, components.join(","));
        assert!((250_000..262_144).contains(&payload.len()), "{}", payload.len());
        let payload = Json::parse(&payload).unwrap();
        assert_eq!(Evaluation::new(&schema.graph, STEPS / 10).matches(&payload), Ok(true));
    }

    #[test]
    fn the_size_of_a_schema_grows_with_its_parts() {
        let bytes = |schema: &str| compile(schema).unwrap().bytes();
        assert!(bytes("true") < 200);
        let properties: Vec<_> = (0..1000).map(|index| format!(r#""p{index}":{{"maxLength":5}}"#)).collect();
        let size = bytes(&format!(r#"{{"properties":{{{}}}}}"#, properties.join(",")));
        assert!((50_000..200_000).contains(&size), "{size}");
        assert!(bytes(r#"{"pattern":"^(a|b){500}$"}"#) > 10_000);
    }
}
