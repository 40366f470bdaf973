//! CloudEvents over HTTP, in the structured and the binary content mode.

use std::collections::HashSet;

use end_to_end::{EventItem, Item, Response, System};
use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";
const STRUCTURED: &str = "application/cloudevents+json; charset=UTF-8";
const DATA: &str = r#"{ "z": 1.50,  "commit":"a\u00e9", "a":[1e2 , 12345678901234567890] }"#;
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The attributes of an event of a receiver.
fn attributes(receiver: &str) -> Value {
    json!({
        "specversion": "1.0", "id": "run-1842", "source": "/ci/myapp", "type": "com.example.build.finished",
        "receiverid": receiver, "success": true, "version": "2.1.0", "release": "2.1.0-rc.1",
        "platformid": "linux-x86_64", "package": "myapp", "description": "Built \"myapp\" für 1 €",
        "time": "2024-01-15T10:30:00.5+01:00", "subject": "myapp/2.1.0",
        "dataschema": "https://example.com/build", "datacontenttype": "application/json", "traceparent": TRACE,
    })
}

/// The plain body with the same content.
fn plain(receiver: &str) -> String {
    let mut body = attributes(receiver);
    for (attribute, member) in
        [("type", "name"), ("receiverid", "event_receiver_id"), ("platformid", "platform_id")]
    {
        body[member] = body[attribute].take();
    }
    with_data(&body, "payload", DATA)
}

fn with_data(attributes: &Value, name: &str, data: &str) -> String {
    let attributes = attributes.to_string();
    format!("{},\"{name}\":{data}}}", attributes.strip_suffix('}').unwrap())
}

fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'"' | b'%' => format!("%{byte:02X}"),
        b'!'..=b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

async fn post_structured(system: &System, attributes: &Value, data: &str) -> Response {
    system.post_as(STRUCTURED, EVENTS, with_data(attributes, "data", data)).await
}

/// Posts a CloudEvent in the binary content mode, with changes of its headers.
async fn post_binary(system: &System, attributes: &Value, changes: &[(&str, &[u8])], data: &str) -> Response {
    let header = |(name, value): (&String, &Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), percent_encoded);
        match name.as_str() {
            "datacontenttype" => ("content-type".to_owned(), value.as_str().unwrap().to_owned()),
            name => (format!("ce-{name}"), text),
        }
    };
    let headers: Vec<_> = attributes.as_object().unwrap().iter().map(header).collect();
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let unchanged = headers.iter().filter(|(name, _)| !is_changed(name));
    let headers: Vec<_> =
        unchanged.map(|(name, value)| (&**name, value.as_bytes())).chain(changes.iter().copied()).collect();
    system.post_with_headers(EVENTS, &headers, data.to_owned()).await
}

/// The stored event without its keys.
async fn content(system: &System, id: &str) -> Item {
    let mut item: Item = system.event_item(id).await.into();
    item.remove("pk");
    item.remove("sk");
    item
}

/// The errors of a response that is refused with this status.
fn errors(response: &Response, status: u16) -> String {
    assert_eq!(response.status, status, "{response}");
    let errors = response.body["errors"].as_array().unwrap();
    let errors: Vec<_> = errors.iter().map(|error| error.as_str().unwrap()).collect();
    format!("{}: {}", response.body["error"].as_str().unwrap(), errors.join("; "))
}

async fn any_schema(system: &System) -> String {
    let receiver = json!({"name": "n", "type": "t", "version": "1", "description": "d", "schema": true});
    system.create("/api/v1/event-receivers", &receiver).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_event_in_each_content_mode_is_the_event_of_the_plain_body() {
    let system = System::start().await;
    let receiver = any_schema(&system).await;
    let headers: [(&str, &[u8]); 2] = [("content-type", b"text/plain"), ("traceparent", TRACE.as_bytes())];
    let plain = system.post_with_headers(EVENTS, &headers, plain(&receiver)).await.id();
    let expected = content(&system, &plain).await;
    assert_eq!(expected["payload"].as_s().unwrap(), DATA);
    assert_eq!(expected["traceparent"].as_s().unwrap(), TRACE);

    let mut other = attributes(&receiver);
    let structured = post_structured(&system, &other, DATA).await.id();
    other["id"] = json!("run-1843");
    let binary = post_binary(&system, &other, &[], DATA).await.id();
    other["id"] = json!("run-1844");
    let quoted = "\"Built \\\"myapp\\\" f%C3%BCr 1 %E2%82%AC\"".as_bytes();
    let quoted = post_binary(&system, &other, &[("ce-description", quoted)], DATA).await.id();
    for id in [&structured, &binary, &quoted] {
        assert_eq!(content(&system, id).await, expected);
    }
    let ids = [plain, structured, binary, quoted];
    let messages = system.await_messages(&ids).await;
    for id in &ids {
        assert!(messages[id].len() == 1 && messages[id][0].value.contains(DATA), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_again_in_another_content_mode_stores_nothing() {
    let system = System::start().await;
    let receiver = any_schema(&system).await;
    let event = attributes(&receiver);
    let first = post_structured(&system, &event, DATA).await;
    assert_eq!(first.status, 200, "{first}");
    let stored = system.keys().await;
    assert_eq!(post_structured(&system, &event, DATA).await.body, first.body);
    assert_eq!(post_binary(&system, &event, &[], DATA).await.body, first.body);
    // The trace of an attempt is not part of the event.
    assert_eq!(post_binary(&system, &event, &[("ce-traceparent", b"")], DATA).await.body, first.body);
    assert_snapshot!(post_structured(&system, &event, "1").await, @r#"
    HTTP 422
    content-type: application/json
    x-request-id: [request id]

    {"error":"idempotency_key_reused","message":"A CloudEvent with this source and id had another content before: a new event takes a new id.","errors":["A CloudEvent with this source and id had another content before: a new event takes a new id."]}
    "#);
    let other = post_binary(&system, &event, &[("ce-success", b"false")], DATA).await;
    assert_eq!((other.status, &other.body["error"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(system.keys().await, stored);

    let keyed: [(&str, &[u8]); 2] = [("content-type", STRUCTURED.as_bytes()), ("idempotency-key", b"k")];
    let keyed = system.post_with_headers(EVENTS, &keyed, with_data(&event, "data", DATA)).await;
    assert_eq!(keyed.status, 200, "{keyed}");
    assert_ne!(keyed.body, first.body, "a header is the key before the source and id");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_times_the_same_event_at_once_make_one_event() {
    let system = System::start().await;
    let receiver = any_schema(&system).await;
    let event = attributes(&receiver);
    let responses = join_all((0..50).map(|_| post_structured(&system, &event, DATA))).await;
    let ids: HashSet<_> = responses.iter().map(Response::id).collect();
    assert_eq!(ids.len(), 1);
    let events = system.keys().await.into_iter().filter(|(pk, _)| pk.starts_with("EVENT#"));
    // The receiver has an event of its own.
    assert_eq!(events.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_attribute_is_named_in_each_content_mode() {
    let system = System::start().await;
    let receiver = any_schema(&system).await;
    let stored = system.keys().await;
    let mut refusals = String::new();
    for (name, value) in [
        ("specversion", "0.3"),
        ("specversion", "1.1"),
        ("id", ""),
        ("id", "a\u{1}"),
        ("source", ""),
        ("source", "a<b"),
        ("type", "a\u{7f}b"),
        ("subject", ""),
        ("subject", "a\nb"),
        ("description", "a\u{85}b"),
        ("dataschema", "schemas/build.json"),
        ("time", "2024-01-15T10:30:00"),
        ("datacontenttype", "text/plain"),
        ("success", "yes"),
        ("receiverid", "01HJ"),
    ] {
        let mut event = attributes(&receiver);
        event[name] = json!(value);
        let structured = errors(&post_structured(&system, &event, DATA).await, 400);
        assert_eq!(errors(&post_binary(&system, &event, &[], DATA).await, 400), structured);
        refusals += &format!("{name} {value:?}\n    {structured}\n");
    }
    assert_snapshot!(refusals, @r#"
    specversion "0.3"
        invalid_field: specversion: must be 1.0
    specversion "1.1"
        invalid_field: specversion: must be 1.0
    id ""
        invalid_field: id: must not be blank
    id "a\u{1}"
        invalid_field: id: must not contain control characters
    source ""
        invalid_field: source: must be a URI-reference of 1 to 2048 characters
    source "a<b"
        invalid_field: source: must be a URI-reference of 1 to 2048 characters
    type "a\u{7f}b"
        invalid_field: type: must not contain control characters
    subject ""
        invalid_field: subject: must not be blank
    subject "a\nb"
        invalid_field: subject: must not contain control characters
    description "a\u{85}b"
        invalid_field: description: must not contain control characters
    dataschema "schemas/build.json"
        invalid_field: dataschema: must be an absolute URI without a fragment, of at most 2048 characters
    time "2024-01-15T10:30:00"
        invalid_field: time: must be a time with an offset in RFC 3339, such as 2024-01-15T10:30:00Z
    datacontenttype "text/plain"
        invalid_field: datacontenttype: must be a media type for JSON, such as application/json or application/vnd.example+json
    success "yes"
        invalid_field: success: must be true or false
    receiverid "01HJ"
        invalid_field: receiverid: must be a ULID (26 characters of Crockford's Base32)
    "#);
    assert_eq!(system.keys().await, stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_cloud_event_names_all_that_is_missing() {
    let system = System::start().await;
    let structured = system.post_as(STRUCTURED, EVENTS, "{}").await;
    assert_snapshot!(structured, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_field","message":"The body has 11 faults, the first: specversion: is required.","field":"specversion","errors":["specversion: is required","id: is required","source: is required","type: is required","receiverid: is required","version: is required","release: is required","platformid: is required","package: is required","description: is required","data: is required"]}
    "#);
    let empty = system.post_with_headers(EVENTS, &[("ce-specversion", b"1.0")], "").await;
    assert_snapshot!(errors(&empty, 400), @r"invalid_field: id: is required; source: is required; type: is required; receiverid: is required; version: is required; release: is required; platformid: is required; package: is required; description: is required; data: is required");
    assert_snapshot!(system.post_as(STRUCTURED, EVENTS, "[]").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not valid JSON: invalid type: sequence, expected a JSON object at line 1 column 0.","errors":["The body is not valid JSON: invalid type: sequence, expected a JSON object at line 1 column 0."]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_and_a_receiver_are_checked_under_the_names_of_cloudevents() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = attributes(&receiver);
    assert_snapshot!(errors(&post_structured(&system, &event, r#"{"commit":7}"#).await, 400), @r"payload_mismatch: data/commit: must be a string");
    assert_snapshot!(errors(&post_binary(&system, &event, &[], "{}").await, 400), @r#"payload_mismatch: data: must have the member "commit""#);
    assert_snapshot!(errors(&post_binary(&system, &event, &[], "{").await, 400), @r"invalid_field: data: is not valid JSON: EOF while parsing an object at line 1 column 1");
    let unknown = attributes("01HJ1K2M3N4P5Q6R7S8T9V0W1X");
    assert_snapshot!(errors(&post_structured(&system, &unknown, "{}").await, 400), @r"unknown_receiver: receiverid: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1X");
    let large = format!(r#"{{"commit":"{}"}}"#, "x".repeat(256 * 1024));
    assert_snapshot!(errors(&post_binary(&system, &event, &[], &large).await, 413), @r"too_large: data: must have at most 256 KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_format_that_is_not_json_in_utf_8_is_unsupported() {
    let system = System::start().await;
    let receiver = any_schema(&system).await;
    let body = with_data(&attributes(&receiver), "data", DATA);
    assert_snapshot!(system.post_as("application/cloudevents+avro", EVENTS, body.clone()).await, @r#"
    HTTP 415
    content-type: application/json
    x-request-id: [request id]

    {"error":"unsupported_media_type","message":"A CloudEvent is sent as application/cloudevents+json, and a batch of them as application/cloudevents-batch+json, both in UTF-8.","errors":["A CloudEvent is sent as application/cloudevents+json, and a batch of them as application/cloudevents-batch+json, both in UTF-8."]}
    "#);
    for unsupported in [
        "application/cloudevents",
        "application/cloudevents-batch+protobuf",
        "application/cloudevents+json; charset=iso-8859-1",
    ] {
        let response = system.post_as(unsupported, EVENTS, body.clone()).await;
        assert_eq!(response.status, 415, "{unsupported}: {response}");
    }
    // The content type of a plain body still has no meaning.
    for ignored in ["text/plain", "application/xml", "x"] {
        assert_eq!(system.post_as(ignored, EVENTS, plain(&receiver)).await.status, 200, "{ignored}");
    }
}

/// A request as API Gateway gives it to the function. Text from bytes that are not ASCII reaches it as UTF-8.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_not_ascii_is_refused() {
    let system = System::start().await;
    let receiver = any_schema(&system).await;
    let mut headers = json!({"content-type": "application/json"});
    for (name, value) in attributes(&receiver).as_object().unwrap() {
        let text = value.as_str().map_or_else(|| value.to_string(), percent_encoded);
        headers[format!("ce-{name}")] = json!(text);
    }
    let post = async |name: &str, value: &str| {
        let mut headers = headers.clone();
        headers[name] = json!(value);
        let request = json!({
            "version": "2.0", "routeKey": "ANY /api/v1/events", "rawPath": EVENTS, "rawQueryString": "",
            "headers": headers, "isBase64Encoded": false, "body": DATA,
            "requestContext": {
                "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
                "http": {"method": "POST", "path": EVENTS, "protocol": "HTTP/1.1", "sourceIp": "1.1.1.1",
                    "userAgent": "x"},
                "routeKey": "ANY /api/v1/events", "stage": "$default", "time": "t", "timeEpoch": 1,
            },
        });
        let response = system.invoke("create-event", &request).await;
        format!("{} {}", response["statusCode"], response["body"].as_str().unwrap())
    };
    assert_snapshot!(post("ce-type", "gebäude").await, @r#"400 {"error":"invalid_field","message":"The body has a fault: type: must have only printable ASCII characters in its header, and all others percent-encoded.","field":"type","errors":["type: must have only printable ASCII characters in its header, and all others percent-encoded"]}"#);
    assert_snapshot!(post("ce-package", "%FF").await, @r#"400 {"error":"invalid_field","message":"The body has a fault: package: must be percent-encoded UTF-8 in its header.","field":"package","errors":["package: must be percent-encoded UTF-8 in its header"]}"#);
    assert_snapshot!(post("ce-package", "\"a").await, @r#"400 {"error":"invalid_field","message":"The body has a fault: package: must end with the double quote that it begins with in its header.","field":"package","errors":["package: must end with the double quote that it begins with in its header"]}"#);
    assert!(post("ce-unknown", "ä").await.starts_with("200"), "an unknown attribute is ignored");
    let over_http = post_binary(&system, &attributes(&receiver), &[("ce-type", "ä".as_bytes())], DATA).await;
    assert!(over_http.status >= 400, "{over_http}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorizer_that_identifies_nobody_refuses_a_cloud_event() {
    let system = System::start().await;
    let request = json!({
        "version": "2.0", "routeKey": "ANY /api/v1/events", "rawPath": EVENTS, "rawQueryString": "",
        "headers": {"content-type": STRUCTURED}, "isBase64Encoded": false, "body": "{}",
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
            "http": {"method": "POST", "path": EVENTS, "protocol": "HTTP/1.1", "sourceIp": "1.1.1.1", "userAgent": "x"},
            "routeKey": "ANY /api/v1/events", "stage": "$default", "time": "t", "timeEpoch": 1,
            "authorizer": {"lambda": {}},
        },
    });
    let response = system.invoke("create-event", &request).await;
    assert_eq!(response["statusCode"], 400);
    assert_snapshot!(response["body"].as_str().unwrap(), @r#"{"error":"invalid_idempotency_key","message":"A CloudEvent's source and id cannot be its idempotency key: the API's authorizer does not tell callers apart (it must give a JWT's iss and sub, a principalId, or an IAM identity).","errors":["A CloudEvent's source and id cannot be its idempotency key: the API's authorizer does not tell callers apart (it must give a JWT's iss and sub, a principalId, or an IAM identity)."]}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_body_has_the_optional_members_of_cloudevents() {
    let system = System::start().await;
    let receiver = any_schema(&system).await;
    let id = system.post(EVENTS, plain(&receiver)).await.id();
    let item: EventItem = system.event_item(&id).await;
    let item = Item::from(item);
    for name in ["time", "subject", "dataschema", "datacontenttype"] {
        assert_eq!(item[name].as_s().unwrap(), attributes(&receiver)[name].as_str().unwrap(), "{name}");
    }
    let mut event = local::samples::event(&receiver);
    for (name, value) in
        [("time", "2024-01-15"), ("subject", ""), ("dataschema", "a"), ("datacontenttype", "a/b")]
    {
        event[name] = json!(value);
    }
    assert_snapshot!(errors(&system.post(EVENTS, event.to_string()).await, 400), @r"invalid_field: time: must be a time with an offset in RFC 3339, such as 2024-01-15T10:30:00Z; subject: must not be blank; dataschema: must be an absolute URI without a fragment, of at most 2048 characters; datacontenttype: must be a media type for JSON, such as application/json or application/vnd.example+json");
    // A trace that is malformed refuses nothing.
    let bare = local::samples::event(&receiver).to_string();
    let traced = system.post_with_headers(EVENTS, &[("traceparent", b"00-1")], bare).await.id();
    let item = Item::from(system.event_item(&traced).await);
    let mut names: Vec<_> = item.keys().map(String::as_str).collect();
    names.sort_unstable();
    let members = [
        "description",
        "event_receiver_id",
        "kind",
        "name",
        "package",
        "payload",
        "pk",
        "platform_id",
        "release",
        "sk",
        "success",
        "version",
    ];
    assert_eq!(names, members, "an optional member that is absent is not stored");
}
