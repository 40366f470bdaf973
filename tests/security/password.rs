//! PLAIN and SCRAM, with and without TLS.

use crate::{
    assert_published, assert_refused,
    broker_properties::{PASSWORD, USER},
    cluster::Cluster,
    with,
};

const REFUSED: &str = "the broker refuses the login: see XZEPR_KAFKA_SASL_MECHANISM and its credentials";

#[tokio::test(flavor = "multi_thread")]
async fn each_mechanism_logs_in_and_a_wrong_password_is_refused() {
    let cluster = Cluster::start().await;
    for listener in ["SASLPLAINTEXT", "SASLSSL"] {
        for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
            let login = |topic: &str, password| {
                let settings = [
                    ("XZEPR_KAFKA_SASL_MECHANISM", mechanism),
                    ("XZEPR_KAFKA_SASL_USERNAME", USER),
                    ("XZEPR_KAFKA_SASL_PASSWORD", password),
                ];
                with(cluster.variables(listener, &format!("{topic}-{listener}-{mechanism}")), &settings)
            };
            assert_published(&cluster, &login("right", PASSWORD)).await;
            let publisher = assert_refused(&login("wrong", "not-the-password"), REFUSED).await;
            assert!(!publisher.log().contains("not-the-password"), "{}", publisher.log());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_has_the_password_at_any_level() {
    let cluster = Cluster::start().await;
    let settings = [
        ("XZEPR_KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
        ("XZEPR_KAFKA_SASL_USERNAME", USER),
        ("XZEPR_KAFKA_SASL_PASSWORD", PASSWORD),
        ("XZEPR_KAFKA_DEBUG", "all"),
        ("RUST_LOG", "trace"),
    ];
    let publisher = assert_published(&cluster, &with(cluster.variables("SASLSSL", "debug"), &settings)).await;
    let log = publisher.log();
    assert!(log.contains("librdkafka: ") && log.contains("SCRAM"), "librdkafka's own lines are logged");
    assert!(!log.contains(PASSWORD));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mechanism_that_the_broker_does_not_have_is_named() {
    let cluster = Cluster::start().await;
    let settings = [
        ("XZEPR_KAFKA_SASL_MECHANISM", "PLAIN"),
        ("XZEPR_KAFKA_SASL_USERNAME", USER),
        ("XZEPR_KAFKA_SASL_PASSWORD", PASSWORD),
    ];
    assert_refused(
        &with(cluster.variables("OIDC", "no-such-mechanism"), &settings),
        "the broker does not have this XZEPR_KAFKA_SASL_MECHANISM",
    )
    .await;
}
