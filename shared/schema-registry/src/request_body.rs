//! A schema as a request's body.

use serde::{Deserialize, Serialize, de::IgnoredAny};

/// A schema without `$schema` is of draft 7: so read it this project and Confluent's registry.
const DRAFT_7: &str = r#""$schema":"http://json-schema.org/draft-07/schema#""#;

const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    schema: &'a str,
    schema_type: &'static str,
}

/// The part of a schema that names its draft.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "$schema")]
    draft: Option<IgnoredAny>,
}

/// The body of a request that looks a JSON Schema up or registers it.
pub(crate) fn request_body(schema: &str) -> String {
    // Two texts can always be written as JSON.
    serde_json::to_string(&Body { schema: &with_draft(as_object(schema)), schema_type: "JSON" })
        .unwrap_or_default()
}

/// A boolean schema as the object that means the same (JSON Schema 2020-12, section 4.3.2). Registries and consumers
/// expect an object.
fn as_object(schema: &str) -> &str {
    match schema.trim_matches(WHITESPACE) {
        "true" => "{}",
        "false" => r#"{"not":{}}"#,
        _ => schema,
    }
}

/// The schema with its draft, the rest as it is. Apicurio Registry takes no object for a JSON Schema that has neither
/// `$schema` nor `properties`, and some consumers would read it by another draft.
fn with_draft(schema: &str) -> String {
    let names_draft = serde_json::from_str::<Named>(schema).map_or(true, |named| named.draft.is_some());
    match schema.trim_start_matches(WHITESPACE).strip_prefix('{') {
        Some(members) if !names_draft => {
            let comma = if members.trim_start_matches(WHITESPACE).starts_with('}') { "" } else { "," };
            format!("{{{DRAFT_7}{comma}{members}")
        }
        _ => schema.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Read {
        schema: String,
        schema_type: String,
    }

    fn sent(schema: &str) -> String {
        let read: Read = serde_json::from_str(&request_body(schema)).unwrap();
        assert_eq!(read.schema_type, "JSON");
        read.schema
    }

    #[test]
    fn a_schema_that_names_its_draft_is_sent_as_it_is() {
        for schema in [
            " {\"type\" : \"object\",\n\"$schema\":\"https://json-schema.org/draft/2020-12/schema\", \"x\": 1.0}\n",
            "{\"$schema\":\"http://json-schema.org/draft-04/schema#\"}",
            "{\"\\u0024schema\":\"http://json-schema.org/draft-04/schema#\"}",
            "no JSON {",
        ] {
            assert_eq!(sent(schema), schema);
        }
    }

    #[test]
    fn another_one_gets_draft_7_and_stays_as_it_is_but_for_that() {
        let draft = r#""$schema":"http://json-schema.org/draft-07/schema#""#;
        for (schema, members) in [
            ("{\"type\" : \"object\"} ", ",\"type\" : \"object\"} "),
            (" {\n\"properties\":{\"$schema\":true}}", ",\n\"properties\":{\"$schema\":true}}"),
            ("{ }", " }"),
            ("true", "}"),
            (" false\n", ",\"not\":{}}"),
        ] {
            assert_eq!(sent(schema), format!("{{{draft}{members}"));
        }
    }
}
