//! The authorizers and the rights of the template's routes. `shared/http/tests/deployment.rs` compares the paths.

use std::collections::HashMap;

use serde_json::Value;

use super::*;

/// A function's resource and its routes' properties, of every function that has any.
fn functions_with_routes(document: &Value) -> impl Iterator<Item = (&Value, Vec<&Value>)> {
    let resources = document["Resources"].as_object().unwrap().values();
    resources
        .map(|resource| {
            let events =
                resource["Properties"]["Events"].as_object().into_iter().flat_map(|events| events.values());
            let routes = events.filter(|event| event["Type"] == "HttpApi").map(|event| &event["Properties"]);
            (resource, routes.collect::<Vec<_>>())
        })
        .filter(|(_, routes)| !routes.is_empty())
}

fn document() -> Value {
    let text = fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
    yaml::parse(&text).unwrap()
}

#[test]
fn a_path_with_a_trailing_slash_has_the_authorizer_of_the_path_without() {
    let document = document();
    let routes: HashMap<_, _> = functions_with_routes(&document)
        .flat_map(|(function, routes)| {
            let function = &function["Metadata"]["BuildProperties"]["Binary"];
            routes.into_iter().map(move |route| {
                let authorizer = route["Auth"]["Authorizer"].as_str();
                (route["Path"].as_str().unwrap_or_default(), (function, authorizer))
            })
        })
        .collect();
    for (path, route) in routes.iter().filter(|(path, _)| !path.is_empty() && !path.ends_with("+}")) {
        assert!(!path.ends_with('/'), "API Gateway makes no route of {path}");
        // Its own greedy route, or in the same function the one of the path without `{id}`.
        let root = path.strip_suffix("/{id}").unwrap_or(path);
        let slash = [*path, root].iter().find_map(|root| routes.get(&*format!("{root}/{{proxy+}}")));
        assert_eq!(slash, Some(route), "{path}");
        assert_eq!(route.1 == Some("AWS_IAM"), path.starts_with("/api/v1/admin/"), "{path}");
    }
}

#[test]
fn the_function_of_the_default_route_has_no_rights() {
    let document = document();
    let functions: Vec<_> = functions_with_routes(&document)
        .filter(|(_, routes)| routes.iter().any(|route| route["Path"].is_null()))
        .collect();
    let [(function, routes)] = functions.as_slice() else { panic!("one function has the default route") };
    assert_eq!(routes.len(), 1, "it has no other route");
    let properties: Vec<_> = function["Properties"].as_object().unwrap().keys().collect();
    assert_eq!(properties, ["Events"], "no Policies and no Role");
}
