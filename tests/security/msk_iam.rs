//! AWS_MSK_IAM, with a broker that checks the signature as Amazon MSK does.

use aws_config::{BehaviorVersion, Region};
use aws_msk_iam_sasl_signer::generate_auth_token_from_credentials_provider;
use tokio::process::Command;

use crate::{
    assert_published, assert_refused,
    broker_properties::{ACCESS_KEY_ID, SECRET_ACCESS_KEY},
    cluster::Cluster,
    with,
};

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
async fn missing_credentials_are_named_in_the_log() {
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

#[tokio::test]
#[ignore = "needs AWS's signer for Python: tests/real-services has it"]
async fn a_token_is_the_one_that_awss_own_signer_makes() {
    let credentials = aws_sdk_dynamodb::config::Credentials::new(
        ACCESS_KEY_ID,
        SECRET_ACCESS_KEY,
        Some("a session/token+with=signs".to_owned()),
        None,
        "test",
    );
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-central-1"))
        .credentials_provider(credentials)
        .load()
        .await;
    let (token, expires_ms) = generate_auth_token_from_credentials_provider(
        Region::new("eu-central-1"),
        config.credentials_provider().unwrap(),
    )
    .await
    .unwrap();
    let python = std::env::var("XZEPR_TEST_PYTHON").expect("a Python with tests/security/requirements.txt");
    let compared = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/security/compare_token.py"))
        .args([&token, &expires_ms.to_string()])
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .env("AWS_SESSION_TOKEN", "a session/token+with=signs")
        .status()
        .await
        .unwrap();
    assert!(compared.success());
}
