//! CORS as API Gateway does it: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>.

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request},
    response::{IntoResponse, Response},
};

use crate::template;

/// The CORS configuration of the API. An API without one leaves the headers of its functions as they are.
#[derive(Debug)]
pub(super) struct Cors {
    allow_origins: Vec<String>,
    configuration: template::Cors,
}

impl Cors {
    /// The template's configuration for these origins, or none without origins.
    pub(super) fn new(allow_origins: Vec<String>, configuration: template::Cors) -> Option<Self> {
        (!allow_origins.is_empty()).then_some(Self { allow_origins, configuration })
    }

    /// The response to a preflight request over no route. A request of an origin that is not allowed gets it without
    /// CORS headers.
    pub(super) fn preflight(&self, request: &request::Parts) -> Option<Response> {
        is_preflight(request).then(|| {
            let mut response = StatusCode::NO_CONTENT.into_response();
            self.add_headers(request, response.headers_mut());
            response
        })
    }

    /// Replaces the CORS headers in a function's response.
    pub(super) fn add_headers(&self, request: &request::Parts, response: &mut HeaderMap) {
        for name in [
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            header::ACCESS_CONTROL_ALLOW_METHODS,
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            header::ACCESS_CONTROL_MAX_AGE,
        ] {
            response.remove(name);
        }
        let Some(origin) = request.headers.get(header::ORIGIN).and_then(|origin| self.allowed(origin)) else {
            return;
        };
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let configuration = &self.configuration;
        let lists = if is_preflight(request) {
            vec![
                (header::ACCESS_CONTROL_ALLOW_METHODS, configuration.allow_methods.join(",")),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, configuration.allow_headers.join(",")),
                (header::ACCESS_CONTROL_MAX_AGE, configuration.max_age.as_secs().to_string()),
            ]
        } else {
            vec![(header::ACCESS_CONTROL_EXPOSE_HEADERS, configuration.expose_headers.join(","))]
        };
        for (name, value) in lists {
            if let Some(value) = HeaderValue::try_from(value).ok().filter(|value| !value.is_empty()) {
                response.insert(name, value);
            }
        }
    }

    /// The value of `access-control-allow-origin` for an origin.
    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.allow_origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        let text = origin.to_str().ok()?;
        let is_allowed = |allowed: &String| match allowed.as_str() {
            scheme @ ("https://*" | "http://*") => text.starts_with(scheme.trim_end_matches('*')),
            allowed => allowed == text,
        };
        self.allow_origins.iter().any(is_allowed).then(|| origin.clone())
    }
}

/// Whether a browser asks for permission before its request.
fn is_preflight(request: &request::Parts) -> bool {
    request.method == Method::OPTIONS
        && request.headers.contains_key(header::ORIGIN)
        && request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::Request;

    use super::*;

    fn cors(origins: &[&str]) -> Option<Cors> {
        let list = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let configuration = template::Cors {
            allow_methods: list(&["GET", "POST"]),
            allow_headers: list(&["authorization"]),
            expose_headers: list(&["x-request-id"]),
            max_age: Duration::from_secs(600),
            routes: Vec::new(),
        };
        Cors::new(list(origins), configuration)
    }

    fn parts(method: Method, headers: &[(&str, &str)]) -> request::Parts {
        let request = headers
            .iter()
            .fold(Request::builder().method(method), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    fn preflight(origin: &str) -> request::Parts {
        parts(Method::OPTIONS, &[("origin", origin), ("access-control-request-method", "POST")])
    }

    /// The headers of a response to a request, after the function has set its own.
    fn headers(cors: &Cors, request: &request::Parts) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        headers
            .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("https://of-the-function"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        cors.add_headers(request, &mut headers);
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn without_origins_there_is_no_configuration() {
        assert!(cors(&[]).is_none());
    }

    #[test]
    fn an_allowed_origin_gets_its_headers_and_another_one_gets_none() {
        let cors = cors(&["https://a.example", "http://*"]).unwrap();
        for (origin, is_allowed) in [
            ("https://a.example", true),
            ("http://anything", true),
            ("https://b.example", false),
            ("https://a.example.evil", false),
            ("null", false),
        ] {
            let allowed = headers(&cors, &parts(Method::POST, &[("origin", origin)]));
            let expected =
                [("access-control-allow-origin", origin), ("access-control-expose-headers", "x-request-id")];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(allowed, if is_allowed { expected.to_vec() } else { Vec::new() }, "{origin}");
        }
        assert!(headers(&cors, &parts(Method::POST, &[])).is_empty(), "no header without an origin");
    }

    #[test]
    fn a_star_allows_every_origin() {
        let request = parts(Method::POST, &[("origin", "https://a.example")]);
        let headers = headers(&cors(&["*"]).unwrap(), &request);
        assert!(headers.contains(&("access-control-allow-origin".to_owned(), "*".to_owned())), "{headers:?}");
    }

    #[test]
    fn a_preflight_is_answered_with_the_allowed_methods_and_headers() {
        let cors = cors(&["https://a.example"]).unwrap();
        let response = cors.preflight(&preflight("https://a.example")).unwrap();
        assert_eq!(response.status(), 204);
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_METHODS], "GET,POST");
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], "authorization");
        assert_eq!(response.headers()[header::ACCESS_CONTROL_MAX_AGE], "600");
        assert!(cors.preflight(&preflight("https://b.example")).unwrap().headers().is_empty());
        assert!(cors.preflight(&parts(Method::OPTIONS, &[("origin", "https://a.example")])).is_none());
        assert!(cors.preflight(&parts(Method::GET, &[("origin", "https://a.example")])).is_none());
    }
}
