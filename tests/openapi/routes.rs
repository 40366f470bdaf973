//! The routes of the code are the operations of the document.

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::ApiDescription;
use serde_json::json;
use xzepr_http::routes::FUNCTIONS;

use crate::read;

/// The scopes that `template.yaml` demands, by the keys of its routes.
fn scopes_of_the_template() -> BTreeMap<String, String> {
    let template = read("template.yaml");
    let routes = template.split("RouteKey: ").skip(1).filter_map(|route| {
        let key = route.lines().next()?.trim_matches('\'').to_owned();
        // The properties of a route end with it.
        let (_, scopes) = route.split("\n\n").next()?.split_once("AuthorizationScopes: !If [HasJwt, [")?;
        Some((key, scopes.split_once(']')?.0.to_owned()))
    });
    routes.collect()
}

/// The keys of the routes that can lead a request of an operation, the one that goes before the others first.
fn keys(method: &str, path: &str) -> Vec<String> {
    let parents = path.match_indices('/').skip(1).map(|(end, _)| format!("{}/{{proxy+}}", &path[..end]));
    let mut patterns: Vec<_> = parents.collect();
    patterns.push(path.to_owned());
    patterns.into_iter().rev().flat_map(|path| [format!("{method} {path}"), format!("ANY {path}")]).collect()
}

#[test]
fn every_route_is_an_operation_and_every_operation_is_a_route() {
    let routes: BTreeSet<_> = FUNCTIONS
        .iter()
        .flat_map(|(_, routes)| *routes)
        .flat_map(|route| route.paths().iter().map(|path| (route.method(), *path)))
        .collect();
    let operations = ApiDescription::of_the_repository().operations();
    let operations: BTreeSet<_> =
        operations.iter().map(|operation| (operation.method.as_str(), operation.path)).collect();
    assert_eq!(operations, routes);
}

#[test]
fn every_operation_takes_a_signature_or_the_scope_that_the_template_demands() {
    let scopes = scopes_of_the_template();
    for operation in ApiDescription::of_the_repository().operations() {
        let path = operation.path;
        let scope = keys(&operation.method, path).into_iter().find_map(|key| scopes.get(&key));
        let scope = scope.unwrap_or_else(|| panic!("template.yaml has no scope for {path}"));
        let expected = json!([{"aws_iam": []}, {"jwt": [scope]}]);
        assert_eq!(operation.value()["security"], expected, "{} {path}", operation.method);
    }
}

/// An alias is the same resource, so a caller may use either path.
#[test]
fn an_alias_is_described_as_its_route_is() {
    let description = ApiDescription::of_the_repository();
    for route in FUNCTIONS.iter().flat_map(|(_, routes)| *routes) {
        let mut described = route.paths().iter().map(|path| {
            let mut operation = description.operation(route.method(), path).unwrap().value().clone();
            for own in ["operationId", "description"] {
                operation.as_object_mut().unwrap().remove(own);
            }
            operation
        });
        let first = described.next().unwrap();
        assert!(described.all(|alias| alias == first), "{:?}", route.paths());
    }
}
