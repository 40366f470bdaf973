//! The places of a schema that hold schemas.

use xzepr_json::Json;

use crate::draft::Draft;

/// The schemas directly below a schema, in every place where its draft expects one. Other parts, such as those of
/// `enum`, are data.
pub(crate) fn subschemas<'a>(schema: &'a Json<'a>, draft: Draft) -> Vec<&'a Json<'a>> {
    let Some(members) = schema.as_object() else { return Vec::new() };
    members.iter().flat_map(|(keyword, value)| below(keyword, value, draft)).collect()
}

fn below<'a>(keyword: &str, value: &'a Json<'a>, draft: Draft) -> Vec<&'a Json<'a>> {
    let one = || vec![value];
    let items = || value.as_array().map(Vec::from_iter).unwrap_or_default();
    let members = || value.as_object().map(|object| object.iter().map(|(_, value)| value));
    let members = || members().map(Iterator::collect).unwrap_or_default();
    match keyword {
        "additionalProperties" | "not" => one(),
        "additionalItems" if draft <= Draft::Draft201909 => one(),
        "contains" | "propertyNames" if draft >= Draft::Draft6 => one(),
        "if" | "then" | "else" if draft >= Draft::Draft7 => one(),
        "contentSchema" | "unevaluatedItems" | "unevaluatedProperties" if draft >= Draft::Draft201909 => {
            one()
        }
        "items" if value.as_array().is_none() => one(),
        "items" if draft <= Draft::Draft201909 => items(),
        "prefixItems" if draft == Draft::Draft202012 => items(),
        "allOf" | "anyOf" | "oneOf" => items(),
        // In `dependencies` an array is a list of names.
        "definitions" | "dependencies" | "patternProperties" | "properties" => members(),
        "$defs" | "dependentSchemas" if draft >= Draft::Draft201909 => members(),
        _ => Vec::new(),
    }
}
