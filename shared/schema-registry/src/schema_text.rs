//! A schema as a request's body.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SchemaRequest<'a> {
    schema: &'a str,
    schema_type: &'static str,
}

/// The body of a request that looks a JSON Schema up or registers it.
pub(crate) fn request_body(schema: &str) -> String {
    // Two texts can always be written as JSON.
    serde_json::to_string(&SchemaRequest { schema: as_object(schema), schema_type: "JSON" })
        .unwrap_or_default()
}

/// A boolean schema as the object that means the same (JSON Schema 2020-12, section 4.3.2). Registries and consumers
/// expect an object. Any other text stays as it is.
fn as_object(schema: &str) -> &str {
    match schema.trim_matches([' ', '\t', '\n', '\r']) {
        "true" => "{}",
        "false" => r#"{"not":{}}"#,
        _ => schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_sent_as_it_is_and_a_boolean_one_as_an_object() {
        for (schema, sent) in [
            (" {\"type\" : \"object\"} ", r#"" {\"type\" : \"object\"} ""#),
            ("true", r#""{}""#),
            (" false\n", r#""{\"not\":{}}""#),
        ] {
            assert_eq!(request_body(schema), format!(r#"{{"schema":{sent},"schemaType":"JSON"}}"#));
        }
    }
}
