//! The examples of the document are valid against their own schemas.

use end_to_end::ApiDescription;
use serde_json::Value;

/// The JSON Pointers of all examples, each with the one of its schema and its value.
fn examples(value: &Value, pointer: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                examples(value, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(object) => {
            let schema = format!("{pointer}/schema");
            match object.get("examples") {
                // Those of a schema.
                Some(Value::Array(values)) => {
                    found.extend(values.iter().map(|value| (pointer.to_owned(), value.clone())));
                }
                // Those of a media type.
                Some(Value::Object(named)) => {
                    found.extend(named.values().map(|example| (schema.clone(), example["value"].clone())));
                }
                _ => {}
            }
            // That of a parameter.
            found.extend(object.get("example").map(|value| (schema, value.clone())));
            for (name, value) in
                object.iter().filter(|(name, _)| !["example", "examples"].contains(&name.as_str()))
            {
                let name = name.replace('~', "~0").replace('/', "~1");
                examples(value, &format!("{pointer}/{name}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_example_is_valid_against_its_schema() {
    let description = ApiDescription::of_the_repository();
    let mut found = Vec::new();
    examples(&description.document, "", &mut found);
    assert!(found.len() > 60, "{}", found.len());
    let faults: Vec<_> =
        found.iter().filter_map(|(schema, value)| description.validate(schema, value).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_body_and_every_response_with_a_body_has_an_example() {
    let description = ApiDescription::of_the_repository();
    for operation in description.operations() {
        let bodies =
            operation.value().get("requestBody").map(|_| format!("{}/requestBody", operation.pointer));
        let responses = operation.responses().into_iter().map(|(.., pointer)| pointer);
        for pointer in responses.chain(bodies) {
            let (of_media_types, at) = description.resolve(&pointer);
            for (media_type, content) in of_media_types["content"].as_object().into_iter().flatten() {
                // The document is the example of itself.
                let is_whole = operation.id() == "getDescription" && pointer.ends_with("/200");
                assert!(is_whole || content["examples"].is_object(), "{at} has no example of {media_type}");
            }
        }
    }
}
