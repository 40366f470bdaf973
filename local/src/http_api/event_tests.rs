use std::net::Ipv4Addr;

use axum::http::{Method, Request};
use lambda_http::{aws_lambda_events::apigw::ApiGatewayV2httpRequest, request::from_str};
use serde_json::{Value, json};

use super::{
    claims::Jwt,
    event::{Event, Received, path},
};
use crate::template::RouteKey;

const ID: &str = "JKJaXmPLvHcESHA=";

/// The event of a request over a route.
fn event(request: Request<&[u8]>, route: &RouteKey, jwt: Option<Jwt>) -> Value {
    let (request, body) = request.into_parts();
    let received = Received {
        path: &path(&request.uri),
        request: &request,
        body,
        route,
        path_parameters: [("proxy".to_owned(), "x/y".to_owned())].into(),
        jwt,
        request_id: ID,
        source_ip: Ipv4Addr::LOCALHOST.into(),
        domain: "127.0.0.1:8080",
        time: "2026-03-12T19:03:58.123Z".parse().unwrap(),
    };
    serde_json::to_value(Event::new(received)).unwrap()
}

fn any(path: &str) -> RouteKey {
    RouteKey::Path { method: None, path: path.to_owned() }
}

#[test]
fn an_event_has_every_member_of_format_2_0() {
    let request = Request::post("/a/x%2Fy?b=1&a=%20&b=2+3&c")
        .header("content-type", "application/json")
        .header("cookie", "one=1; two=2")
        .header("cookie", "three=3")
        .header("host", "evil.example")
        .header("connection", "keep-alive")
        .header("user-agent", "test")
        .header("x-amzn-trace-id", "Root=1-0-0")
        .header("x-forwarded-for", "10.0.0.1")
        .header("x-forwarded-proto", "gopher")
        .header("X-Twice", "1")
        .header("x-twice", "2");
    let claims = [("iss".to_owned(), "i".to_owned())].into();
    let jwt = Jwt { claims, scopes: vec!["xzepr/admin".to_owned()] };
    let event = event(request.body(&b"{}"[..]).unwrap(), &any("/a/{proxy+}"), Some(jwt));
    let expected = json!({
        "version": "2.0",
        "routeKey": "ANY /a/{proxy+}",
        "rawPath": "/a/x/y",
        "rawQueryString": "b=1&a=%20&b=2+3&c",
        "cookies": ["one=1", "two=2", "three=3"],
        "headers": {
            "content-length": "2",
            "content-type": "application/json",
            "host": "127.0.0.1:8080",
            "user-agent": "test",
            "x-amzn-trace-id": "Root=1-0-0",
            "x-forwarded-for": "10.0.0.1, 127.0.0.1",
            "x-forwarded-port": "8080",
            "x-forwarded-proto": "http",
            "x-twice": "1,2",
        },
        "queryStringParameters": {"a": " ", "b": "1,2 3", "c": ""},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "authorizer": {"jwt": {"claims": {"iss": "i"}, "scopes": ["xzepr/admin"]}},
            "domainName": "127.0.0.1:8080",
            "domainPrefix": "127",
            "http": {
                "method": "POST",
                "path": "/a/x/y",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test",
            },
            "requestId": ID,
            "routeKey": "ANY /a/{proxy+}",
            "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000",
            "timeEpoch": 1_773_342_238_123_u64,
        },
        "pathParameters": {"proxy": "x/y"},
        "body": "{}",
        "isBase64Encoded": false,
    });
    assert_eq!(event, expected);
}

#[test]
fn a_member_without_a_value_is_absent() {
    let event = event(Request::get("/").body(&[][..]).unwrap(), &RouteKey::Default, None);
    for absent in ["cookies", "queryStringParameters", "body", "stageVariables"] {
        assert_eq!(event.get(absent), None, "{absent}");
    }
    assert_eq!((&event["routeKey"], &event["isBase64Encoded"]), (&json!("$default"), &json!(false)));
    assert_eq!(event["requestContext"].get("authorizer"), None);
    assert_eq!(event["headers"]["x-amzn-trace-id"].as_str().unwrap().len(), 40);
}

#[test]
fn a_header_that_is_not_utf_8_reaches_the_function_as_text() {
    let request = Request::get("/").header("x", &b"\xff"[..]).header("y", "ä".as_bytes());
    let event = event(request.body(&[][..]).unwrap(), &RouteKey::Default, None);
    assert_eq!((&event["headers"]["x"], &event["headers"]["y"]), (&json!("\u{fffd}"), &json!("ä")));
}

#[test]
fn a_path_is_decoded_once_and_ends_before_a_question_mark() {
    for (uri, expected) in [
        ("/api/v1/%65vents?x=%20", "/api/v1/events"),
        ("/a%2Fb%252Fc", "/a/b%2Fc"),
        ("/a%3Fadmin=true", "/a"),
        ("/%FF", "/\u{fffd}"),
        ("/a/../b//", "/a/../b//"),
        ("/100%", "/100%"),
    ] {
        assert_eq!(path(&uri.parse().unwrap()), expected, "{uri}");
    }
}

/// The functions read an event with these types.
#[test]
fn lambda_http_reads_the_event() {
    let request = Request::put("/a/ä%20b?c=%20").header("cookie", "d=1").header("content-type", "image/png");
    let event = event(request.body(&b"\xff"[..]).unwrap(), &any("/a/{id}"), None);
    let typed: ApiGatewayV2httpRequest = serde_json::from_value(event.clone()).unwrap();
    assert_eq!(typed.request_context.http.method, Method::PUT);
    assert_eq!(
        (typed.route_key.unwrap(), typed.request_context.time_epoch),
        ("ANY /a/{id}".to_owned(), 1_773_342_238_123)
    );
    let request = from_str(&event.to_string()).unwrap();
    assert_eq!(request.uri(), "http://127.0.0.1:8080/a/%C3%A4%20b?c=%20");
    assert_eq!(request.body().as_ref(), b"\xff");
    assert_eq!(request.headers()["cookie"], "d=1");
}
