//! Credentials from AWS Secrets Manager, and their rotation.

use std::time::Duration;

use end_to_end::eventually;
use serde_json::json;

use crate::{
    assert_published, assert_refused,
    broker_properties::{PASSWORD, USER},
    cluster::Cluster,
    publisher::{BatchResponse, Variables, new_ids},
    secrets_manager::{ARN, SecretsManager},
    with,
};

/// Four batches of the function's timeout.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(240);

fn login(cluster: &Cluster, topic: &str, secrets_manager: &SecretsManager) -> Variables {
    let settings = [
        ("XZEPR_KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
        ("XZEPR_KAFKA_SASL_SECRET_ARN", ARN),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &*secrets_manager.url()),
    ];
    with(cluster.variables("SASLSSL", topic), &settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_password_is_read_again_when_the_broker_refuses_the_old_one() {
    let mut cluster = Cluster::start().await;
    let secrets_manager = SecretsManager::start(Some(json!({"username": USER, "password": PASSWORD}))).await;
    let publisher = assert_published(&cluster, &login(&cluster, "rotated", &secrets_manager)).await;

    cluster.change_password("new-secret").await;
    secrets_manager.rotate(json!({"username": USER, "password": "new-secret"}));
    let fresh = login(&cluster, "rotated-before-start", &secrets_manager);
    assert_published(&cluster, &fresh).await;

    // An open connection stays open. After a restart of the broker, the publisher must log in again.
    cluster.restart().await;
    let ids = new_ids(2);
    let mut attempts = 0;
    eventually(PUBLISHED_WITHIN, async || {
        attempts += 1;
        match publisher.publish(&ids).await {
            BatchResponse::AllPublished => Ok(()),
            BatchResponse::RetryFrom(_) => Err(publisher.log()),
        }
    })
    .await;
    assert!(attempts <= 4, "{attempts} attempts: {}", publisher.log());
    let log = publisher.log();
    assert!(log.contains("the credentials have changed: logging in again"), "{log}");
    assert!(!log.contains(PASSWORD) && !log.contains("new-secret"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_cannot_be_used_is_named_and_read_again_with_the_next_batch() {
    let cluster = Cluster::start().await;
    let secrets_manager = SecretsManager::start(None).await;
    let unreadable = format!("XZEPR_KAFKA_SASL_SECRET_ARN: {ARN} cannot be read: AccessDeniedException");
    let publisher = assert_refused(&login(&cluster, "secret", &secrets_manager), &unreadable).await;

    secrets_manager.rotate(json!({"user": USER, "password": PASSWORD}));
    assert_eq!(publisher.publish(&new_ids(1)).await, BatchResponse::RetryFrom(0));
    publisher
        .await_log(&format!(
            "XZEPR_KAFKA_SASL_SECRET_ARN: {ARN} must be JSON with the texts username and password"
        ))
        .await;
    assert!(!publisher.log().contains(PASSWORD));

    secrets_manager.rotate(json!({"username": USER, "password": PASSWORD}));
    assert_eq!(publisher.publish(&new_ids(1)).await, BatchResponse::AllPublished, "{}", publisher.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_comes_from_a_secret() {
    let cluster = Cluster::start().await;
    let text = |path| std::fs::read_to_string(path).unwrap();
    let client = &cluster.certificates.client;
    let secret = json!({"certificate": text(&client.certificate), "privateKey": text(&client.key)});
    let secrets_manager = SecretsManager::start(Some(secret)).await;
    let settings =
        [("XZEPR_KAFKA_SSL_SECRET_ARN", ARN), ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &*secrets_manager.url())];
    let variables = with(cluster.variables("MTLS", "certificate-secret"), &settings);
    assert_published(&cluster, &variables).await;

    let expired = &cluster.certificates.expired_client;
    secrets_manager
        .rotate(json!({"certificate": text(&expired.certificate), "privateKey": text(&expired.key)}));
    assert_refused(&variables, "XZEPR_KAFKA_SSL_SECRET_ARN: the certificate of CN=client expired at").await;
}
