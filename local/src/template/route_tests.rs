//! The template's routes: their authorizers, their rights, and the same routes for `cargo lambda watch`.

use std::{collections::HashMap, process::Stdio};

use serde_json::Value;
use tokio::process::Command;

use super::*;
use crate::process;

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
        let root = path.strip_suffix("/{id}").unwrap_or(path);
        assert_eq!(routes.get(&*format!("{root}/{{proxy+}}")), Some(route), "{path}");
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

#[tokio::test]
async fn cargo_lambda_routes_as_the_template_does() {
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]);
    cargo.current_dir(workspace::root()).stdout(Stdio::piped());
    let metadata = process::spawn(&mut cargo).unwrap().wait_with_output().await.unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let router = metadata["metadata"]["lambda"]["watch"]["router"].as_object().unwrap();
    let mut expected = HashMap::new();
    for Route { path, function } in Template::load().unwrap().routes {
        let path = path.unwrap_or_else(|| "/{path+}".to_owned());
        // cargo-lambda spells greedy variables in another way, and they match no empty segment.
        match path.split_once('{').filter(|(_, name)| name.ends_with("+}")) {
            Some((root, name)) => {
                expected.insert(root.to_owned(), function.clone());
                expected.insert(format!("{root}{{*{}", name.replace('+', "")), function);
            }
            None => drop(expected.insert(path, function)),
        }
    }
    let router: HashMap<_, _> =
        router.iter().map(|(path, function)| (path.clone(), function.as_str().unwrap().to_owned())).collect();
    assert_eq!(router, expected);
}
