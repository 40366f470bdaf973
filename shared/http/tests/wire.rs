//! Every response that the HTTP functions share: status, headers and body.

#![expect(clippy::unwrap_used, reason = "a test ends by a panic")]

use std::{sync::Mutex, time::Duration};

use insta::assert_snapshot;
use lambda_http::{Body, Request};
use xzepr_domain::{EventRequest, Fault, FaultKind, Rejected, ReplayId};
use xzepr_http::{
    Api, BatchEntry, Command, HttpError, Noun, Success, routes,
    testing::{request, respond, with_key},
};
use xzepr_store::StoreError;

/// The response to a request that fails.
async fn refusal(error: HttpError) -> String {
    let error = Mutex::new(Some(error));
    let handler = |_: Command| {
        let error = error.lock().unwrap().take().unwrap();
        async { Err::<Success<()>, _>(error) }
    };
    let api = Api::new().endpoint(routes::CREATE_EVENT, handler);
    respond(&api, request("POST", "/api/v1/events", "")).await
}

/// The response to a request that an endpoint accepts, or that is refused before its handler.
async fn response(request: Request) -> String {
    let create = async |_: Command| Ok(Success::ok("01HJ1K2M3N4P5Q6R7S8T9V0W1Z"));
    respond(&Api::new().endpoint(routes::CREATE_EVENT, create), request).await
}

const REPLAY: &str = "/api/v1/admin/replays/01HJ37820W5Q6R7S8T9V0W1X2Y";

/// Two routes that share a path.
fn replays() -> Api<'static> {
    Api::new()
        .endpoint(routes::GET_REPLAY, async |id: ReplayId| Ok(Success::ok(id.to_string())))
        .endpoint(routes::CANCEL_REPLAY, async |_: ReplayId| Err::<Success<()>, _>(HttpError::NotFound))
}

fn rejected(faults: &[(FaultKind, &'static str, &str, &str)]) -> HttpError {
    let faults = faults.iter().map(|(kind, field, place, problem)| Fault {
        kind: *kind,
        field,
        place: (*place).to_owned(),
        problem: (*problem).to_owned(),
    });
    HttpError::Rejected(Rejected { faults: faults.collect() })
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
async fn a_handler_gets_the_body_as_it_was_sent() {
    let echo = async |command: Command| Ok(Success::ok(command.body));
    let api = Api::new().endpoint(routes::CREATE_EVENT, echo);
    for (body, expected) in [
        (Body::Text(r#"{"é": 1.00}"#.to_owned()), r#"{"data":"{\"é\": 1.00}"}"#),
        (Body::Binary(r#"{"é": 1.00}"#.into()), r#"{"data":"{\"é\": 1.00}"}"#),
        (Body::Empty, r#"{"data":""}"#),
    ] {
        let response = respond(&api, request("POST", "/api/v1/events", body)).await;
        assert!(response.ends_with(expected), "{response}");
    }
}

#[tokio::test]
async fn a_key_belongs_to_the_resource_and_not_to_the_spelling_of_its_path() {
    let hash = async |command: Command| Ok(Success::ok(command.idempotency.map(|key| key.request_hash)));
    let api = Api::new()
        .endpoint(routes::CREATE_EVENT_RECEIVER, hash)
        .endpoint(routes::CREATE_EVENT_RECEIVER_GROUP, hash);
    let send = async |path| respond(&api, with_key(request("POST", path, "{}"), "k")).await;
    let receivers = send("/api/v1/event-receivers").await;
    for path in ["/api/v1/event-receivers/", "/api/v1/receivers", "/api/v1/receivers/"] {
        assert_eq!(send(path).await, receivers, "{path}");
    }
    assert_ne!(send("/api/v1/groups").await, receivers);
}

#[tokio::test]
async fn an_accepted_request_returns_its_id() {
    let start = async |_: Command| Ok(Success::accepted("01HJ1K2M3N4P5Q6R7S8T9V0W1Z"));
    let api = Api::new().endpoint(routes::CREATE_EVENT, start);
    assert_snapshot!(respond(&api, request("POST", "/api/v1/events", "")).await, @r#"
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
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "post", "X"] {
        responses.push(response(request(method, "/api/v1/events", "{}")).await);
    }
    responses.dedup();
    assert_snapshot!(responses.join("\n\n"), @r#"
        405 Method Not Allowed
        content-type: application/json
        allow: GET, HEAD, POST
        x-request-id: REQUEST

        {"error":"method_not_allowed","message":"This path takes GET, HEAD, POST requests only.","errors":["This path takes GET, HEAD, POST requests only."]}
    "#);
}

#[tokio::test]
async fn a_path_with_two_methods_names_both() {
    assert_snapshot!(respond(&replays(), request("PUT", REPLAY, "")).await, @r#"
        405 Method Not Allowed
        content-type: application/json
        allow: GET, HEAD, DELETE
        x-request-id: REQUEST

        {"error":"method_not_allowed","message":"This path takes GET, HEAD, DELETE requests only.","errors":["This path takes GET, HEAD, DELETE requests only."]}
    "#);
}

#[tokio::test]
async fn a_path_with_an_id_has_a_route_for_each_method() {
    let responses = async |target: &str| {
        let mut responses = Vec::new();
        for method in ["GET", "HEAD", "DELETE"] {
            responses.push(respond(&replays(), request(method, target, "")).await);
        }
        responses.join("\n\n")
    };
    assert_snapshot!(responses(REPLAY).await, @r#"
        200 OK
        content-type: application/json
        x-request-id: REQUEST

        {"data":"01HJ37820W5Q6R7S8T9V0W1X2Y"}

        200 OK
        content-type: application/json
        x-request-id: REQUEST


        404 Not Found
        content-type: application/json
        x-request-id: REQUEST

        {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    "#);
    assert_eq!(responses(REPLAY).await, responses(&format!("{REPLAY}/")).await);
    assert_snapshot!(responses("/api/v1/admin/replays/x").await, @r#"
        404 Not Found
        content-type: application/json
        x-request-id: REQUEST

        {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}

        404 Not Found
        content-type: application/json
        x-request-id: REQUEST

        {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}

        404 Not Found
        content-type: application/json
        x-request-id: REQUEST

        {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    "#);
}

#[tokio::test]
async fn a_method_that_another_function_serves_is_unknown_here() {
    let response = response(request("GET", "/api/v1/events", "")).await;
    assert!(response.starts_with("404 Not Found"), "{response}");
}

#[tokio::test]
async fn an_unknown_id_names_the_kind_of_thing() {
    let mut responses = Vec::new();
    for noun in [Noun::Event, Noun::EventReceiver, Noun::EventReceiverGroup] {
        responses.push(refusal(HttpError::UnknownId(noun)).await);
    }
    assert_snapshot!(responses.join("\n\n"), @r#"
        404 Not Found
        content-type: application/json
        x-request-id: REQUEST

        {"error":"not_found","message":"There is no event with this id.","errors":["There is no event with this id."]}

        404 Not Found
        content-type: application/json
        x-request-id: REQUEST

        {"error":"not_found","message":"There is no event receiver with this id.","errors":["There is no event receiver with this id."]}

        404 Not Found
        content-type: application/json
        x-request-id: REQUEST

        {"error":"not_found","message":"There is no event receiver group with this id.","errors":["There is no event receiver group with this id."]}
    "#);
}

#[tokio::test]
async fn a_cursor_that_cannot_be_followed_has_a_code_of_its_own() {
    assert_snapshot!(refusal(HttpError::invalid_cursor("belongs to other filters")).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_cursor","message":"The query string has a fault: cursor: belongs to other filters.","field":"cursor","errors":["cursor: belongs to other filters"]}
    "#);
}

#[tokio::test]
async fn an_artifact_of_too_many_receivers_is_422() {
    assert_snapshot!(refusal(StoreError::ArtifactFull.into()).await, @r#"
        422 Unprocessable Entity
        content-type: application/json
        x-request-id: REQUEST

        {"error":"artifact_has_too_many_receivers","message":"This artifact has events of too many event receivers; use another version or release.","errors":["This artifact has events of too many event receivers; use another version or release."]}
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
        allow: GET, HEAD, POST
        x-request-id: REQUEST

        {"error":"method_not_allowed","message":"This path takes GET, HEAD, POST requests only.","errors":["This path takes GET, HEAD, POST requests only."]}
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
    assert_snapshot!(refusal(HttpError::UnidentifiedCaller).await, @r#"
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
async fn events_that_cannot_be_read_are_refused() {
    let mut responses = Vec::new();
    for error in [
        HttpError::TooManyEvents,
        HttpError::UnsupportedMediaType,
        HttpError::UnidentifiedSender,
        HttpError::CloudEventReused,
        HttpError::TooManySchemas,
    ] {
        responses.push(refusal(error).await);
    }
    assert_snapshot!(responses.join("\n\n"), @r#"
    413 Payload Too Large
    content-type: application/json
    x-request-id: REQUEST

    {"error":"too_large","message":"A batch must have at most 100 events.","errors":["A batch must have at most 100 events."]}

    415 Unsupported Media Type
    content-type: application/json
    x-request-id: REQUEST

    {"error":"unsupported_media_type","message":"A CloudEvent is sent as application/cloudevents+json, and a batch of them as application/cloudevents-batch+json, both in UTF-8.","errors":["A CloudEvent is sent as application/cloudevents+json, and a batch of them as application/cloudevents-batch+json, both in UTF-8."]}

    400 Bad Request
    content-type: application/json
    x-request-id: REQUEST

    {"error":"invalid_idempotency_key","message":"A CloudEvent's source and id cannot be its idempotency key: the API's authorizer does not tell callers apart (it must give a JWT's iss and sub, a principalId, or an IAM identity).","errors":["A CloudEvent's source and id cannot be its idempotency key: the API's authorizer does not tell callers apart (it must give a JWT's iss and sub, a principalId, or an IAM identity)."]}

    422 Unprocessable Entity
    content-type: application/json
    x-request-id: REQUEST

    {"error":"idempotency_key_reused","message":"A CloudEvent with this source and id had another content before: a new event takes a new id.","errors":["A CloudEvent with this source and id had another content before: a new event takes a new id."]}

    503 Service Unavailable
    content-type: application/json
    retry-after: 1
    x-request-id: REQUEST

    {"error":"unavailable","message":"The batch has events of too many receivers whose schemas are not in memory yet; send the event again.","errors":["The batch has events of too many receivers whose schemas are not in memory yet; send the event again."]}
    "#);
}

#[tokio::test]
async fn a_batch_has_an_entry_for_each_event() {
    let create = async |_: Command| {
        let fault = || rejected(&[(FaultKind::PayloadMismatch, "payload", "/a", "must be a string")]);
        let unavailable = StoreError::Unavailable("of the table".to_owned());
        let id = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z".to_owned();
        Ok(BatchEntry::all(vec![Ok(id), Err(fault()), Err(fault()), Err(unavailable.into())]))
    };
    let api = Api::new().endpoint(routes::CREATE_EVENTS, create);
    let response = respond(&api, request("POST", "/api/v1/events/batch", "")).await;
    assert_snapshot!(response.replace("},{\"status", "},\n{\"status"), @r#"
    207 Multi-Status
    content-type: application/json
    x-request-id: REQUEST

    {"data":[{"status":200,"data":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z"},
    {"status":400,"error":"payload_mismatch","message":"The event has a fault: payload/a: must be a string.","field":"payload","errors":["payload/a: must be a string"]},
    {"status":400,"error":"payload_mismatch","message":"The event has a fault: payload/a: must be a string.","field":"payload","errors":["payload/a: must be a string"]},
    {"status":503,"error":"unavailable","message":"The registry is not available at the moment; send this event again.","errors":["The registry is not available at the moment; send this event again."]}]}
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
    let error = HttpError::invalid_parameter("end", "must not be in the future");
    assert_snapshot!(refusal(error).await, @r#"
        400 Bad Request
        content-type: application/json
        x-request-id: REQUEST

        {"error":"invalid_parameter","message":"The query string has a fault: end: must not be in the future.","field":"end","errors":["end: must not be in the future"]}
    "#);
}

#[tokio::test]
async fn a_replay_that_conflicts_is_named() {
    assert_snapshot!(refusal(HttpError::TooManyReplays).await, @r#"
        409 Conflict
        content-type: application/json
        x-request-id: REQUEST

        {"error":"too_many_replays","message":"As many replays run as may run at once: wait for one, or cancel one.","errors":["As many replays run as may run at once: wait for one, or cancel one."]}
    "#);
    let id = "01HJ37820W5Q6R7S8T9V0W1X2Y".to_owned();
    assert_snapshot!(refusal(HttpError::ReplayIsRunning(id.clone())).await, @r#"
        409 Conflict
        content-type: application/json
        x-request-id: REQUEST

        {"error":"replay_running","message":"Replay 01HJ37820W5Q6R7S8T9V0W1X2Y of a part of this range is running: wait for it, or cancel it.","errors":["Replay 01HJ37820W5Q6R7S8T9V0W1X2Y of a part of this range is running: wait for it, or cancel it."],"data":"01HJ37820W5Q6R7S8T9V0W1X2Y"}
    "#);
    assert_snapshot!(refusal(HttpError::ReplayHasEnded(id)).await, @r#"
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
    let timed_out = HttpError::TimedOut { after: Duration::from_secs(8) };
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
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_told_to_come_again() {
    let create = async |_: Command| {
        tokio::time::sleep(Duration::from_secs(9)).await;
        Ok(Success::ok(""))
    };
    let api = Api::new().endpoint(routes::CREATE_EVENT, create);
    assert_snapshot!(respond(&api, request("POST", "/api/v1/events", "{}")).await, @r#"
        503 Service Unavailable
        content-type: application/json
        retry-after: 1
        x-request-id: REQUEST

        {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
    "#);
}
