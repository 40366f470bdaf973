//! OAUTHBEARER, with tokens from a token endpoint and Kafka's own validator.

use std::time::Duration;

use tokio::time::sleep;

use crate::{
    assert_published, assert_refused,
    cluster::Cluster,
    publisher::{BatchResponse, Variables, new_ids, signal},
    token_endpoint::{CLIENT_ID, CLIENT_SECRET, SCOPE},
    with,
};

fn client(cluster: &Cluster, topic: &str, more: &[(&'static str, &str)]) -> Variables {
    let settings = [
        ("XZEPR_KAFKA_SASL_MECHANISM", "OAUTHBEARER"),
        ("XZEPR_KAFKA_SASL_USERNAME", CLIENT_ID),
        ("XZEPR_KAFKA_SASL_PASSWORD", CLIENT_SECRET),
        ("XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT", &cluster.token_endpoint.url()),
        ("XZEPR_KAFKA_SASL_OAUTHBEARER_SCOPE", SCOPE),
    ];
    with(with(cluster.variables("OIDC", topic), &settings), more)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_logs_in_with_a_token_and_the_log_names_why_it_gets_none() {
    let cluster = Cluster::start().await;
    assert_published(&cluster, &client(&cluster, "oidc", &[])).await;

    let wrong_secret = [("XZEPR_KAFKA_SASL_PASSWORD", "wrong")];
    assert_refused(
        &client(&cluster, "wrong-secret", &wrong_secret),
        "XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT returned 401: invalid_client",
    )
    .await;
    let wrong_scope = [("XZEPR_KAFKA_SASL_OAUTHBEARER_SCOPE", "everything")];
    assert_refused(
        &client(&cluster, "wrong-scope", &wrong_scope),
        "XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT returned 400: invalid_scope",
    )
    .await;
    let nobody = [("XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT", "http://127.0.0.1:9/token")];
    assert_refused(
        &client(&cluster, "no-endpoint", &nobody),
        "XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT: error sending request",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_while_the_process_was_frozen_is_replaced_before_the_next_send() {
    let cluster = Cluster::start().await;
    cluster.token_endpoint.set_lifetime_s(4);
    let publisher = assert_published(&cluster, &client(&cluster, "frozen", &[])).await;
    let issued = cluster.token_endpoint.issued();

    signal(&publisher.process, "-STOP").await;
    // The fault: a freeze that is longer than the token's life.
    sleep(Duration::from_secs(6)).await;
    signal(&publisher.process, "-CONT").await;
    let ids = new_ids(2);
    assert_eq!(publisher.publish(&ids).await, BatchResponse::AllPublished, "{}", publisher.log());
    assert!(cluster.token_endpoint.issued() > issued);
    let keys: Vec<_> = cluster.read("frozen", 5).await.into_iter().map(|record| record.key).collect();
    assert!(ids.iter().all(|id| keys.contains(id)));
    assert!(!publisher.log().contains("could not publish"), "{}", publisher.log());
}
