//! The responses of the running API. `System` checks each one against the document, so these tests count which of the
//! documented responses they have seen.

use std::collections::BTreeSet;

use chrono::{SecondsFormat, TimeDelta, Utc};
use end_to_end::{ApiDescription, Mode, Response, System};
use local::samples;
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";
const BATCH: &str = "/api/v1/events/batch";
const START: &str = "/api/v1/admin/replay-events";
const UNKNOWN: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

/// The paths that describe-api serves beside the document. Their responses depend on the table, except for the first.
const HEALTH: [&str; 5] =
    ["/healthz/liveness", "/api/v1/status", "/health", "/healthz/readiness", "/healthz/status"];

/// The statuses that API Gateway writes, and those of failures.
const NOT_SEEN: [u16; 5] = [401, 403, 429, 500, 503];

/// The ids of operations, each with a status of a response.
#[derive(Default)]
struct Seen(BTreeSet<(String, u16)>);

impl Seen {
    fn add(&mut self, method: &str, path: &str, response: &Response) {
        let path = path.split('?').next().unwrap();
        let operation = ApiDescription::of_the_repository().operation(method, path).unwrap();
        self.0.insert((operation.id().to_owned(), response.status));
    }

    /// Posts a body, and expects a status.
    async fn post(&mut self, system: &System, path: &str, body: impl Into<String>, status: u16) -> Response {
        let body: String = body.into();
        let response = system.post(path, body).await;
        self.expect("POST", path, response, status)
    }

    fn expect(&mut self, method: &str, path: &str, response: Response, status: u16) -> Response {
        assert_eq!(response.status, status, "{method} {path}: {response}");
        self.add(method, path, &response);
        response
    }
}

fn cloud_event(receiver: &str, id: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/ci/myapp", "type": "build.finished", "receiverid": receiver,
        "success": "true", "version": "1", "release": "1", "platformid": "linux", "package": "myapp",
        "description": "Built myapp", "data_base64": "eyJjb21taXQiOiI4YTQxZDVmIn0=",
    })
}

async fn post_events(system: &System, seen: &mut Seen) -> String {
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    seen.post(system, EVENTS, event.to_string(), 200).await;
    seen.post(system, EVENTS, "{}", 400).await;
    seen.post(system, EVENTS, "x".repeat(512 * 1024 + 1), 413).await;
    let mut large = event.clone();
    large["payload"] = json!({"commit": "x".repeat(256 * 1024)});
    seen.post(system, EVENTS, large.to_string(), 413).await;
    let response = system.post_as("application/cloudevents+avro", EVENTS, "{}").await;
    seen.expect("POST", EVENTS, response, 415);
    system.post_with_key(EVENTS, &event, "k").await;
    let response = system.post_with_key(EVENTS, &samples::event(UNKNOWN), "k").await;
    seen.expect("POST", EVENTS, response, 422);

    let structured = cloud_event(&receiver, "1").to_string();
    let response = system.post_as("application/cloudevents+json; charset=utf-8", EVENTS, structured).await;
    seen.expect("POST", EVENTS, response, 200);
    let binary: [(&str, &[u8]); 11] = [
        ("content-type", b"application/vnd.example+json"),
        ("ce-specversion", b"1.0"),
        ("ce-id", b"2"),
        ("ce-source", b"/ci/myapp"),
        ("ce-type", b"build.finished"),
        ("ce-receiverid", receiver.as_bytes()),
        ("ce-version", b"1"),
        ("ce-release", b"1"),
        ("ce-platformid", b"linux"),
        ("ce-package", b"my%20app"),
        ("ce-description", b"Built"),
    ];
    let response = system.post_with_headers(EVENTS, &binary, r#"{"commit":"8a41d5f"}"#).await;
    seen.expect("POST", EVENTS, response, 200);
    for path in [EVENTS, BATCH] {
        let batch = json!([cloud_event(&receiver, "3"), cloud_event(UNKNOWN, "4")]).to_string();
        let response = system.post_as("application/cloudevents-batch+json", path, batch).await;
        seen.expect("POST", path, response, 207);
    }
    receiver
}

async fn post_batches(system: &System, seen: &mut Seen, receiver: &str) {
    let event = samples::event(receiver);
    seen.post(system, BATCH, json!([event, event]).to_string(), 200).await;
    seen.post(system, BATCH, "[]", 200).await;
    seen.post(system, BATCH, json!([event, 1, {}]).to_string(), 207).await;
    seen.post(system, BATCH, "{}", 400).await;
    seen.post(system, BATCH, format!("[{}]", vec!["0"; 101].join(",")), 413).await;
    let response = system.post_as("application/cloudevents+json", BATCH, "{}").await;
    seen.expect("POST", BATCH, response, 415);
}

async fn post_receivers_and_groups(system: &System, seen: &mut Seen, receiver: &str) {
    for (path, body) in [
        ("/api/v1/event-receivers", samples::receiver()),
        ("/api/v1/receivers", samples::receiver()),
        ("/api/v1/event-receiver-groups", samples::group(receiver)),
        ("/api/v1/groups", samples::group(receiver)),
    ] {
        seen.post(system, path, body.to_string(), 200).await;
        seen.post(system, &format!("{path}/"), "[]", 400).await;
        seen.post(system, path, "x".repeat(512 * 1024 + 1), 413).await;
        system.post_with_key(path, &body, path).await;
        let response = system.post_with_key(path, &json!({}), path).await;
        seen.expect("POST", path, response, 422);
    }
    let mut large = samples::receiver();
    large["schema"] = json!({"title": "x".repeat(64 * 1024)});
    seen.post(system, "/api/v1/event-receivers", large.to_string(), 413).await;
    seen.post(system, "/api/v1/event-receiver-groups", samples::group(UNKNOWN).to_string(), 400).await;
}

/// Reads one object: it is there, the caller has it already, and another id has none.
async fn read_one(system: &System, seen: &mut Seen, path: &str, id: &str) {
    let found = path.replace("{id}", id);
    let response = seen.expect("GET", &found, system.get(&found).await, 200);
    let known = system.get_with_header(&found, "if-none-match", &response.headers["etag"]).await;
    seen.expect("GET", &found, known, 304);
    let head = system.head(&format!("{found}/")).await;
    assert_eq!((head.status, &head.headers["etag"]), (200, &response.headers["etag"]), "{head}");
    for unknown in [UNKNOWN, "x"] {
        let path = path.replace("{id}", unknown);
        seen.expect("GET", &path, system.get(&path).await, 404);
    }
}

/// Reads a list with these filters, and with one that does not exist.
async fn read_list(system: &System, seen: &mut Seen, path: &str, filters: &str) {
    let filtered = format!("{path}?{filters}");
    seen.expect("GET", &filtered, system.get(&filtered).await, 200);
    let unknown = format!("{path}?nmae=x");
    seen.expect("GET", &unknown, system.get(&unknown).await, 400);
}

const ARTIFACT: &str = "name=com.example.build.finished&version=2.1.0&release=2.1.0-rc.1\
    &platform_id=linux-x86_64&package=myapp";

async fn read_registry(system: &System, seen: &mut Seen, receiver: &str) {
    let event = system.create_events(receiver, 1).await.remove(0);
    let group = system.create("/api/v1/groups", &samples::group(receiver)).await;
    read_one(system, seen, "/api/v1/events/{id}", &event).await;
    let filters = format!("{ARTIFACT}&success=true&event_receiver_id={receiver}&limit=1000&payload=true");
    read_list(system, seen, EVENTS, &filters).await;
    for path in ["/api/v1/event-receivers", "/api/v1/receivers"] {
        read_one(system, seen, &format!("{path}/{{id}}"), receiver).await;
        read_one(system, seen, &format!("{path}/{{id}}/schema"), receiver).await;
        read_list(system, seen, path, "type=com.example.build&name=build&version=1.0.0&limit=1&offset=0")
            .await;
    }
    for path in ["/api/v1/event-receiver-groups", "/api/v1/groups"] {
        read_one(system, seen, &format!("{path}/{{id}}"), &group).await;
        read_list(system, seen, path, &format!("enabled=true&event_receiver_id={receiver}")).await;
        let gate = |id: &str| format!("{path}/{id}/gate");
        read_list(system, seen, &gate(&group), ARTIFACT).await;
        let unknown = format!("{}?{ARTIFACT}", gate(UNKNOWN));
        seen.expect("GET", &unknown, system.get(&unknown).await, 404);

        let patched = format!("{path}/{group}");
        for (body, status) in [
            (r#"{"enabled":false}"#.to_owned(), 200),
            (r#"{"enabled":"false"}"#.to_owned(), 400),
            ("[]".to_owned(), 400),
            ("x".repeat(512 * 1024 + 1), 413),
        ] {
            seen.expect("PATCH", &patched, system.patch(&patched, body).await, status);
        }
        for id in [UNKNOWN, "x"] {
            let unknown = format!("{path}/{id}");
            let response = system.patch(&unknown, r#"{"enabled":false}"#).await;
            seen.expect("PATCH", &unknown, response, 404);
        }
    }
    read_list(system, seen, "/api/v1/gates", ARTIFACT).await;
}

async fn manage_replays(system: &System, seen: &mut Seen) {
    // A range without events of a whole year keeps a replay busy until it is cancelled.
    let time = |days| (Utc::now() - TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let start = format!("{START}?start={}&end={}&dry_run=false&topic=t", time(365), time(1));
    let id = seen.post(system, &start, "", 202).await.id();
    seen.post(system, &start, "", 409).await;
    seen.post(system, START, "", 400).await;
    let path = |id: &str| format!("/api/v1/admin/replays/{id}");
    seen.expect("GET", &path(&id), system.get(&path(&id)).await, 200);
    seen.expect("DELETE", &path(&id), system.delete(&path(&id)).await, 200);
    seen.expect("DELETE", &path(&id), system.delete(&path(&id)).await, 409);
    for method in ["GET", "DELETE"] {
        for id in [UNKNOWN, "x"] {
            let path = path(id);
            let response = if method == "GET" { system.get(&path).await } else { system.delete(&path).await };
            seen.expect(method, &path, response, 404);
        }
    }
}

async fn describe(system: &System, seen: &mut Seen) {
    let path = "/api/v1/openapi.json";
    let response = seen.expect("GET", path, system.get(path).await, 200);
    assert_eq!(response.body, ApiDescription::of_the_repository().document);
    let known = system.get_with_header(path, "if-none-match", &response.headers["etag"]).await;
    seen.expect("GET", path, known, 304);
    let head = system.head(path).await;
    assert_eq!((head.status, &head.headers["etag"]), (200, &response.headers["etag"]), "{head}");
    for path in HEALTH {
        seen.expect("GET", path, system.get(path).await, 200);
        assert_eq!(system.head(&format!("{path}/")).await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_that_the_document_promises_is_seen_and_is_as_it_says() {
    let system = System::start().await;
    let mut seen = Seen::default();
    let receiver = post_events(&system, &mut seen).await;
    post_batches(&system, &mut seen, &receiver).await;
    post_receivers_and_groups(&system, &mut seen, &receiver).await;
    read_registry(&system, &mut seen, &receiver).await;
    manage_replays(&system, &mut seen).await;
    describe(&system, &mut seen).await;

    let mut documented = BTreeSet::new();
    for operation in ApiDescription::of_the_repository().operations() {
        let statuses = operation.responses().into_iter().map(|(status, ..)| status);
        let statuses = statuses.filter(|status| !NOT_SEEN.contains(status));
        documented.extend(statuses.map(|status| (operation.id().to_owned(), status)));
    }
    assert_eq!(seen.0, documented);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_gets_the_methods_of_the_path() {
    let system = System::start().await;
    for (path, allow) in [
        (EVENTS, "GET, HEAD, POST"),
        (BATCH, "POST"),
        ("/api/v1/events/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "GET, HEAD"),
        ("/api/v1/receivers", "GET, HEAD, POST"),
        ("/api/v1/receivers/01HJ1K2M3N4P5Q6R7S8T9V0W1X/schema", "GET, HEAD"),
        ("/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "GET, HEAD, PATCH"),
        ("/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X/", "GET, HEAD, PATCH"),
        ("/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X/gate", "GET, HEAD"),
        ("/api/v1/gates", "GET, HEAD"),
        ("/api/v1/admin/replays/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "GET, HEAD, DELETE"),
        ("/api/v1/openapi.json", "GET, HEAD"),
        ("/healthz/status", "GET, HEAD"),
    ] {
        // The function that gets a method may be another one than those that have the path's routes.
        let mut refused = vec![];
        for method in ["GET", "POST", "PATCH", "DELETE"].into_iter().filter(|method| !allow.contains(method))
        {
            refused.push(match method {
                "GET" => system.get(path).await,
                "POST" => system.post(path, "{}").await,
                "PATCH" => system.patch(path, "{}").await,
                _ => system.delete(path).await,
            });
        }
        assert!(!refused.is_empty());
        for response in refused {
            assert_eq!((response.status, &*response.headers["allow"]), (405, allow), "{path}");
        }
    }
    for path in
        ["/healthz", "/healthz/", "/healthz/x", "/health/x", "/api/v1/status/x", "/api/v1/openapi.yaml"]
    {
        assert_eq!(system.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_table_hangs_is_alive_and_unavailable_within_seconds() {
    let (system, proxy) = System::start_behind_proxy().await;
    proxy.set(Mode::Hang);
    for path in HEALTH {
        let response = system.get(path).await;
        let status = if path == "/healthz/liveness" { 200 } else { 503 };
        assert_eq!(response.status, status, "{path}: {response}");
    }
    let response = system.get("/api/v1/status").await;
    assert_eq!(response.body["components"]["table"], "unhealthy");
    let response = system.post(EVENTS, samples::event(UNKNOWN).to_string()).await;
    assert_eq!((response.status, &*response.headers["retry-after"]), (503, "1"), "{response}");
}
