//! The document itself.

use std::collections::BTreeSet;

use end_to_end::ApiDescription;

use crate::{members, read};

#[test]
fn the_document_has_the_version_of_the_workspace_and_no_server_but_its_own() {
    let document = &ApiDescription::of_the_repository().document;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"][0]["url"], "/");
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let mut ids = BTreeSet::new();
    for operation in ApiDescription::of_the_repository().operations() {
        assert!(ids.insert(operation.id()), "{} is there twice", operation.id());
    }
}

#[test]
fn every_reference_leads_to_a_component_and_every_component_is_used() {
    let document = &ApiDescription::of_the_repository().document;
    let references: BTreeSet<_> =
        members(document, "$ref").into_iter().map(|reference| reference.as_str().unwrap()).collect();
    let components = document["components"].as_object().unwrap();
    let mut named: BTreeSet<String> = BTreeSet::new();
    for (kind, of_kind) in components.iter().filter(|(kind, _)| *kind != "securitySchemes") {
        named.extend(of_kind.as_object().unwrap().keys().map(|name| format!("#/components/{kind}/{name}")));
    }
    let unknown: Vec<_> = references.iter().filter(|reference| !named.contains(**reference)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    // No operation of the document is a method that a path does not have.
    named.remove("#/components/responses/MethodNotAllowed");
    let unused: Vec<_> = named.iter().filter(|name| !references.contains(name.as_str())).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn the_file_is_formatted_as_serde_json_does() {
    let document = &ApiDescription::of_the_repository().document;
    let lines = serde_json::to_string_pretty(document).unwrap().lines().count();
    // serde_json's value has another order of members.
    assert_eq!(read("docs/openapi.json").lines().count(), lines);
}
