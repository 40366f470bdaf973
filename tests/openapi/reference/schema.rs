//! Schemas as Markdown.

use std::fmt::Write;

use serde_json::Value;

/// The description of a part of the document.
pub(crate) fn text_of(value: &Value) -> String {
    value["description"].as_str().unwrap_or_default().to_owned()
}

/// A text as the cell of a table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

/// A link to the heading of a component.
pub(crate) fn link(reference: &str) -> String {
    let (rest, name) = reference.rsplit_once('/').unwrap();
    let kind = if rest.ends_with("responses") { "response" } else { "schema" };
    format!("[{name}](#{kind}-{})", name.to_lowercase())
}

/// The limit in bytes of a body or a member.
pub(crate) fn bytes(value: &Value) -> String {
    format!("{} KiB", value["x-max-bytes"].as_u64().unwrap() / 1024)
}

fn list(values: &Value, separator: &str, shown: impl Fn(&Value) -> String) -> String {
    values.as_array().into_iter().flatten().map(shown).collect::<Vec<_>>().join(separator)
}

fn code(value: &Value) -> String {
    format!("`{value}`")
}

/// The type of a schema in some words, with its limits.
pub(crate) fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return link(reference);
    }
    for (members, separator) in [("anyOf", " or "), ("oneOf", " or "), ("allOf", " with ")] {
        if schema.get(members).is_some() && schema.get("type").is_none() {
            return list(&schema[members], separator, type_of);
        }
    }
    if schema.get("const").is_some() {
        return code(&schema["const"]);
    }
    if schema.get("enum").is_some() {
        return list(&schema["enum"], " or ", code);
    }
    if let Some(error) = schema["properties"].get("error").filter(|_| schema.get("type").is_none()) {
        return format!("`error` {}", type_of(error));
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        kinds @ Value::Array(_) => list(kinds, " or ", |kind| kind.as_str().unwrap().to_owned()),
        _ => "any JSON".to_owned(),
    };
    let mut shown = match (kind.as_str(), schema.get("items"), schema["properties"].get("data")) {
        ("array", Some(items), _) => format!("array of {}", type_of(items)),
        ("object", _, Some(data)) => format!("object with `data`: {}", type_of(data)),
        _ => kind,
    };
    if let Some(format) = schema["format"].as_str() {
        write!(shown, ", format {format}").unwrap();
    }
    for (least, most, unit) in [
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " elements"),
        ("minimum", "maximum", ""),
    ] {
        match (schema.get(least), schema.get(most)) {
            (Some(least), Some(most)) => write!(shown, ", {least} to {most}{unit}").unwrap(),
            (Some(least), None) => write!(shown, ", {least} or more{unit}").unwrap(),
            (None, Some(most)) => write!(shown, ", at most {most}{unit}").unwrap(),
            (None, None) => {}
        }
    }
    if schema.get("x-max-bytes").is_some() {
        write!(shown, ", at most {}", bytes(schema)).unwrap();
    }
    shown
}

/// A component: its description and its members.
pub(crate) fn render(page: &mut String, name: &str, schema: &Value) {
    write!(page, "\n### Schema {name}\n").unwrap();
    if !text_of(schema).is_empty() {
        write!(page, "\n{}\n", text_of(schema)).unwrap();
    }
    let Some(members) = schema["properties"].as_object() else {
        // The description of an enumeration explains each of its values.
        let is_explained = schema.get("enum").is_some() && text_of(schema).contains("\n- ");
        if schema.get("oneOf").is_none() && !is_explained {
            writeln!(page, "\nType: {}", cell(&type_of(schema))).unwrap();
        }
        for choice in schema["oneOf"].as_array().into_iter().flatten() {
            writeln!(page, "\n{}:", choice["title"].as_str().unwrap()).unwrap();
            render_members(page, choice);
        }
        return;
    };
    if !members.is_empty() {
        render_members(page, schema);
    }
}

/// The required members in the order of the document, and the others after them.
fn render_members(page: &mut String, schema: &Value) {
    let members = schema["properties"].as_object().unwrap();
    let required: Vec<_> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let others = members.keys().map(String::as_str).filter(|name| !required.contains(name));
    page.push_str("\n| Member | Schema | |\n| --- | --- | --- |\n");
    for name in required.iter().copied().chain(others) {
        let member = &members[name];
        let is_required = if required.contains(&name) { "Required. " } else { "" };
        let default = match member.get("default") {
            Some(default) => format!(" Without it: `{default}`."),
            None => String::new(),
        };
        let text = format!("{is_required}{}{default}", text_of(member));
        writeln!(page, "| `{name}` | {} | {} |", cell(&type_of(member)), cell(text.trim())).unwrap();
    }
}
