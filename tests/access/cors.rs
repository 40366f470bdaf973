//! CORS, for pages that call the API.

use end_to_end::System;
use local::Auth;
use reqwest::{Method, Response};

use crate::caller::{self, EVENTS};

async fn send(system: &System, method: Method, origin: &str) -> Response {
    let request = reqwest::Client::new().request(method, format!("{}{EVENTS}", system.stack.api_url));
    let request = request.header("origin", origin).header("access-control-request-method", "POST");
    request.header("access-control-request-headers", "authorization").send().await.unwrap()
}

fn allowed_origin(response: &Response) -> Option<&str> {
    response.headers().get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_allowed_origin_may_ask_without_a_token_and_needs_one_to_post() {
    let system = System::start_with(|options| {
        options.auth = Auth::Jwt;
        options.cors_allow_origins = vec!["https://a.example".to_owned()];
    })
    .await;
    let preflight = send(&system, Method::OPTIONS, "https://a.example").await;
    assert_eq!((preflight.status().as_u16(), allowed_origin(&preflight)), (204, Some("https://a.example")));
    let headers = preflight.headers()["access-control-allow-headers"].to_str().unwrap();
    assert!(headers.split(',').any(|header| header == "authorization"), "{headers}");
    let methods = preflight.headers()["access-control-allow-methods"].to_str().unwrap();
    assert!(methods.split(',').any(|method| method == "POST"), "{methods}");
    assert_eq!(allowed_origin(&send(&system, Method::OPTIONS, "https://b.example").await), None);
    assert_eq!(send(&system, Method::POST, "https://a.example").await.status(), 401);
    let post = |origin: &'static str| {
        let token = caller::token(&system, "xzepr/events:write");
        let request = reqwest::Client::new().post(format!("{}{EVENTS}", system.stack.api_url)).body("{}");
        request.header("origin", origin).bearer_auth(token).send()
    };
    let posted = post("https://a.example").await.unwrap();
    assert_eq!((posted.status().as_u16(), allowed_origin(&posted)), (400, Some("https://a.example")));
    assert_eq!(allowed_origin(&post("https://b.example").await.unwrap()), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_origins_no_page_may_call_the_api() {
    let system = caller::system().await;
    let preflight = send(&system, Method::OPTIONS, "https://a.example").await;
    assert_eq!((preflight.status().as_u16(), allowed_origin(&preflight)), (401, None));
}
