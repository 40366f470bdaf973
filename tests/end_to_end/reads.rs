//! Reads by id: whole objects, with the texts that were sent, at once after their POST.

use end_to_end::{Response, System, created_at, redacted};
use insta::assert_snapshot;
use local::samples;
use serde_json::{Value, json};

const UNKNOWN: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

/// A schema and a payload with white space, numbers and an order of members that a parser would not keep.
const SCHEMA: &str = r#"{ "type":"object",  "maxProperties": 1.0e1 }"#;
const PAYLOAD: &str = r#"{ "z" : 1.0,  "a": [ 1e2 ] }"#;

/// Creates a receiver with [`SCHEMA`].
async fn receiver(system: &System) -> String {
    let body = format!(r#"{{"name":"scan","type":"t","version":"1","description":"d","schema":{SCHEMA}}}"#);
    let response = system.post("/api/v1/event-receivers", body).await;
    assert_eq!(response.status, 200, "{response}");
    response.id()
}

/// The object of a response, which has it twice: by its members, and as the only entry of `data`. Some values are
/// replaced by their names.
fn object(response: &Response, values: &[(&str, &str)]) -> String {
    assert_eq!(response.status, 200, "{response}");
    let (members, _) = response.text().split_once(r#","data":["#).unwrap();
    assert_eq!(response.text(), format!(r#"{members},"data":[{members}}}]}}"#));
    redacted(&format!("{members}}}"), values)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_read_with_its_receiver_and_the_texts_that_were_sent() {
    let system = System::start().await;
    let receiver = receiver(&system).await;
    let body = format!(
        r#"{{"name":"n","version":"1","release":"r","platform_id":"p","package":"oci","description":"d",
            "payload":{PAYLOAD},"success":false,"event_receiver_id":"{receiver}"}}"#
    );
    let event = system.post("/api/v1/events", body).await.id();
    let read = system.get(&format!("/api/v1/events/{event}")).await;
    let times = (created_at(&event), created_at(&receiver));
    let values = [
        (&*event, "event"),
        (&*receiver, "receiver"),
        (&*times.0, "time of the event's id"),
        (&*times.1, "time of the receiver's id"),
        (read.body["EventReceiver"]["fingerprint"].as_str().unwrap(), "fingerprint"),
    ];
    assert_snapshot!(object(&read, &values), @r#"{"id":"[event]","name":"n","version":"1","release":"r","platform_id":"p","package":"oci","description":"d","payload":{ "z" : 1.0,  "a": [ 1e2 ] },"success":false,"created_at":"[time of the event's id]","event_receiver_id":"[receiver]","kind":"event","EventReceiver":{"id":"[receiver]","name":"scan","type":"t","version":"1","description":"d","schema":{ "type":"object",  "maxProperties": 1.0e1 },"fingerprint":"[fingerprint]","created_at":"[time of the receiver's id]"}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_and_a_group_are_read_under_both_of_their_paths() {
    let system = System::start().await;
    let receiver = receiver(&system).await;
    let read = system.get(&format!("/api/v1/event-receivers/{receiver}")).await;
    let time = created_at(&receiver);
    let fingerprint = read.body["fingerprint"].as_str().unwrap();
    let values =
        [(&*receiver, "receiver"), (&*time, "time of the receiver's id"), (fingerprint, "fingerprint")];
    assert_snapshot!(object(&read, &values), @r#"{"id":"[receiver]","name":"scan","type":"t","version":"1","description":"d","schema":{ "type":"object",  "maxProperties": 1.0e1 },"fingerprint":"[fingerprint]","created_at":"[time of the receiver's id]"}"#);
    let alias = system.get(&format!("/api/v1/receivers/{receiver}")).await;
    assert_eq!(alias.text(), read.text());

    let group = system.create("/api/v1/event-receiver-groups", &samples::group(&receiver)).await;
    let read = system.get(&format!("/api/v1/event-receiver-groups/{group}")).await;
    let time = created_at(&group);
    let values = [(&*receiver, "receiver"), (&*group, "group"), (&*time, "time of the group's id")];
    assert_snapshot!(object(&read, &values), @r#"{"id":"[group]","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"The steps before a release","enabled":true,"event_receiver_ids":["[receiver]"],"repeat":false,"notify_incomplete":false,"created_at":"[time of the group's id]","updated_at":"[time of the group's id]"}"#);
    let alias = system.get(&format!("/api/v1/groups/{group}")).await;
    assert_eq!(alias.text(), read.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_of_a_receiver_is_a_document_of_its_own() {
    let system = System::start().await;
    let receiver = receiver(&system).await;
    for path in ["event-receivers", "receivers"] {
        let path = format!("/api/v1/{path}/{receiver}/schema");
        let schema = system.get(&path).await;
        assert_eq!((schema.status, schema.text()), (200, SCHEMA), "{path}");
        assert_eq!(schema.headers["content-type"], "application/schema+json");
        let again = system.get_with_header(&path, "if-none-match", &schema.headers["etag"]).await;
        assert_eq!((again.status, again.is_empty()), (304, true), "{again}");
        let other = system.get(&path.replace(&receiver, UNKNOWN)).await;
        assert_eq!(other.status, 404, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_has_the_present_state_gets_304() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let group = system.create("/api/v1/groups", &samples::group(&receiver)).await;
    let event = system.create("/api/v1/events", &samples::event(&receiver)).await;
    for (path, caching) in [
        (format!("/api/v1/events/{event}"), "private, max-age=31536000, immutable"),
        (format!("/api/v1/event-receivers/{receiver}"), "private, max-age=31536000, immutable"),
        (format!("/api/v1/event-receiver-groups/{group}"), "no-cache"),
    ] {
        let read = system.get(&path).await;
        let tag = &read.headers["etag"];
        for known in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
            let known = system.get_with_header(&path, "if-none-match", &known).await;
            assert_eq!((known.status, known.is_empty()), (304, true), "{path}: {known}");
            assert_eq!((&known.headers["etag"], &*known.headers["cache-control"]), (tag, caching), "{known}");
        }
        let other = system.get_with_header(&path, "if-none-match", "\"other\"").await;
        assert_eq!((other.status, other.text()), (200, read.text()), "{path}: {other}");
        let head = system.head(&path).await;
        assert_eq!((head.status, &head.headers["etag"], head.is_empty()), (200, tag, true), "{path}: {head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_nothing_of_the_kind_has_is_404_whether_it_is_a_ulid_or_not() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let group = system.create("/api/v1/groups", &samples::group(&receiver)).await;
    let event = system.create("/api/v1/events", &samples::event(&receiver)).await;
    let nouns =
        ["events", "event-receivers", "receivers", "event-receiver-groups", "groups"].map(|noun| (noun, ""));
    let further = [("event-receivers", "/schema"), ("event-receivers/", ""), ("groups", "/")];
    for (noun, rest) in nouns.into_iter().chain(further) {
        let own = match noun.trim_end_matches('/') {
            "events" => &event,
            "event-receivers" | "receivers" => &receiver,
            _ => &group,
        };
        let others = [&*receiver, &group, &event].into_iter().filter(|id| id != own);
        for id in others.chain([UNKNOWN, "non-existent-group-id", "0", "%00", "~"]) {
            let path = format!("/api/v1/{noun}/{id}{rest}");
            let read = system.get(&path).await;
            assert_eq!((read.status, &read.body["error"]), (404, &json!("not_found")), "{path}: {read}");
            assert_eq!(read.body["errors"].as_array().map(Vec::len), Some(1), "{path}: {read}");
        }
    }
    let unknown = system.get(&format!("/api/v1/events/{UNKNOWN}")).await;
    assert_snapshot!(unknown, @r#"
    HTTP 404
    content-type: application/json
    x-request-id: [request id]

    {"error":"not_found","message":"There is no event with this id.","errors":["There is no event with this id."]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_ends_in_a_slash_is_read_as_well() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = system.create("/api/v1/events", &samples::event(&receiver)).await;
    for path in [format!("/api/v1/receivers/{receiver}"), format!("/api/v1/events/{event}")] {
        let read = system.get(&path).await;
        let slash = system.get(&format!("{path}/")).await;
        assert_eq!((slash.status, slash.text()), (200, read.text()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_path_has_not_gets_405_with_the_methods_of_all_functions() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = system.create("/api/v1/events", &samples::event(&receiver)).await;
    let group = system.create("/api/v1/groups", &samples::group(&receiver)).await;
    for (path, allow) in [
        ("/api/v1/events".to_owned(), "GET, HEAD, POST"),
        ("/api/v1/receivers".to_owned(), "GET, HEAD, POST"),
        (format!("/api/v1/events/{event}"), "GET, HEAD"),
        (format!("/api/v1/event-receivers/{receiver}/schema"), "GET, HEAD"),
        (format!("/api/v1/event-receiver-groups/{group}"), "GET, HEAD, PATCH"),
        (format!("/api/v1/groups/{group}/gate"), "GET, HEAD"),
        ("/api/v1/gates".to_owned(), "GET, HEAD"),
    ] {
        let refused = system.delete(&path).await;
        assert_eq!((refused.status, &*refused.headers["allow"]), (405, allow), "{path}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_the_system_is_read_like_any_other_and_has_its_kind() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let created = system.next_messages(1).await.remove(0).key;
    system.create("/api/v1/groups", &samples::group(&receiver)).await;
    let group_created = system.next_messages(1).await.remove(0).key;
    for (event, kind) in [(created, "receiver.created"), (group_created, "group.created")] {
        let read = system.read(&format!("/api/v1/events/{event}")).await;
        assert_eq!((&read["kind"], &read["event_receiver_id"]), (&json!(kind), &json!(receiver)), "{read}");
        assert_eq!(read["EventReceiver"]["id"], receiver, "{read}");
        assert_eq!(read["package"], "xzepr.system", "{read}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_attributes_of_a_cloudevent_are_read_and_absent_ones_are_not_there() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let sample = samples::event(&receiver);
    let mut cloud_event = json!({
        "specversion": "1.0", "id": "1", "source": "/ci", "type": "com.example.build.finished",
        "receiverid": receiver, "platformid": "linux-x86_64", "time": "2024-01-15T10:30:00Z",
        "subject": "myapp", "dataschema": "https://example.com/build", "data": sample["payload"],
    });
    for name in ["version", "release", "package", "description", "success"] {
        cloud_event[name] = sample[name].clone();
    }
    let posted =
        system.post_as("application/cloudevents+json", "/api/v1/events", cloud_event.to_string()).await;
    assert_eq!(posted.status, 200, "{posted}");
    let read = system.read(&format!("/api/v1/events/{}", posted.id())).await;
    for name in ["time", "subject", "dataschema"] {
        assert_eq!(read[name], cloud_event[name], "{name}: {read}");
    }
    let plain = system.create("/api/v1/events", &sample).await;
    let plain = system.read(&format!("/api/v1/events/{plain}")).await;
    for name in ["time", "subject", "dataschema", "datacontenttype", "type", "override"] {
        assert_eq!(plain.get(name), None::<&Value>, "{name}: {plain}");
    }
}
