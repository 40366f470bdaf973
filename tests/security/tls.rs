//! SSL, with and without a client certificate.

use crate::{
    assert_ends_at_start, assert_published, assert_refused,
    certificates::Identity,
    cluster::{Cluster, path},
    publisher::Variables,
    with,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_is_trusted_by_its_ca_its_host_name_and_its_dates() {
    let cluster = Cluster::start().await;
    let certificates = &cluster.certificates;
    assert_published(&cluster, &cluster.variables("SSL", "ssl")).await;

    let ca_text = std::fs::read_to_string(&certificates.ca).unwrap().replace('\n', "\\n");
    let from_text: Variables = cluster
        .variables("SSL", "ssl-ca-text")
        .into_iter()
        .filter(|(name, _)| *name != "XZEPR_KAFKA_SSL_CA_LOCATION")
        .collect();
    assert_published(&cluster, &with(from_text.clone(), &[("XZEPR_KAFKA_SSL_CA_PEM", &ca_text)])).await;

    let untrusted = "the broker's certificate is of no trusted CA: see XZEPR_KAFKA_SSL_CA_LOCATION";
    let other_ca = [("XZEPR_KAFKA_SSL_CA_LOCATION", &*path(&certificates.other_ca))];
    assert_refused(&with(cluster.variables("SSL", "other-ca"), &other_ca), untrusted).await;
    // Without a CA in its settings it uses the system's CAs.
    assert_refused(&from_text, untrusted).await;
    assert_refused(&cluster.variables("EXPIRED", "expired"), "the broker's certificate has expired").await;
    assert_refused(
        &cluster.variables("OTHERHOST", "other-host"),
        "the broker's certificate is for another host: see XZEPR_KAFKA_BROKERS",
    )
    .await;
    assert_refused(
        &with(cluster.variables("PLAINTEXT", "not-tls"), &[("XZEPR_KAFKA_SECURITY_PROTOCOL", "SSL")]),
        "see XZEPR_KAFKA_SECURITY_PROTOCOL",
    )
    .await;
    let without_tls = Variables::from([
        ("XZEPR_KAFKA_BROKERS", cluster.address("SSL")),
        ("XZEPR_KAFKA_DEFAULT_TOPIC", "without-tls".to_owned()),
    ]);
    assert_refused(&without_tls, "see XZEPR_KAFKA_SECURITY_PROTOCOL").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_proves_itself_with_a_certificate() {
    let cluster = Cluster::start().await;
    let certificates = &cluster.certificates;
    let client = |topic, identity: &Identity| {
        let files = [
            ("XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION", &*path(&identity.certificate)),
            ("XZEPR_KAFKA_SSL_KEY_LOCATION", &*path(&identity.key)),
        ];
        with(cluster.variables("MTLS", topic), &files)
    };
    assert_published(&cluster, &client("mtls", &certificates.client)).await;

    let refused = "the broker refuses the client's certificate, or wants one";
    assert_refused(&cluster.variables("MTLS", "no-client"), refused).await;
    assert_refused(&client("strange-client", &certificates.strange_client), refused).await;
    assert_ends_at_start(
        &client("expired-client", &certificates.expired_client),
        "XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION: the certificate of CN=client expired at Dec 31 00:00:00 2020 GMT",
    )
    .await;
    let other_key = [("XZEPR_KAFKA_SSL_KEY_LOCATION", &*path(&certificates.server.key))];
    assert_ends_at_start(
        &with(client("other-key", &certificates.client), &other_key),
        "XZEPR_KAFKA_SSL_KEY_LOCATION does not belong to the certificate of XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_end_the_function_at_its_start() {
    let dir = tempfile::tempdir().unwrap();
    let no_pem = dir.path().join("no.pem");
    std::fs::write(&no_pem, "not a certificate").unwrap();
    let variables = |ca: &str| {
        Variables::from([
            ("XZEPR_KAFKA_SECURITY_PROTOCOL", "SSL".to_owned()),
            ("XZEPR_KAFKA_SSL_CA_LOCATION", ca.to_owned()),
            ("XZEPR_KAFKA_SSL_KEY_LOCATION", "/nowhere.key".to_owned()),
        ])
    };
    assert_ends_at_start(
        &variables("/nowhere.pem"),
        "XZEPR_KAFKA_SSL_CA_LOCATION (kafka.auth.ssl.ca_location) names a file that cannot be read: /nowhere.pem: \
         No such file or directory (os error 2); \
         XZEPR_KAFKA_SSL_KEY_LOCATION (kafka.auth.ssl.key_location) names a file that cannot be read: \
         /nowhere.key: No such file or directory (os error 2); \
         XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION (kafka.auth.ssl.certificate_location) is required with \
         XZEPR_KAFKA_SSL_KEY_LOCATION",
    )
    .await;
    let not_pem = variables(&path(&no_pem))
        .into_iter()
        .filter(|(name, _)| *name != "XZEPR_KAFKA_SSL_KEY_LOCATION")
        .collect();
    assert_ends_at_start(&not_pem, "XZEPR_KAFKA_SSL_CA_LOCATION has no certificate in PEM form").await;

    let brokers = Variables::from([("XZEPR_KAFKA_BROKERS", "localhost:9".to_owned())]);
    let bundle = path(&no_pem);
    let message = format!("AWS_CA_BUNDLE must name a PEM file with the roots to trust, and {bundle} is none");
    assert_ends_at_start(&with(brokers, &[("AWS_CA_BUNDLE", &bundle)]), &message).await;
}
