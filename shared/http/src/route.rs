//! A method and its paths, and how a request's path is matched.

use std::iter;

use xzepr_domain::EventId;

/// The one parameter of a path: a segment that is a ULID.
const ID: &str = "{id}";

/// A method and its paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    method: &'static str,
    paths: &'static [&'static str],
}

/// A path that a route has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PathMatch<'a> {
    /// The segment in the place of `{id}`.
    pub(crate) id: Option<&'a str>,
}

impl Route {
    /// A route that reads. It also serves `HEAD`.
    pub const fn get(paths: &'static [&'static str]) -> Self {
        Self { method: "GET", paths }
    }

    /// A route that creates or starts.
    pub const fn post(paths: &'static [&'static str]) -> Self {
        Self { method: "POST", paths }
    }

    /// A route that changes a part.
    pub const fn patch(paths: &'static [&'static str]) -> Self {
        Self { method: "PATCH", paths }
    }

    /// A route that removes or ends.
    pub const fn delete(paths: &'static [&'static str]) -> Self {
        Self { method: "DELETE", paths }
    }

    /// The method.
    pub const fn method(self) -> &'static str {
        self.method
    }

    /// The path that names the route, and its aliases.
    pub const fn paths(self) -> &'static [&'static str] {
        self.paths
    }

    /// Matches a request's path. One slash at its end is left out.
    pub(crate) fn match_path(self, path: &str) -> Option<PathMatch<'_>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        self.paths.iter().find_map(|route| match_segments(route, path))
    }

    /// The methods of requests that the route serves. A route for `GET` also serves `HEAD`:
    /// <https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2>.
    pub fn methods(self) -> impl Iterator<Item = &'static str> {
        iter::once(self.method).chain((self.method == "GET").then_some("HEAD"))
    }

    /// Whether the route serves a request with this method.
    pub(crate) fn serves(self, method: &str) -> bool {
        self.methods().any(|own| own == method)
    }

    /// The path of a request as the route's first path spells it. An alias is the same resource.
    pub(crate) fn canonical_path(self, id: Option<&str>) -> String {
        let path = self.paths.first().copied().unwrap_or_default();
        path.replace(ID, id.unwrap_or_default())
    }
}

fn match_segments<'a>(route: &str, path: &'a str) -> Option<PathMatch<'a>> {
    let (mut expected, mut segments) = (route.split('/'), path.split('/'));
    let mut id = None;
    loop {
        match (expected.next(), segments.next()) {
            (None, None) => return Some(PathMatch { id }),
            (Some(ID), Some(segment)) => {
                // The ids of all kinds of items are ULIDs.
                segment.parse::<EventId>().ok()?;
                id = Some(segment);
            }
            (Some(expected), Some(segment)) if expected == segment => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routes::FUNCTIONS;

    const ULID: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

    const ROUTE: Route = Route::get(&["/a/{id}", "/b/{id}/c"]);

    fn id_of(path: &str) -> Option<Option<&str>> {
        ROUTE.match_path(path).map(|matched| matched.id)
    }

    #[test]
    fn a_path_matches_with_its_aliases_and_one_slash_at_its_end() {
        for path in ["/a/{}", "/a/{}/", "/b/{}/c", "/b/{}/c/"] {
            assert_eq!(id_of(&path.replace("{}", ULID)), Some(Some(ULID)), "{path}");
        }
        for path in ["", "/", "/a", "/a/", "/a/{}//", "//a/{}", "a/{}", "/a/{}/c", "/b/{}", "/A/{}", "/a/x{}"]
        {
            assert_eq!(id_of(&path.replace("{}", ULID)), None, "{path}");
        }
    }

    #[test]
    fn only_a_ulid_is_an_id() {
        assert_eq!(id_of("/a/01hj1k2m3n4p5q6r7s8t9v0w1x"), Some(Some("01hj1k2m3n4p5q6r7s8t9v0w1x")));
        for id in ["{id}", "x", "81HJ1K2M3N4P5Q6R7S8T9V0W1X", "01HJ1K2M3N4P5Q6R7S8T9V0W1%58"] {
            assert_eq!(id_of(&format!("/a/{id}")), None, "{id}");
        }
    }

    #[test]
    fn an_alias_is_the_same_resource() {
        assert_eq!(ROUTE.canonical_path(Some(ULID)), format!("/a/{ULID}"));
        assert_eq!(Route::post(&["/a", "/b"]).canonical_path(None), "/a");
    }

    #[test]
    fn head_is_served_where_get_is() {
        assert!(ROUTE.serves("GET") && ROUTE.serves("HEAD") && !ROUTE.serves("POST"));
        assert!(!Route::post(&["/a"]).serves("HEAD") && !Route::post(&["/a"]).serves("post"));
    }

    fn all_routes() -> impl Iterator<Item = Route> {
        FUNCTIONS.iter().flat_map(|(_, routes)| routes.iter().copied())
    }

    #[test]
    fn every_path_is_well_formed_and_has_at_most_one_id() {
        for path in all_routes().flat_map(|route| route.paths().iter().copied()) {
            let is_ours = path.starts_with("/api/v1/");
            // Health checks have the paths that the clients and scripts of other registries ask for.
            let is_of_a_health_check = path == "/health" || path.starts_with("/healthz/");
            assert!(is_ours || is_of_a_health_check, "{path}");
            assert!(!path.ends_with('/') && !path.contains("//"), "{path}");
            let variables: Vec<_> = path.split('/').filter(|segment| segment.contains(['{', '}'])).collect();
            assert!(variables.is_empty() || variables == [ID], "{path}");
        }
    }

    /// A path that is close to a route's: segments of the routes, ids and noise.
    fn near_path() -> impl Strategy<Value = String> {
        let segment = prop_oneof![
            8 => proptest::sample::select(vec![
                "api", "v1", "events", "event-receivers", "receivers", "event-receiver-groups", "groups", "admin",
                "replay-events", "replays", "batch", "schema", "gate", "gates", "health", "healthz", "status", "{id}", ULID, "",
            ])
            .prop_map(str::to_owned),
            1 => any::<String>(),
        ];
        let known = all_routes().flat_map(|route| route.paths().iter().copied()).collect::<Vec<_>>();
        let known = (proptest::sample::select(known), any::<String>(), any::<bool>())
            .prop_map(|(path, id, is_id)| path.replace(ID, if is_id { ULID } else { &id }));
        prop_oneof![
            proptest::collection::vec(segment, 0..7).prop_map(|segments| format!("/{}", segments.join("/"))),
            (known, "/{0,2}").prop_map(|(path, slashes)| path + &slashes),
            any::<String>(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_method_and_a_path_have_at_most_one_route(path in near_path()) {
            let matching: Vec<_> = all_routes().filter(|route| route.match_path(&path).is_some()).collect();
            for method in ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT"] {
                prop_assert!(matching.iter().filter(|route| route.serves(method)).count() <= 1);
            }
            // Routes of different methods share a path only as a whole.
            prop_assert!(matching.windows(2).all(|pair| pair[0].paths() == pair[1].paths()));
        }

        #[test]
        fn one_slash_at_the_end_makes_no_difference_and_two_match_nothing(path in near_path()) {
            for route in all_routes() {
                let matched = route.match_path(&path);
                if let Some(id) = matched.and_then(|matched| matched.id) {
                    prop_assert!(id.parse::<EventId>().is_ok());
                }
                if !path.ends_with('/') {
                    let (one_slash, two_slashes) = (format!("{path}/"), format!("{path}//"));
                    prop_assert_eq!(route.match_path(&one_slash), matched);
                    prop_assert_eq!(route.match_path(&two_slashes), None);
                }
            }
        }
    }
}
