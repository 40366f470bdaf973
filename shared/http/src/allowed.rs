//! The methods of a path, whichever functions serve them.

use crate::{HttpError, routes::FUNCTIONS};

/// The order of the methods in the header `Allow`.
const ORDER: [&str; 5] = ["GET", "HEAD", "POST", "PATCH", "DELETE"];

/// The refusal of a method that a path has no route for. API Gateway sends it to one of the path's functions, which
/// knows the methods of its own routes alone. So the methods are those of all functions' routes.
pub(crate) fn refusal(method: &str, path: &str) -> HttpError {
    let routes = FUNCTIONS.iter().flat_map(|(_, routes)| *routes);
    let mut methods: Vec<_> =
        routes.filter(|route| route.match_path(path).is_some()).flat_map(|route| route.methods()).collect();
    // A method that another function serves comes here only if the API routes it wrongly.
    if methods.is_empty() || methods.contains(&method) {
        return HttpError::NotFound;
    }
    methods.sort_unstable_by_key(|method| ORDER.iter().position(|other| other == method));
    HttpError::MethodNotAllowed { allow: methods.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(method: &str, path: &str) -> Option<String> {
        match refusal(method, &path.replace("{id}", "01HJ1K2M3N4P5Q6R7S8T9V0W1X")) {
            HttpError::MethodNotAllowed { allow } => Some(allow),
            HttpError::NotFound => None,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_path_of_several_functions_has_the_methods_of_all() {
        for (path, allow) in [
            ("/api/v1/events", "GET, HEAD, POST"),
            ("/api/v1/events/", "GET, HEAD, POST"),
            ("/api/v1/events/batch", "POST"),
            ("/api/v1/events/{id}", "GET, HEAD"),
            ("/api/v1/receivers", "GET, HEAD, POST"),
            ("/api/v1/event-receivers/{id}/schema", "GET, HEAD"),
            ("/api/v1/groups/{id}", "GET, HEAD, PATCH"),
            ("/api/v1/groups/{id}/", "GET, HEAD, PATCH"),
            ("/api/v1/event-receiver-groups/{id}/gate", "GET, HEAD"),
            ("/api/v1/gates", "GET, HEAD"),
            ("/api/v1/admin/replays/{id}", "GET, HEAD, DELETE"),
        ] {
            assert_eq!(allowed("PUT", path).as_deref(), Some(allow), "{path}");
        }
    }

    #[test]
    fn a_path_without_routes_is_unknown() {
        for path in ["/", "", "/api/v1/events/x", "/api/v1/groups/x", "/api/v1/groups/{id}/x"] {
            assert_eq!(allowed("PUT", path), None, "{path}");
        }
    }

    #[test]
    fn a_method_of_a_route_is_never_named_as_missing() {
        assert_eq!(allowed("GET", "/api/v1/events"), None);
        assert_eq!(allowed("HEAD", "/api/v1/gates"), None);
    }

    #[test]
    fn every_method_has_a_place_in_the_order() {
        let routes = FUNCTIONS.iter().flat_map(|(_, routes)| *routes);
        for method in routes.flat_map(|route| route.methods()) {
            assert!(ORDER.contains(&method), "{method}");
        }
    }
}
