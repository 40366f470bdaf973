//! The route of a request, chosen as API Gateway's HTTP API chooses it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>: first the route that
//! matches in full, then the one with a greedy path variable, then `$default`. Of two routes with one path, the one for
//! the request's method goes before the one for `ANY`. A path variable matches one segment. A greedy variable matches
//! all remaining segments, and an empty one: `/metrics/{proxy+}` matches `/metrics/`
//! (<https://github.com/storacha/w3infra/pull/166>).

use std::{cmp::Reverse, collections::BTreeMap};

use axum::http::Method;

use crate::template::{Route, RouteKey};

/// The routes of a template.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Route>);

/// The values of a path's variables by their names, as the request spells them.
pub(crate) type PathParameters = BTreeMap<String, String>;

/// How a route matches. The first kind wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Literal,
    Variable,
    Greedy,
    Default,
}

impl Routes {
    pub(crate) fn new(routes: Vec<Route>) -> Self {
        Self(routes)
    }

    /// The route of a request, and the values of its path's variables.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<(&Route, PathParameters)> {
        let matching = self.0.iter().filter_map(|route| {
            let (rank, parameters) = match &route.key {
                RouteKey::Path { method: Some(own), .. } if own != method => return None,
                RouteKey::Path { method, path: pattern } => {
                    let (matched, parameters) = matches(pattern, path)?;
                    // The longer one of two greedy routes is the more exact one.
                    ((matched, Reverse(pattern.len()), method.is_none()), parameters)
                }
                RouteKey::Default => ((Match::Default, Reverse(0), true), PathParameters::new()),
            };
            Some((rank, route, parameters))
        });
        let chosen = matching.min_by_key(|(rank, ..)| *rank);
        chosen.map(|(_, route, parameters)| (route, parameters))
    }
}

fn matches(pattern: &str, path: &str) -> Option<(Match, PathParameters)> {
    let mut rest = Some(path);
    let (mut matched, mut parameters) = (Match::Literal, PathParameters::new());
    for part in pattern.split('/') {
        let remaining = rest?;
        let variable = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        if let Some(name) = variable.and_then(|variable| variable.strip_suffix('+')) {
            parameters.insert(name.to_owned(), remaining.to_owned());
            return Some((Match::Greedy, parameters));
        }
        let (segment, after) = match remaining.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (remaining, None),
        };
        rest = after;
        match variable {
            Some(_) if segment.is_empty() => return None,
            Some(name) => {
                parameters.insert(name.to_owned(), segment.to_owned());
                matched = Match::Variable;
            }
            None if part == segment => {}
            None => return None,
        }
    }
    rest.is_none().then_some((matched, parameters))
}

#[cfg(test)]
mod deployment_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    #[test]
    fn the_templates_routes_lead_to_their_functions_and_everything_else_to_the_one_without_rights() {
        let routes = Routes::new(Template::load().unwrap().routes);
        for (path, function) in [
            ("/api/v1/events", "create-event"),
            ("/api/v1/events/", "create-event"),
            ("/api/v1/event-receivers", "create-event-receiver"),
            ("/api/v1/receivers/", "create-event-receiver"),
            ("/api/v1/event-receiver-groups/", "create-event-receiver-group"),
            ("/api/v1/groups", "create-event-receiver-group"),
            ("/api/v1/admin/replay-events", "manage-replays"),
            ("/api/v1/admin/replay-events/", "manage-replays"),
            ("/api/v1/admin/replays/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "manage-replays"),
            ("/api/v1/admin/replays/01HJ1K2M3N4P5Q6R7S8T9V0W1X/", "manage-replays"),
            ("/", "refuse-unknown-path"),
            ("//", "refuse-unknown-path"),
            ("", "refuse-unknown-path"),
            ("/api/v1", "refuse-unknown-path"),
            ("/api/v1/", "refuse-unknown-path"),
            ("/api/v1/x/", "refuse-unknown-path"),
            ("/api/v1//events", "refuse-unknown-path"),
            ("/api/v1/eventsx", "refuse-unknown-path"),
            ("/API/v1/events", "refuse-unknown-path"),
        ] {
            let (route, _) = routes.find(&Method::POST, path).unwrap();
            assert_eq!(route.function, function, "{path}");
        }
    }

    /// The keys that are chosen for requests among some keys.
    fn choose(keys: &[&str], method: &Method, path: &str) -> (Option<String>, PathParameters) {
        let route = |key: &&str| Route {
            key: RouteKey::parse(key).unwrap(),
            function: "f".to_owned(),
            scopes: Vec::new(),
        };
        let routes = Routes::new(keys.iter().map(route).collect());
        let found = routes.find(method, path);
        found.map(|(route, parameters)| (Some(route.key.to_string()), parameters)).unwrap_or_default()
    }

    #[test]
    fn a_route_in_full_goes_before_a_variable_and_that_before_a_greedy_one() {
        let keys = ["ANY /a/{rest+}", "ANY /a/{id}", "ANY /a/b", "ANY /a/b/{rest+}", "ANY /{rest+}"];
        for (path, chosen, parameters) in [
            ("/a/b", "ANY /a/b", &[][..]),
            ("/a/c", "ANY /a/{id}", &[("id", "c")]),
            ("/a/", "ANY /a/{rest+}", &[("rest", "")]),
            ("/a/c/d", "ANY /a/{rest+}", &[("rest", "c/d")]),
            ("/a/b/", "ANY /a/b/{rest+}", &[("rest", "")]),
            ("/a/b//%20c/", "ANY /a/b/{rest+}", &[("rest", "/%20c/")]),
            ("/a", "ANY /{rest+}", &[("rest", "a")]),
        ] {
            let parameters = parameters.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(
                choose(&keys, &Method::GET, path),
                (Some(chosen.to_owned()), parameters.collect()),
                "{path}"
            );
        }
        assert_eq!(choose(&keys[..4], &Method::GET, "/a").0, None);
    }

    #[test]
    fn a_method_of_its_own_goes_before_any_and_never_matches_another_method() {
        let keys = ["$default", "ANY /a", "GET /a", "POST /b", "GET /{rest+}", "OPTIONS /a"];
        for (method, path, chosen) in [
            (Method::GET, "/a", "GET /a"),
            (Method::OPTIONS, "/a", "OPTIONS /a"),
            (Method::POST, "/a", "ANY /a"),
            (Method::TRACE, "/a", "ANY /a"),
            (Method::POST, "/b", "POST /b"),
            (Method::GET, "/b", "GET /{rest+}"),
            (Method::PUT, "/b", "$default"),
        ] {
            assert_eq!(choose(&keys, &method, path).0.as_deref(), Some(chosen), "{method} {path}");
        }
    }
}
