//! AWS_MSK_IAM, against a broker that checks the signature as Amazon MSK does.

use crate::{assert_published, assert_refused, cluster::Cluster, with};

const IAM: [(&str, &str); 1] = [("XZEPR_KAFKA_SASL_MECHANISM", "AWS_MSK_IAM")];

#[tokio::test(flavor = "multi_thread")]
async fn the_functions_role_logs_in_and_a_wrong_one_is_refused() {
    let cluster = Cluster::start().await;
    assert_published(&cluster, &with(cluster.variables("IAM", "iam"), &IAM)).await;

    let refused = "the broker refuses the login: see XZEPR_KAFKA_SASL_MECHANISM and its credentials";
    let other_secret = [("AWS_SECRET_ACCESS_KEY", "another")];
    assert_refused(&with(with(cluster.variables("IAM", "other-secret"), &IAM), &other_secret), refused).await;
    let other_region = [("XZEPR_KAFKA_AWS_REGION", "us-east-1")];
    assert_refused(&with(with(cluster.variables("IAM", "other-region"), &IAM), &other_region), refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_the_log_says_so() {
    let cluster = Cluster::start().await;
    let no_credentials = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("HOME", "/nonexistent"),
    ];
    assert_refused(
        &with(with(cluster.variables("IAM", "no-credentials"), &IAM), &no_credentials),
        "AWS_MSK_IAM: no token can be signed",
    )
    .await;
}
