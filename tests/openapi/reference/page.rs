//! The page: the operations by their tags, the responses that several have, and the schemas.

use std::{collections::BTreeSet, fmt::Write};

use end_to_end::{ApiDescription, Operation};
use serde_json::Value;

use super::schema::{self, cell, link, text_of};

/// The whole page.
pub(crate) fn render(description: &ApiDescription) -> String {
    let document = &description.document;
    let mut page = format!(
        "# API reference\n\nRendered from [openapi.json](openapi.json), which a deployment serves at \
         `GET /api/v1/openapi.json`. [The HTTP API](api.md) explains it.\n\n{}\n",
        text_of(&document["info"])
    );
    page += "\n| Operation | |\n| --- | --- |\n";
    for operation in by_tag(description) {
        let summary = operation.value()["summary"].as_str().unwrap();
        let name = name(&operation);
        writeln!(page, "| [`{name}`](#{}) | {summary} |", anchor(&name)).unwrap();
    }
    page += "\n## Authorization\n\n| Name | |\n| --- | --- |\n";
    for (name, scheme) in document["components"]["securitySchemes"].as_object().unwrap() {
        writeln!(page, "| `{name}` | {} |", cell(&text_of(scheme))).unwrap();
    }
    for tag in document["tags"].as_array().unwrap() {
        write!(page, "\n## {}\n\n{}\n", tag["name"].as_str().unwrap(), text_of(tag)).unwrap();
        for operation in
            by_tag(description).into_iter().filter(|operation| operation.value()["tags"][0] == tag["name"])
        {
            render_operation(&mut page, description, &operation);
        }
    }
    page += "\n## Responses\n";
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        render_response(&mut page, description, name, response);
    }
    page += "\n## Schemas\n";
    for (name, value) in document["components"]["schemas"].as_object().unwrap() {
        schema::render(&mut page, name, value);
    }
    page
}

/// The operations in the order of the document's tags.
fn by_tag(description: &ApiDescription) -> Vec<Operation<'_>> {
    let tags = description.document["tags"].as_array().unwrap();
    let place = |operation: &Operation<'_>| {
        tags.iter().position(|tag| tag["name"] == operation.value()["tags"][0]).unwrap()
    };
    let mut operations = description.operations();
    operations.sort_by_key(place);
    operations
}

fn name(operation: &Operation<'_>) -> String {
    format!("{} {}", operation.method, operation.path)
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || [' ', '-', '_'].contains(character);
    heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

fn render_operation(page: &mut String, description: &ApiDescription, operation: &Operation<'_>) {
    let value = operation.value();
    write!(page, "\n### {}\n\n{}.", name(operation), value["summary"].as_str().unwrap()).unwrap();
    if let Some(text) = value["description"].as_str() {
        write!(page, " {text}").unwrap();
    }
    let scope = value["security"][1]["jwt"][0].as_str().unwrap();
    writeln!(page, "\n\nThe scope of a token is `{scope}`.").unwrap();
    let parameters = operation.parameters();
    if !parameters.is_empty() {
        page.push_str("\n| Parameter | In | Schema | |\n| --- | --- | --- | --- |\n");
    }
    for (parameter, _) in parameters {
        let [name, place] = ["name", "in"].map(|member| parameter[member].as_str().unwrap());
        let required = if parameter["required"] == true { "Required. " } else { "" };
        let schema = schema::type_of(&parameter["schema"]);
        writeln!(page, "| `{name}` | {place} | {schema} | {required}{} |", cell(&text_of(parameter)))
            .unwrap();
    }
    if value.get("requestBody").is_some() {
        let (body, _) = description.resolve(&format!("{}/requestBody", operation.pointer));
        write!(page, "\nBody: {}", text_of(body)).unwrap();
        writeln!(
            page,
            " It has at most {}.\n\n| Content type | Schema |\n| --- | --- |",
            schema::bytes(body)
        )
        .unwrap();
        for (media_type, content) in body["content"].as_object().unwrap() {
            writeln!(page, "| `{media_type}` | {} |", schema::type_of(&content["schema"])).unwrap();
        }
    }
    page.push_str("\n| Status | Response |\n| --- | --- |\n");
    for (status, reference) in value["responses"].as_object().unwrap() {
        let shown = match reference["$ref"].as_str() {
            Some(reference) => link(reference),
            None => cell(&format!("{}{}", text_of(reference), body_of(reference))),
        };
        writeln!(page, "| {status} | {shown} |").unwrap();
    }
}

/// The schema of a response's body as the end of a sentence.
fn body_of(response: &Value) -> String {
    let content = response["content"].as_object().into_iter().flatten().next();
    match content {
        Some((media_type, content)) if media_type != "application/json" => {
            format!(" Body: {}, as `{media_type}`.", schema::type_of(&content["schema"]))
        }
        Some((_, content)) => format!(" Body: {}.", schema::type_of(&content["schema"])),
        None => String::new(),
    }
}

fn render_response(page: &mut String, description: &ApiDescription, name: &str, response: &Value) {
    let mut statuses = BTreeSet::new();
    for operation in description.operations() {
        let used = operation.value()["responses"].as_object().unwrap().iter();
        let used = used.filter(|(_, used)| used["$ref"] == format!("#/components/responses/{name}"));
        statuses.extend(used.map(|(status, _)| status.clone()));
    }
    let statuses: Vec<_> = statuses.into_iter().collect();
    write!(page, "\n### Response {name}\n\n{}{}", text_of(response), body_of(response)).unwrap();
    if !statuses.is_empty() {
        write!(page, " Status: {}.", statuses.join(", ")).unwrap();
    }
    page.push('\n');
    if let Some(headers) = response["headers"].as_object() {
        page.push_str("\n| Header | |\n| --- | --- |\n");
        for header in headers.keys() {
            let (value, _) = description.resolve(&format!("/components/responses/{name}/headers/{header}"));
            writeln!(page, "| `{header}` | {} |", cell(&text_of(value))).unwrap();
        }
    }
    for (name, example) in
        response["content"]["application/json"]["examples"].as_object().into_iter().flatten()
    {
        write!(page, "\n`{name}`:\n\n```json\n{}\n```\n", example["value"]).unwrap();
    }
}
