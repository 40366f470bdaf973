//! The error codes of the code are those of the document and of `docs/api.md`, under the same status.

use std::collections::BTreeSet;

use end_to_end::ApiDescription;
use serde_json::Value;
use xzepr_http::ErrorCode;

use crate::{members, read};

/// The codes, each with its status.
fn of_the_code() -> BTreeSet<(String, u16)> {
    ErrorCode::ALL.iter().map(|code| (code.as_str().to_owned(), code.status().as_u16())).collect()
}

/// The codes that a response of the document can have.
fn codes_of(response: &Value) -> Vec<String> {
    let enums = members(response, "error").into_iter().filter_map(|error| error["enum"].as_array());
    enums.flatten().map(|code| code.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_document_lists_every_code() {
    let schema = &ApiDescription::of_the_repository().document["components"]["schemas"]["ErrorCode"];
    let listed: Vec<_> =
        schema["enum"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!(listed, ErrorCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>());
    let text = schema["description"].as_str().unwrap();
    for code in listed {
        assert!(text.contains(&format!("\n- `{code}`: ")), "the description does not explain {code}");
    }
}

#[test]
fn every_code_is_in_a_response_with_its_status() {
    let description = ApiDescription::of_the_repository();
    let mut documented = BTreeSet::new();
    for operation in description.operations() {
        for (status, response, _) in operation.responses() {
            documented.extend(codes_of(response).into_iter().map(|code| (code, status)));
        }
    }
    // No operation of the document is a method that a path does not have.
    let (response, _) = description.resolve("/components/responses/MethodNotAllowed");
    documented.extend(codes_of(response).into_iter().map(|code| (code, 405)));
    assert_eq!(documented, of_the_code());
}

#[test]
fn an_event_of_a_batch_can_have_the_statuses_that_an_event_can_have_alone() {
    let description = ApiDescription::of_the_repository();
    let entry = &description.document["components"]["schemas"]["BatchEntry"]["oneOf"][1]["properties"];
    let statuses: BTreeSet<_> =
        entry["status"]["enum"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    let operation = description.operation("POST", "/api/v1/events").unwrap();
    let of_an_event: BTreeSet<_> = operation
        .responses()
        .into_iter()
        .filter(|(status, response, _)| *status != 415 && !codes_of(response).is_empty())
        .map(|(status, ..)| u64::from(status))
        .collect();
    assert_eq!(statuses, of_an_event);
}

#[test]
fn the_page_of_the_api_has_every_code_with_its_status() {
    let page = read("docs/api.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let mut documented = BTreeSet::new();
    for (status, rest) in rows {
        let (Ok(status), Some((codes, _))) = (status.parse::<u16>(), rest.split_once(" | ")) else {
            continue;
        };
        let codes = codes.split(", ").filter_map(|code| code.strip_prefix('`')?.strip_suffix('`'));
        // API Gateway's own responses are in a table too.
        let codes = codes.filter(|code| !code.starts_with('{'));
        documented.extend(codes.map(|code| (code.to_owned(), status)));
    }
    assert_eq!(documented, of_the_code());
}
