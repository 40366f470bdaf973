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

/// The methods of the API, for the router of `cargo lambda watch`.
const METHODS: [&str; 4] = ["GET", "HEAD", "POST", "PATCH"];

/// The functions of a path of the router: one for all methods, or one for each.
#[derive(Debug, PartialEq, Eq)]
enum Watched {
    All(String),
    Each(BTreeMap<String, String>),
}

impl Watched {
    /// Reads a value: a name in quotes, or a list of tables with `method` and `function`.
    fn parse(value: &str) -> Self {
        let quoted = |text: &str| text.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        match value.strip_prefix('[') {
            None => Self::All(quoted(value).remove(0)),
            Some(tables) => Self::Each(
                tables
                    .split('}')
                    .filter_map(|table| <[String; 2]>::try_from(quoted(table)).ok())
                    .map(|[method, function]| (method, function))
                    .collect(),
            ),
        }
    }

    /// The functions that the template has for a path of the router.
    fn of(deployed: &Routes, path: &str) -> Self {
        let sample = path.replace("{id}", "01HJ1K2M3N4P5Q6R7S8T9V0W1X").replace("{*", "x{*");
        let function = |method: &str| function_of(deployed, method, &sample).to_owned();
        let any = function("TRACE");
        if METHODS.iter().all(|method| function(method) == any) {
            return Self::All(any);
        }
        Self::Each(METHODS.iter().map(|method| ((*method).to_owned(), function(method))).collect())
    }
}

/// The router of `cargo lambda watch` has no `ANY` beside a method, and its greedy variable does not match an empty
/// segment.
#[test]
fn cargo_lambda_has_the_routes_of_the_template() {
    let manifest = fs::read_to_string(workspace::root().join("Cargo.toml")).unwrap();
    let (_, router) = manifest.split_once("[workspace.metadata.lambda.watch.router]\n").unwrap();
    let router = router.split("\n[").next().unwrap();
    let entries = router.split("\n\"").filter_map(|entry| entry.split_once(" = "));
    let router: BTreeMap<_, _> = entries
        .map(|(path, functions)| (path.trim_matches('"').to_owned(), Watched::parse(functions)))
        .collect();
    let deployed = deployed();
    let mut expected = BTreeMap::new();
    for Route { key, .. } in &deployed.0 {
        let (start, greedy) = match key {
            RouteKey::Default => ("/", Some("/{*path}".to_owned())),
            RouteKey::Path { path, .. } => match path.strip_suffix("{proxy+}") {
                Some(start) => (start, Some(format!("{start}{{*proxy}}"))),
                None => (path.as_str(), None),
            },
        };
        let paths = greedy.into_iter().chain([start.to_owned()]);
        expected.extend(paths.map(|path| {
            let functions = Watched::of(&deployed, &path);
            (path, functions)
        }));
    }
    assert_eq!(router, expected);
}

/// A browser asks before it sends a token, so no question may reach a route with an authorizer.
#[test]
fn with_cors_the_question_of_a_browser_reaches_the_function_without_rights() {
    let template = Template::load().unwrap();
    let mut with_cors = template.routes.clone();
    with_cors.extend(template.cors.routes.clone());
    let deployed = Routes::new(with_cors);
    for path in FUNCTIONS.iter().flat_map(|(_, routes)| *routes).flat_map(|route| route.paths()) {
        let path = path.replace("{id}", "01HJ1K2M3N4P5Q6R7S8T9V0W1X");
        let (route, _) = deployed.find(&Method::OPTIONS, &path).unwrap();
        assert_eq!((&*route.function, route.scopes.len()), (REFUSES, 0), "{path}");
    }
}

#[test]
fn a_path_that_no_route_has_reaches_the_function_without_rights() {
    let deployed = deployed();
    for path in ["/", "", "/api/v1", "/api/v1/admin", "/api/v1/admin/", "/api/v2/events", "/metrics"] {
        assert_eq!(function_of(&deployed, "POST", path), REFUSES, "{path}");
    }
}
