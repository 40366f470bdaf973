//! The routes of `template.yaml`, and of the router of `cargo lambda watch`, are those of `xzepr_http::routes`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use xzepr_http::routes::FUNCTIONS;

use super::*;
use crate::{template::Template, workspace};

/// The function of the default route.
const REFUSES: &str = "refuse-unknown-path";

fn deployed() -> Routes {
    Routes::new(Template::load().unwrap().routes)
}

/// The function that gets a request.
fn function_of<'a>(deployed: &'a Routes, method: &str, path: &str) -> &'a str {
    &deployed.find(&method.parse().unwrap(), path).unwrap().0.function
}

/// The paths of requests for a route: with and without a slash at the end, and with an id in the place of `{id}`.
fn requested_paths(route: xzepr_http::Route) -> impl Iterator<Item = String> {
    let paths = route.paths().iter().map(|path| path.replace("{id}", "01HJ1K2M3N4P5Q6R7S8T9V0W1X"));
    paths.flat_map(|path| [format!("{path}/"), path])
}

/// The functions that serve a path with any method.
fn functions_with(path: &str) -> Vec<&'static str> {
    let has_path = |routes: &[xzepr_http::Route]| {
        routes.iter().any(|route| requested_paths(*route).any(|own| own == path))
    };
    FUNCTIONS.iter().filter(|(_, routes)| has_path(routes)).map(|(function, _)| *function).collect()
}

#[test]
fn the_template_routes_every_request_to_the_function_of_its_route() {
    let deployed = deployed();
    for &(function, routes) in FUNCTIONS {
        for route in routes {
            for path in requested_paths(*route) {
                let chosen = function_of(&deployed, route.method(), &path);
                assert_eq!(chosen, function, "{} {path}", route.method());
            }
        }
    }
}

/// A method of no route must reach a function that has the path: the default route would respond with 404, not 405.
#[test]
fn the_template_routes_other_methods_to_a_function_of_the_path() {
    let deployed = deployed();
    for route in FUNCTIONS.iter().flat_map(|(_, routes)| *routes) {
        for path in requested_paths(*route) {
            let chosen = function_of(&deployed, "TRACE", &path);
            assert!(functions_with(&path).contains(&chosen), "{path} goes to {chosen}");
        }
    }
}

#[test]
fn the_template_has_no_route_that_the_functions_do_not_know() {
    let deployed = deployed();
    let mut unused: BTreeSet<_> = deployed.0.iter().map(|route| route.key.to_string()).collect();
    assert!(unused.remove("$default"));
    for route in FUNCTIONS.iter().flat_map(|(_, routes)| *routes) {
        for path in requested_paths(*route) {
            let (chosen, _) = deployed.find(&route.method().parse().unwrap(), &path).unwrap();
            unused.remove(&chosen.key.to_string());
        }
    }
    assert!(unused.is_empty(), "routes.rs has no route for {unused:?}");
}

#[test]
fn no_two_functions_have_one_method_of_one_path() {
    let mut served = BTreeMap::new();
    for &(function, routes) in FUNCTIONS {
        for route in routes {
            for path in route.paths() {
                assert_eq!(served.insert((route.method(), path), function), None, "{path}");
            }
        }
    }
}

/// The router of `cargo lambda watch` knows no methods, and its greedy variable does not match an empty segment.
#[test]
fn cargo_lambda_has_the_routes_of_the_template() {
    let manifest = fs::read_to_string(workspace::root().join("Cargo.toml")).unwrap();
    let (_, router) = manifest.split_once("[workspace.metadata.lambda.watch.router]\n").unwrap();
    let lines = router.lines().take_while(|line| !line.starts_with('['));
    let router: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(path, function)| (path.trim_matches('"').to_owned(), function.trim_matches('"').to_owned()))
        .collect();
    let mut expected = BTreeMap::new();
    for Route { key, function, .. } in deployed().0 {
        let (start, path) = match &key {
            RouteKey::Default => ("/", Some("/{*path}".to_owned())),
            RouteKey::Path { path, .. } => match path.strip_suffix("{proxy+}") {
                Some(start) => (start, Some(format!("{start}{{*proxy}}"))),
                None => (path.as_str(), None),
            },
        };
        expected.extend(path.into_iter().chain([start.to_owned()]).map(|path| (path, function.clone())));
    }
    assert_eq!(router, expected);
}

#[test]
fn a_path_that_no_route_has_reaches_the_function_without_rights() {
    let deployed = deployed();
    for path in ["/", "", "/api/v1", "/api/v1/admin", "/api/v1/admin/", "/api/v2/events", "/metrics"] {
        assert_eq!(function_of(&deployed, "POST", path), REFUSES, "{path}");
    }
}
