//! The routes of the API without an authorizer: the default route, and those of browsers' preflight requests.

use std::convert::Infallible;

use lambda_http::{
    Body, Request, RequestExt, Response,
    http::{Method, StatusCode},
    request::RequestContext,
};
use xzepr_http::Api;

/// Without endpoints every path is unknown.
pub(crate) fn api() -> Api<'static> {
    Api::new()
}

/// Responds with 204 over a route for `OPTIONS`, and with 404 otherwise. API Gateway adds the CORS headers, and a
/// browser demands a successful status: <https://fetch.spec.whatwg.org/#cors-preflight-fetch>.
pub(crate) async fn respond(api: &Api<'_>, request: Request) -> Result<Response<Body>, Infallible> {
    if is_preflight(&request) {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    }
    api.respond(request).await
}

/// The template has such routes only with CORS.
fn is_preflight(request: &Request) -> bool {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else { return false };
    let route_key = context.route_key.as_deref().unwrap_or_default();
    request.method() == Method::OPTIONS && route_key.starts_with("OPTIONS ")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
    use xzepr_http::testing::{request, text};

    use super::*;

    async fn response_over(route_key: &str, method: &str, path: &str) -> String {
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.route_key = Some(route_key.to_owned());
        let request = request(method, path, "{}").with_request_context(RequestContext::ApiGatewayV2(context));
        let Ok(response) = respond(&api(), request).await;
        text(response)
    }

    #[tokio::test]
    async fn every_path_is_not_found() {
        let mut responses = Vec::new();
        for path in ["", "/", "/api/v1/events", "/api/v1/admin/replays/01HJ1K2M3N4P5Q6R7S8T9V0W1X"] {
            for method in ["GET", "POST", "PUT", "OPTIONS"] {
                responses.push(response_over("$default", method, path).await);
            }
        }
        responses.dedup();
        assert_snapshot!(responses.join("\n\n"), @r#"
            404 Not Found
            content-type: application/json
            x-request-id: REQUEST

            {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
        "#);
    }

    #[tokio::test]
    async fn a_preflight_request_succeeds_over_its_own_route() {
        let response = response_over("OPTIONS /api/v1/events", "OPTIONS", "/api/v1/events").await;
        assert_eq!(response, "204 No Content\n");
    }
}
