//! Every response that the HTTP functions share: status, headers and body.

use std::time::Duration;

use insta::assert_snapshot;
use lambda_http::{
    Body, Context, Request, RequestExt, Response,
    http::{self, HeaderValue, StatusCode},
};
use xzepr_domain::{EventRequest, Fault, FaultKind, Rejected};
use xzepr_http::{EVENTS, Error, Success, answer};
use xzepr_store::StoreError;

fn request(method: &str, path: &str, body: impl Into<Body>) -> Request {
    let mut context = Context::default();
    context.request_id = "REQUEST".to_owned();
    let request = http::Request::builder().method(method).body(body.into()).unwrap();
    request.with_raw_http_path(path).with_lambda_context(context)
}

fn with_key(mut request: Request, key: &'static str) -> Request {
    request.headers_mut().insert("idempotency-key", HeaderValue::from_static(key));
    request
}

fn text(response: Response<Body>) -> String {
    let (parts, body) = response.into_parts();
    let headers = parts.headers.iter();
    let headers: String =
        headers.map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
    let body = match body {
        Body::Text(text) => text,
        body => format!("{body:?}"),
    };
    format!("{}\n{headers}\n{body}", parts.status)
}

/// The response to a request that fails.
async fn refusal(error: Error) -> String {
    let Ok(response) = answer(request("POST", "/", ""), async |_| Err::<Success<()>, _>(error)).await;
    text(response)
}

/// The response to a request that an endpoint accepts or refuses by itself.
async fn response(request: Request) -> String {
    let Ok(response) = EVENTS.answer(request, async |_, _| Ok("01HJ1K2M3N4P5Q6R7S8T9V0W1Z")).await;
    text(response)
}

fn rejected(faults: &[(FaultKind, &'static str, &str, &str)]) -> Error {
    let faults = faults.iter().map(|(kind, field, place, problem)| Fault {
        kind: *kind,
        field,
        place: (*place).to_owned(),
        problem: (*problem).to_owned(),
    });
    Error::Rejected(Rejected { faults: faults.collect() })
}

#[tokio::test]
async fn a_create_returns_an_id() {
    assert_snapshot!(response(request("POST", "/api/v1/events", "{}")).await, @r#"
        200 OK
        content-type: application/json
        x-request-id: REQUEST

        {"data":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z"}
    "#);
    assert_snapshot!(response(request("POST", "/api/v1/events/", "{}")).await, @r#"
        200 OK
        content-type: application/json
        x-request-id: REQUEST

        {"data":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z"}
    "#);
    assert_snapshot!(response(with_key(request("POST", "/api/v1/events", "{}"), "k")).await, @r#"
        200 OK
        content-type: application/json
        x-request-id: REQUEST

        {"data":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z"}
    "#);
}

#[tokio::test]
async fn an_accepted_request_returns_its_id() {
    let work =
        async |_: &Request| Ok(Success { status: StatusCode::ACCEPTED, data: "01HJ1K2M3N4P5Q6R7S8T9V0W1Z" });
    let Ok(response) = answer(request("POST", "/", ""), work).await;
    assert_snapshot!(text(response), @r#"
        202 Accepted
        content-type: application/json
        x-request-id: REQUEST

        {"data":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z"}
    "#);
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let mut responses = Vec::new();
    for path in ["/api/v1/events/x", "/api/v1/events//", "/api/v1/event", "/", "", "/api/v1/event-receivers"]
    {
        responses.push(response(request("POST", path, "{}")).await);
        responses.push(response(request("GET", path, "")).await);
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
async fn another_method_is_not_allowed() {
    let mut responses = Vec::new();
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "post", "X"] {
        responses.push(response(request(method, "/api/v1/events", "{}")).await);
    }
    responses.dedup();
    assert_snapshot!(responses.join("\n\n"), @r#"
        405 Method Not Allowed
        content-type: application/json
        allow: POST
        x-request-id: REQUEST

        {"error":"method_not_allowed","message":"This path takes POST requests only.","errors":["This path takes POST requests only."]}
    "#);
}

#[tokio::test]
async fn a_path_with_two_methods_names_both() {
    assert_snapshot!(refusal(Error::MethodNotAllowed { allow: "GET, DELETE" }).await, @r#"
        405 Method Not Allowed
        content-type: application/json
        allow: GET, DELETE
        x-request-id: REQUEST

        {"error":"method_not_allowed","message":"This path takes GET, DELETE requests only.","errors":["This path takes GET, DELETE requests only."]}
    "#);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    let long = "x".repeat(512 * 1024 + 1);
    assert_snapshot!(response(request("POST", "/api/v1/events", long.clone())).await, @r#"
        413 Payload Too Large
        content-type: application/json
        x-request-id: REQUEST

        {"error":"too_large","message":"The body must have at most 512 KiB.","errors":["The body must have at most 512 KiB."]}
    "#);
    assert_snapshot!(response(request("POST", "/api/v1/events", vec![0xff])).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_json","message":"The body is not UTF-8.","errors":["The body is not UTF-8."]}
    "#);
    assert_snapshot!(response(request("PUT", "/api/v1/events", long)).await, @r#"
        405 Method Not Allowed
        content-type: application/json
        allow: POST
        x-request-id: REQUEST

        {"error":"method_not_allowed","message":"This path takes POST requests only.","errors":["This path takes POST requests only."]}
    "#);
    let Err(invalid) = EventRequest::parse("{}{}") else { panic!("two objects") };
    assert_snapshot!(refusal(invalid.into()).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_json","message":"The body is not valid JSON: trailing characters at line 1 column 3.","errors":["The body is not valid JSON: trailing characters at line 1 column 3."]}
    "#);
}

#[tokio::test]
async fn an_idempotency_key_that_is_none_is_refused() {
    assert_snapshot!(response(with_key(request("POST", "/api/v1/events", "{}"), "\"")).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_idempotency_key","message":"The header Idempotency-Key must be 1 to 255 printable ASCII characters, in quotes or without any.","errors":["The header Idempotency-Key must be 1 to 255 printable ASCII characters, in quotes or without any."]}
    "#);
    assert_snapshot!(response(with_key(request("POST", "/api/v1/events", "{}"), "a,b")).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_idempotency_key","message":"The header Idempotency-Key has more than one key: a request has one, and a key that contains a comma is sent in quotes.","errors":["The header Idempotency-Key has more than one key: a request has one, and a key that contains a comma is sent in quotes."]}
    "#);
    assert_snapshot!(refusal(Error::UnidentifiedCaller).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_idempotency_key","message":"The header Idempotency-Key cannot be used: the API's authorizer does not tell callers apart (it must give a JWT's iss and sub, a principalId, or an IAM identity).","errors":["The header Idempotency-Key cannot be used: the API's authorizer does not tell callers apart (it must give a JWT's iss and sub, a principalId, or an IAM identity)."]}
    "#);
    assert_snapshot!(refusal(StoreError::KeyReused.into()).await, @r#"
        422 Unprocessable Entity
        content-type: application/json
        x-request-id: REQUEST

        {"error":"idempotency_key_reused","message":"The header Idempotency-Key was sent with another request before: a new request takes a new key.","errors":["The header Idempotency-Key was sent with another request before: a new request takes a new key."]}
    "#);
}

#[tokio::test]
async fn faults_of_a_body_are_all_named() {
    let mut responses = Vec::new();
    for (kind, field, place, problem) in [
        (FaultKind::InvalidField, "name", "", "is required"),
        (FaultKind::UnknownReceiver, "event_receiver_id", "", "names no event receiver: 01HJ"),
        (FaultKind::InvalidSchema, "schema", "", "does not compile: because"),
        (FaultKind::PayloadMismatch, "payload", "/commit", "must be a string"),
        (FaultKind::PayloadTooComplex, "payload", "", "takes too much work to check"),
        (FaultKind::TooLarge, "payload", "", "must have at most 256 KiB"),
    ] {
        responses.push(refusal(rejected(&[(kind, field, place, problem)])).await);
    }
    assert_snapshot!(responses.join("\n\n"), @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_field","message":"The body has a fault: name: is required.","field":"name","errors":["name: is required"]}

        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"unknown_receiver","message":"The body has a fault: event_receiver_id: names no event receiver: 01HJ.","field":"event_receiver_id","errors":["event_receiver_id: names no event receiver: 01HJ"]}

        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_schema","message":"The body has a fault: schema: does not compile: because.","field":"schema","errors":["schema: does not compile: because"]}

        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"payload_mismatch","message":"The body has a fault: payload/commit: must be a string.","field":"payload","errors":["payload/commit: must be a string"]}

        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"payload_too_complex","message":"The body has a fault: payload: takes too much work to check.","field":"payload","errors":["payload: takes too much work to check"]}

        413 Payload Too Large
        content-type: application/json
        x-request-id: REQUEST

        {"error":"too_large","message":"The body has a fault: payload: must have at most 256 KiB.","field":"payload","errors":["payload: must have at most 256 KiB"]}
    "#);
    let faults = [
        (FaultKind::InvalidField, "name", "", "is required"),
        (FaultKind::PayloadMismatch, "payload", "/a", "must be a \"string\""),
    ];
    assert_snapshot!(refusal(rejected(&faults)).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_field","message":"The body has 2 faults, the first: name: is required.","field":"name","errors":["name: is required","payload/a: must be a \"string\""]}
    "#);
    assert_snapshot!(refusal(rejected(&[])).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_field","message":"The body has a fault.","errors":[]}
    "#);
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_named() {
    let error =
        Error::InvalidParameter { name: "end".to_owned(), rule: "must not be in the future".to_owned() };
    assert_snapshot!(refusal(error).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_parameter","message":"The query string has a fault: end: must not be in the future.","field":"end","errors":["end: must not be in the future"]}
    "#);
}

#[tokio::test]
async fn a_replay_that_conflicts_is_named() {
    let conflict = |code, message: &str, id: Option<&str>| Error::Conflict {
        code,
        message: message.to_owned(),
        id: id.map(str::to_owned),
    };
    let message = "As many replays run as may run at once: wait for one, or cancel one.";
    assert_snapshot!(refusal(conflict("too_many_replays", message, None)).await, @r#"
        409 Conflict
        content-type: application/json
        x-request-id: REQUEST

        {"error":"too_many_replays","message":"As many replays run as may run at once: wait for one, or cancel one.","errors":["As many replays run as may run at once: wait for one, or cancel one."]}
    "#);
    let id = "01HJ37820W5Q6R7S8T9V0W1X2Y";
    let message = format!("Replay {id} of a part of this range is running: wait for it, or cancel it.");
    assert_snapshot!(refusal(conflict("replay_running", &message, Some(id))).await, @r#"
        409 Conflict
        content-type: application/json
        x-request-id: REQUEST

        {"error":"replay_running","message":"Replay 01HJ37820W5Q6R7S8T9V0W1X2Y of a part of this range is running: wait for it, or cancel it.","errors":["Replay 01HJ37820W5Q6R7S8T9V0W1X2Y of a part of this range is running: wait for it, or cancel it."],"data":"01HJ37820W5Q6R7S8T9V0W1X2Y"}
    "#);
    let message = format!("Replay {id} has ended.");
    assert_snapshot!(refusal(conflict("replay_ended", &message, Some(id))).await, @r#"
        409 Conflict
        content-type: application/json
        x-request-id: REQUEST

        {"error":"replay_ended","message":"Replay 01HJ37820W5Q6R7S8T9V0W1X2Y has ended.","errors":["Replay 01HJ37820W5Q6R7S8T9V0W1X2Y has ended."],"data":"01HJ37820W5Q6R7S8T9V0W1X2Y"}
    "#);
}

#[tokio::test]
async fn a_table_that_fails_is_no_fault_of_the_caller() {
    let unavailable = StoreError::Unavailable("of the table".to_owned());
    assert_snapshot!(refusal(unavailable.into()).await, @r#"
        503 Service Unavailable
        content-type: application/json
        retry-after: 1
        x-request-id: REQUEST

        {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
    "#);
    let timed_out = Error::TimedOut { after: Duration::from_secs(8) };
    assert_snapshot!(refusal(timed_out).await, @r#"
        503 Service Unavailable
        content-type: application/json
        retry-after: 1
        x-request-id: REQUEST

        {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
    "#);
    assert_snapshot!(refusal(StoreError::Failed("of the table".to_owned()).into()).await, @r#"
        500 Internal Server Error
        content-type: application/json
        x-request-id: REQUEST

        {"error":"internal_error","message":"The registry failed; its operator finds the cause in the log under the request id.","errors":["The registry failed; its operator finds the cause in the log under the request id."]}
    "#);
    assert_snapshot!(refusal(Error::Stored("of the item".to_owned())).await, @r#"
        500 Internal Server Error
        content-type: application/json
        x-request-id: REQUEST

        {"error":"internal_error","message":"The registry failed; its operator finds the cause in the log under the request id.","errors":["The registry failed; its operator finds the cause in the log under the request id."]}
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_told_to_come_again() {
    let work = async |_: &str, _: Option<&_>| {
        tokio::time::sleep(Duration::from_secs(9)).await;
        Ok("")
    };
    let Ok(response) = EVENTS.answer(request("POST", "/api/v1/events", "{}"), work).await;
    assert_snapshot!(text(response), @r#"
        503 Service Unavailable
        content-type: application/json
        retry-after: 1
        x-request-id: REQUEST

        {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
    "#);
}
