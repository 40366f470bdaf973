//! The routes of `template.yaml`, and of the router of `cargo lambda watch`, are those of `routes`.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test ends by a panic")]

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use serde::Deserialize;
use xzepr_http::{Route, routes::FUNCTIONS};

/// The method of a route of API Gateway that has all methods.
const ANY: &str = "ANY";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Template {
    resources: HashMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Metadata {
    build_properties: BuildProperties,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct BuildProperties {
    binary: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Properties {
    events: HashMap<String, Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    r#type: String,
    #[serde(default)]
    properties: EventProperties,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EventProperties {
    method: Option<String>,
    path: Option<String>,
}

/// A route of API Gateway, and the function that it invokes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Deployed {
    method: String,
    path: String,
    function: String,
}

fn workspace_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The routes of the template, without the default route.
fn deployed() -> Vec<Deployed> {
    let template: Template = serde_saphyr::from_str(&workspace_file("template.yaml")).unwrap();
    let functions =
        template.resources.into_values().filter(|resource| resource.r#type == "AWS::Serverless::Function");
    let routes = functions.flat_map(|Resource { metadata, properties, .. }| {
        let events = properties.events.into_values().filter(|event| event.r#type == "HttpApi");
        events.filter_map(move |Event { properties: EventProperties { method, path }, .. }| {
            let function = metadata.build_properties.binary.clone();
            Some(Deployed { method: method.unwrap_or_else(|| ANY.to_owned()), path: path?, function })
        })
    });
    routes.collect()
}

/// How a route of API Gateway matches. The least is chosen:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Literal,
    Variable,
    Greedy,
}

fn match_path(route: &str, path: &str) -> Option<Match> {
    let mut segments = path.split('/');
    let mut matched = Match::Literal;
    for part in route.split('/') {
        let segment = segments.next()?;
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) if name.ends_with('+') => return Some(Match::Greedy),
            Some(_) if segment.is_empty() => return None,
            Some(_) => matched = Match::Variable,
            None if part == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(matched)
}

/// The route that API Gateway chooses for a request. `None` is the default route.
fn choose<'a>(deployed: &'a [Deployed], method: &str, path: &str) -> Option<&'a Deployed> {
    let of_method = deployed.iter().filter(|route| route.method == ANY || route.method == method);
    let matching = of_method.filter_map(|route| Some((match_path(&route.path, path)?, route)));
    // Of two greedy routes the longer one is more specific, and of two methods the one that is not ANY.
    let chosen =
        matching.min_by_key(|(matched, route)| (*matched, Reverse(route.path.len()), route.method == ANY));
    chosen.map(|(_, route)| route)
}

/// The paths of requests for a route: with and without a slash at the end, and with an id in the place of `{id}`.
fn requested_paths(route: Route) -> impl Iterator<Item = String> {
    let paths = route.paths().iter().map(|path| path.replace("{id}", "01HJ1K2M3N4P5Q6R7S8T9V0W1X"));
    paths.flat_map(|path| [format!("{path}/"), path])
}

/// The functions that serve a path with any method.
fn functions_of(path: &str) -> Vec<&'static str> {
    let has_path =
        |routes: &[Route]| routes.iter().any(|route| requested_paths(*route).any(|own| own == path));
    FUNCTIONS.iter().filter(|(_, routes)| has_path(routes)).map(|(function, _)| *function).collect()
}

#[test]
fn the_template_routes_every_request_to_the_function_of_its_route() {
    let deployed = deployed();
    for &(function, routes) in FUNCTIONS {
        for route in routes {
            for path in requested_paths(*route) {
                let chosen = choose(&deployed, route.method(), &path).map(|route| route.function.as_str());
                assert_eq!(
                    chosen,
                    Some(function),
                    "template.yaml routes {} {path} elsewhere",
                    route.method()
                );
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
            let chosen = choose(&deployed, "TRACE", &path).map(|route| route.function.as_str());
            let is_served = chosen.is_some_and(|chosen| functions_of(&path).contains(&chosen));
            assert!(is_served, "template.yaml routes other methods of {path} to {chosen:?}");
        }
    }
}

#[test]
fn the_template_has_no_route_that_is_unknown_here() {
    let deployed = deployed();
    let mut unused: BTreeSet<_> = deployed.iter().collect();
    for route in FUNCTIONS.iter().flat_map(|(_, routes)| *routes) {
        for path in requested_paths(*route) {
            choose(&deployed, route.method(), &path).map(|chosen| unused.remove(chosen));
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
    let manifest = workspace_file("Cargo.toml");
    let (_, router) = manifest.split_once("[workspace.metadata.lambda.watch.router]\n").unwrap();
    let lines = router.lines().take_while(|line| !line.starts_with('['));
    let router: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(path, function)| (path.trim_matches('"').to_owned(), function.trim_matches('"').to_owned()))
        .collect();
    let mut expected = BTreeMap::new();
    let default = ["/", "/{*path}"].map(|path| (path.to_owned(), "refuse-unknown-path".to_owned()));
    expected.extend(default);
    for Deployed { path, function, .. } in deployed() {
        match path.strip_suffix("{proxy+}") {
            Some(start) => expected.extend(
                [start, &format!("{start}{{*proxy}}")].map(|path| (path.to_owned(), function.clone())),
            ),
            None => drop(expected.insert(path, function)),
        }
    }
    assert_eq!(router, expected);
}
