//! Each fault of the registry, its error and the requests that follow.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::{net::TcpListener, time::sleep};
use xzepr_settings::Settings;

use super::{SCHEMA, absent, connect, connect_to, found, refusal, registered, stub::Stub};
use crate::{SchemaError, SchemaRegistry};

const PAUSE: Duration = Duration::from_millis(300);

/// The error for a registry that has nothing, and responds so to a request to register.
async fn error_of(response: (u16, &'static str)) -> SchemaError {
    let stub =
        Stub::start(
            move |request| {
                if request.is_lookup() { absent() } else { Some((response.0, response.1.to_owned())) }
            },
        )
        .await;
    connect_to(stub.port).await.id_of("s-value", SCHEMA).await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_has_the_registrys_own_words() {
    const INCOMPATIBLE: &str =
        r#"{"error_code":409,"message":"Schema being registered is incompatible: \"x\""}"#;
    const INVALID: &str = r#"{"error_code":42201,"message":"Invalid schema\nforged line"}"#;
    for (response, words) in [
        ((409, INCOMPATIBLE), r#"Schema being registered is incompatible: "x""#),
        ((422, INVALID), "Invalid schema forged line"),
        ((400, "<html>"), "no reason"),
        ((413, ""), "no reason"),
    ] {
        let error = error_of(response).await;
        let (subject, message) = ("s-value".to_owned(), words.to_owned());
        assert_eq!(error, SchemaError::Refused { subject, message });
        assert_eq!(
            error.to_string(),
            format!("the schema registry refuses the schema of the subject s-value: {words}")
        );
    }
}

#[tokio::test]
async fn any_other_fault_may_pass_and_names_the_settings_to_check() {
    const REASON: &str = r#"{"error_code":50001,"message":"why"}"#;
    const CREDENTIALS: &str =
        "XZEPR_SCHEMA_REGISTRY_USERNAME, XZEPR_SCHEMA_REGISTRY_PASSWORD, XZEPR_SCHEMA_REGISTRY_SECRET_ARN";
    const URL: &str = "XZEPR_SCHEMA_REGISTRY_URL";
    for (response, fault, settings) in [
        ((401, REASON), "refuses the credentials: 401: why", CREDENTIALS),
        ((403, REASON), "does not permit the subject s-value: 403: why", CREDENTIALS),
        ((301, ""), "responded with 301: no reason", URL),
        ((404, REASON), "responded with 404: why", URL),
        ((405, ""), "responded with 405: no reason", URL),
        ((408, ""), "responded with 408: no reason", URL),
        ((429, REASON), "responded with 429: why", URL),
        ((500, REASON), "responded with 500: why", URL),
        ((502, "<html>"), "responded with 502: no reason", URL),
        ((503, REASON), "responded with 503: why", URL),
        ((504, ""), "responded with 504: no reason", URL),
        ((200, "<html>"), "responded with 200: its text is not one of a schema registry", URL),
        ((200, "{}"), "responded with 200: its text is not one of a schema registry", URL),
    ] {
        let concerns_every_subject = matches!(response.0, 401 | 408 | 429 | 502..=504);
        let error = error_of(response).await;
        let fault_text = fault.to_owned();
        assert_eq!(error, SchemaError::Unavailable { fault: fault_text, settings, concerns_every_subject });
        assert_eq!(error.to_string(), format!("the schema registry {fault} (check {settings})"));
    }
}

#[tokio::test]
async fn read_only_mode_passes_and_is_named() {
    const CONFLUENTS: &str = r#"{"error_code":42205,"message":"Subject s-value is in read-only mode"}"#;
    const APICURIOS: &str =
        r#"{"message":"Unsupported write operation. Storage is in read-only mode.","error_code":0}"#;
    for response in [(422, CONFLUENTS), (409, APICURIOS)] {
        assert_eq!(
            error_of(response).await.to_string(),
            "the schema registry is in read-only mode (check the registry's mode)"
        );
    }
    // The same words in the reason of an incompatible schema.
    const INCOMPATIBLE: &str = r#"{"error_code":409,"message":"changed at /properties/read-only mode"}"#;
    assert!(matches!(error_of((409, INCOMPATIBLE)).await, SchemaError::Refused { .. }));
}

#[tokio::test]
async fn the_registrys_words_are_cut() {
    let stub =
        Stub::start(
            |request| {
                if request.is_lookup() { absent() } else { refusal(409, 409, &"ä".repeat(2_000)) }
            },
        )
        .await;
    match connect_to(stub.port).await.id_of("s", SCHEMA).await {
        Err(SchemaError::Refused { message, .. }) => assert_eq!(message, "ä".repeat(1_000)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refused_connection_names_the_url_and_the_ca() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    match connect_to(free.port()).await.id_of("s", SCHEMA).await {
        Err(SchemaError::Unavailable { fault, settings, .. }) => {
            assert!(fault.starts_with("cannot be reached: ") && fault.contains("refused"), "{fault}");
            assert!(settings.contains("_URL") && settings.contains("_CA_LOCATION"), "{settings}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_registry_that_does_not_respond_costs_its_timeout_once() {
    let stub = Stub::start(|_| None).await;
    let registry = connect_to(stub.port).await;
    let start = Instant::now();
    let results = join_all((0..20).map(|_| registry.id_of("s", SCHEMA))).await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    for result in results {
        let error = result.unwrap_err().to_string();
        assert!(error.starts_with("the schema registry cannot be reached: no response in time"), "{error}");
    }
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn requests_pause_after_a_fault_of_the_registry_and_known_ids_need_none() {
    let stub = Stub::start(|request| match request.path.as_str() {
        path if path.contains("known") => found(1),
        path if path.contains("away") => refusal(503, 503, "away"),
        _ => found(2),
    })
    .await;
    let mut registry = connect_to(stub.port).await;
    registry.pause = PAUSE;
    assert_eq!(registry.id_of("known", SCHEMA).await, Ok(1));
    let error = registry.id_of("away", SCHEMA).await;
    assert!(error.is_err());
    assert_eq!(registry.id_of("away", SCHEMA).await, error);
    assert_eq!(registry.id_of("other", SCHEMA).await, error);
    assert_eq!(registry.id_of("known", SCHEMA).await, Ok(1));
    assert_eq!(stub.requests().len(), 2);
    sleep(PAUSE).await;
    assert_eq!(registry.id_of("other", SCHEMA).await, Ok(2));
}

#[tokio::test]
async fn a_fault_of_one_subject_does_not_hold_up_the_others() {
    for status in [403, 409, 422, 500] {
        let stub = Stub::start(move |request| match request.path.as_str() {
            path if path.contains("good") => found(2),
            _ if request.is_lookup() => absent(),
            _ => refusal(status, 1, "no"),
        })
        .await;
        let mut registry = connect_to(stub.port).await;
        registry.pause = PAUSE;
        let error = registry.id_of("bad", SCHEMA).await;
        assert!(error.is_err());
        assert_eq!(registry.id_of("bad", SCHEMA).await, error);
        assert_eq!(registry.id_of("good", SCHEMA).await, Ok(2));
        assert_eq!(stub.requests().len(), 3, "{status}");
        sleep(PAUSE).await;
        assert_eq!(registry.id_of("bad", SCHEMA).await, error);
        assert_eq!(stub.requests().len(), 5, "{status}");
    }
}

#[tokio::test]
async fn a_refused_schema_is_registered_once_the_registry_accepts_it() {
    let refusals = AtomicUsize::new(1);
    let stub = Stub::start(move |request| match request.is_lookup() {
        true => absent(),
        false if refusals.swap(0, Ordering::Relaxed) == 1 => refusal(409, 409, "incompatible"),
        false => registered(5),
    })
    .await;
    let mut registry = connect_to(stub.port).await;
    registry.pause = PAUSE;
    assert!(registry.id_of("s", SCHEMA).await.is_err());
    sleep(PAUSE).await;
    assert_eq!(registry.id_of("s", SCHEMA).await, Ok(5));
}

#[tokio::test]
async fn a_text_that_is_no_certificate_is_refused_at_once() {
    let lookup = |name: &str| match name {
        "XZEPR_SCHEMA_REGISTRY_URL" => Some("https://localhost".to_owned()),
        "XZEPR_SCHEMA_REGISTRY_CA_PEM" => Some("no PEM".to_owned()),
        _ => None,
    };
    let settings = Settings::new(lookup, "").unwrap().schema_registry().unwrap().unwrap();
    let error = SchemaRegistry::connect(&settings).await.err().unwrap();
    assert_eq!(error.to_string(), "XZEPR_SCHEMA_REGISTRY_CA_PEM has no certificate in PEM form");
}

#[tokio::test]
async fn no_error_contains_the_schema_or_the_password() {
    for respond in [401, 409, 500] {
        let stub = Stub::start(move |_| refusal(respond, 1, "no")).await;
        let url = format!("http://127.0.0.1:{}", stub.port);
        let registry = connect(&[("URL", &url), ("USERNAME", "alice"), ("PASSWORD", "pass word")]).await;
        let error = registry.id_of("s", r#"{"title":"a schema"}"#).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("pass word") && !text.contains("a schema"), "{text}");
    }
}
