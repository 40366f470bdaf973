//! `local` on a secured cluster: `kafka-check`, and the whole stack.

use std::{process::Stdio, time::Duration};

use end_to_end::eventually;
use local::ports;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::{
    broker_properties::{ACCESS_KEY_ID, PASSWORD, SECRET_ACCESS_KEY, USER},
    cluster::Cluster,
    publisher::{Variables, signal},
    with,
};

/// Longer than a start of the whole system.
const PRINTED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn kafka_check_names_each_step_and_the_one_that_fails() {
    let cluster = Cluster::start().await;
    let login = |password| {
        let settings = [
            ("XZEPR_KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
            ("XZEPR_KAFKA_SASL_USERNAME", USER),
            ("XZEPR_KAFKA_SASL_PASSWORD", password),
        ];
        with(cluster.variables("SASLSSL", "checked"), &settings)
    };
    let (success, text) = check(&login(PASSWORD), &["--produce-to", "checked"]).await;
    assert!(success, "{text}");
    let steps = ["settings", "resolve", "connect", "tls", "login", "metadata", "topic", "produce"];
    let named: Vec<_> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(named, steps, "{text}");
    assert_eq!(cluster.read("checked", 1).await[0].key, "kafka-check");

    let (success, text) = check(&login("wrong"), &[]).await;
    assert!(!success && text.contains("local: login: the broker refuses the login"), "{text}");
    assert!(text.contains("tls       the broker's certificate is trusted"), "{text}");
    let (_, text) = check(&cluster.variables("EXPIRED", "checked"), &[]).await;
    assert!(text.contains("local: tls: the broker's certificate has expired"), "{text}");
    let nobody = with(cluster.variables("SSL", "checked"), &[("XZEPR_KAFKA_BROKERS", "127.0.0.1:9")]);
    let (_, text) = check(&nobody, &[]).await;
    assert!(text.contains("local: connect: 127.0.0.1:9: Connection refused"), "{text}");
    let unknown =
        with(cluster.variables("SSL", "checked"), &[("XZEPR_KAFKA_BROKERS", "no.such.host.invalid:9")]);
    let (_, text) = check(&unknown, &[]).await;
    assert!(text.contains("local: resolve: no.such.host.invalid:9 (XZEPR_KAFKA_BROKERS): "), "{text}");
}

async fn check(variables: &Variables, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(local::program("local"))
        .arg("kafka-check")
        .args(arguments)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .await
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stack_publishes_to_a_secured_cluster_and_reads_it() {
    let cluster = Cluster::start().await;
    let variables = with(cluster.variables("IAM", "stack"), &[("XZEPR_KAFKA_SASL_MECHANISM", "AWS_MSK_IAM")]);
    let port = || ports::free().unwrap().to_string();
    let mut local = Command::new(local::program("local"))
        .args(["--kafka-brokers", &cluster.address("IAM"), "--api-port", &port(), "--dynamodb-port", &port()])
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(local.stdout.take().unwrap()).lines();
    eventually(PRINTED_WITHIN, async || {
        let line = lines.next_line().await.unwrap().expect("local has not ended");
        if line.contains("xzepr.event.receiver.group.created") { Ok(()) } else { Err(line) }
    })
    .await;
    // SIGKILL would leave its functions running.
    signal(&local, "-TERM").await;
    assert!(local.wait().await.unwrap().success());
}
