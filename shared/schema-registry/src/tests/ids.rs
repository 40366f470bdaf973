//! Ids are looked up, registered and kept.

use futures_util::future::join_all;

use super::{SCHEMA, connect, connect_to, empty, found, refusal, registered, stub::Stub};
use crate::SchemaError;

#[tokio::test]
async fn an_unknown_schema_is_looked_up_then_registered_and_then_known() {
    let stub = Stub::start(empty).await;
    let registry = connect_to(stub.port).await;
    for _ in 0..2 {
        assert_eq!(registry.id_of("orders-value", SCHEMA).await, Ok(7));
    }
    assert_eq!(stub.paths(), ["/subjects/orders-value?deleted=false", "/subjects/orders-value/versions"]);
    for request in stub.requests() {
        assert!(request.body.contains(r#"draft-07/schema#\"}","schemaType":"JSON""#), "{request:?}");
        assert!(
            request.headers.iter().any(|line| line == "content-type: application/vnd.schemaregistry.v1+json")
        );
    }
}

#[tokio::test]
async fn a_registry_in_read_only_mode_still_gives_the_ids_that_it_has() {
    let stub =
        Stub::start(|request| if request.is_lookup() { found(3) } else { refusal(422, 42205, "read-only") })
            .await;
    assert_eq!(connect_to(stub.port).await.id_of("s", SCHEMA).await, Ok(3));
    assert_eq!(stub.paths(), ["/subjects/s?deleted=false"]);
}

#[tokio::test]
async fn a_user_who_may_only_register_gets_an_id() {
    let stub = Stub::start(
        |request| {
            if request.is_lookup() { refusal(403, 40301, "no read") } else { registered(4) }
        },
    )
    .await;
    assert_eq!(connect_to(stub.port).await.id_of("s", SCHEMA).await, Ok(4));
}

#[tokio::test]
async fn the_url_keeps_its_path_and_a_subject_is_encoded() {
    let stub = Stub::start(empty).await;
    let url = format!("http://127.0.0.1:{}/apis/ccompat/v7/", stub.port);
    let registry = connect(&[("URL", &url)]).await;
    registry.id_of("a/b c?d%#ä.-_~", SCHEMA).await.unwrap();
    let subject = "/apis/ccompat/v7/subjects/a%2Fb%20c%3Fd%25%23%C3%A4.-_~";
    assert_eq!(stub.paths(), [format!("{subject}?deleted=false"), format!("{subject}/versions")]);
}

#[tokio::test]
async fn user_and_password_are_sent_with_every_request() {
    let stub = Stub::start(empty).await;
    let url = format!("http://127.0.0.1:{}", stub.port);
    let registry = connect(&[("URL", &url), ("USERNAME", "Aladdin"), ("PASSWORD", "open sesame")]).await;
    registry.id_of("s", SCHEMA).await.unwrap();
    for request in stub.requests() {
        // RFC 7617, section 2.
        let header = "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
        assert!(request.headers.iter().any(|line| line == header), "{request:?}");
    }
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn a_ca_of_its_own_is_trusted_and_no_other() {
    let (stub, ca) = Stub::start_with_tls(empty).await;
    let (_other, other_ca) = Stub::start_with_tls(empty).await;
    let url = format!("https://localhost:{}", stub.port);
    assert_eq!(connect(&[("URL", &url), ("CA_PEM", &ca)]).await.id_of("s", SCHEMA).await, Ok(7));
    assert_eq!(stub.paths().len(), 2);
    for settings in [&[("URL", url.as_str()), ("CA_PEM", &other_ca)][..], &[("URL", &url)]] {
        match connect(settings).await.id_of("s", SCHEMA).await {
            Err(SchemaError::Unavailable { fault, settings, .. }) => {
                assert!(fault.starts_with("cannot be reached: ") && fault.contains("certificate"), "{fault}");
                assert!(settings.contains("CA_PEM"), "{settings}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_of_one_unknown_id_share_the_requests() {
    let stub = Stub::start(empty).await;
    let registry = connect_to(stub.port).await;
    let ids = join_all((0..50).map(|_| registry.id_of("s", SCHEMA))).await;
    assert_eq!(ids, vec![Ok(7); 50]);
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn each_schema_of_each_subject_has_its_own_id() {
    let stub = Stub::start(|request| {
        let id = if request.path.contains("/a?") { 1 } else { 2 };
        found(id + if request.body.contains("title") { 10 } else { 0 })
    })
    .await;
    let registry = connect_to(stub.port).await;
    for _ in 0..2 {
        for (subject, schema, id) in
            [("a", "{}", 1), ("b", "{}", 2), ("a", r#"{"title":"x"}"#, 11), ("b", r#"{"title":"x"}"#, 12)]
        {
            assert_eq!(registry.id_of(subject, schema).await, Ok(id));
        }
    }
    assert_eq!(stub.requests().len(), 4);
}
