use axum::{body::to_bytes, response::Response};
use serde_json::{Value, json};

use super::response::{Malformed, of_function};

async fn body(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

fn of_value(value: &Value) -> Result<Response, Malformed> {
    of_function(value.to_string().as_bytes())
}

#[tokio::test]
async fn a_response_in_format_2_0_becomes_http() {
    let response = of_value(&json!({
        "statusCode": 201,
        "headers": {"Content-Type": "application/json", "x-count": 2, "connection": "close", "content-length": "9"},
        "multiValueHeaders": {"x-ignored": ["1"]},
        "cookies": ["a=1; Secure", "b=2"],
        "body": "{}",
        "isBase64Encoded": false,
    }))
    .unwrap();
    assert_eq!(response.status(), 201);
    let headers: Vec<_> =
        response.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    let expected = [
        ("content-type", "application/json"),
        ("x-count", "2"),
        ("set-cookie", "a=1; Secure"),
        ("set-cookie", "b=2"),
    ];
    assert_eq!(headers, expected);
    assert_eq!(body(response).await, "{}");
}

#[test]
fn a_response_above_lambdas_6_mb_is_passed_on_to_nobody() {
    let of_bytes = |bytes: usize| {
        // Each quotation mark of the body is two bytes.
        let body = "\"".repeat(bytes / 2);
        of_value(&json!({"statusCode": 200, "body": body})).map(|response| response.status().as_u16())
    };
    assert_eq!(of_bytes(6 * 1024 * 1024 - 100), Ok(200));
    assert_eq!(of_bytes(6 * 1024 * 1024), Err(Malformed::TooLarge));
}

#[tokio::test]
async fn a_response_with_no_more_than_a_status_is_valid() {
    let response = of_value(&json!({"statusCode": "404", "headers": null, "body": null})).unwrap();
    assert_eq!((response.status().as_u16(), response.headers().len()), (404, 0));
    assert_eq!(body(response).await, "");
}

#[tokio::test]
async fn a_base64_body_is_decoded_and_a_body_without_a_type_is_text() {
    let response = of_value(&json!({"statusCode": 200, "body": "w6Q=", "isBase64Encoded": true})).unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(body(response).await, "ä");
}

#[tokio::test]
async fn json_without_a_status_code_is_the_body_of_a_success() {
    for (returned, expected) in [
        (json!({"message": "x"}), r#"{"message":"x"}"#),
        (json!("Hello"), "Hello"),
        (json!([1]), "[1]"),
        (json!(null), "null"),
    ] {
        let response = of_value(&returned).unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"application/json".parse().unwrap())
        );
        assert_eq!(body(response).await, expected);
    }
}

#[test]
fn a_malformed_response_is_an_error() {
    for (returned, error) in [
        (json!({"statusCode": 99}), Malformed::StatusCode),
        (json!({"statusCode": 101}), Malformed::StatusCode),
        (json!({"statusCode": 600}), Malformed::StatusCode),
        (json!({"statusCode": 70000}), Malformed::StatusCode),
        (json!({"statusCode": 200.5}), Malformed::StatusCode),
        (json!({"statusCode": "x"}), Malformed::StatusCode),
        (json!({"statusCode": null}), Malformed::StatusCode),
        (json!({"statusCode": 200, "body": {}}), Malformed::WrongType),
        (json!({"statusCode": 200, "headers": []}), Malformed::WrongType),
        (json!({"statusCode": 200, "headers": {"a": ["b"]}}), Malformed::WrongType),
        (json!({"statusCode": 200, "headers": {"a b": "c"}}), Malformed::Header),
        (json!({"statusCode": 200, "headers": {"a": "b\n"}}), Malformed::Header),
        (json!({"statusCode": 200, "cookies": ["\n"]}), Malformed::Header),
        (json!({"statusCode": 200, "body": "?", "isBase64Encoded": true}), Malformed::NotBase64),
    ] {
        assert_eq!(of_value(&returned).unwrap_err(), error, "{returned}");
    }
    assert_eq!(of_function(b"").unwrap_err(), Malformed::NotJson);
    assert_eq!(of_function(b"<html>").unwrap_err(), Malformed::NotJson);
}
