//! The function that responds to a path, chosen as API Gateway's HTTP API chooses it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>: first the route that
//! matches in full, then the one with a greedy path variable, then `$default`. A path variable matches one segment. A
//! greedy variable matches all remaining segments, and an empty one: `/metrics/{proxy+}` matches `/metrics/`
//! (<https://github.com/storacha/w3infra/pull/166>). A route key cannot end in a slash, so SAM makes no route of such
//! a path in a template (<https://github.com/aws/serverless-application-model/issues/1949>).

use std::cmp::Reverse;

use crate::template::Route;

/// The routes of a template.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Route>);

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

    /// The function that responds to a request for a path.
    pub(crate) fn function(&self, path: &str) -> Option<&str> {
        let matching = self.0.iter().filter_map(|route| {
            let matched = match &route.path {
                Some(pattern) => matches(pattern, path)?,
                None => Match::Default,
            };
            // The longer one of two greedy routes is the more exact one.
            let length = route.path.as_ref().map_or(0, String::len);
            Some((matched, Reverse(length), route.function.as_str()))
        });
        matching.min().map(|(_, _, function)| function)
    }
}

fn matches(pattern: &str, path: &str) -> Option<Match> {
    let mut segments = path.split('/');
    let mut matched = Match::Literal;
    for part in pattern.split('/') {
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
            assert_eq!(routes.function(path), Some(function), "{path}");
        }
    }

    #[test]
    fn a_route_in_full_goes_before_a_variable_and_that_before_a_greedy_one() {
        let route = |path: &str| Route { path: Some(path.to_owned()), function: path.to_owned() };
        let routes = ["/a/{rest+}", "/a/{id}", "/a/b", "/a/b/{rest+}", "/{rest+}"].map(route);
        let routes = Routes::new(routes.to_vec());
        for (path, chosen) in [
            ("/a/b", Some("/a/b")),
            ("/a/c", Some("/a/{id}")),
            ("/a/", Some("/a/{rest+}")),
            ("/a/c/d", Some("/a/{rest+}")),
            ("/a/b/", Some("/a/b/{rest+}")),
            ("/a", Some("/{rest+}")),
        ] {
            assert_eq!(routes.function(path), chosen, "{path}");
        }
    }
}
