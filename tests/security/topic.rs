//! The default topic: its creation, its ACLs, its limits.

use std::{collections::HashSet, time::Duration};

use end_to_end::{DynamodbApi, eventually};

use crate::{
    assert_published, assert_refused,
    broker_properties::{PASSWORD, USER},
    cluster::{Cluster, TOPICS},
    publisher::{BatchResponse, Publisher, Variables, new_ids},
    with,
};

/// The settings of a user with a password.
pub(crate) fn login(cluster: &Cluster, topic: &str, more: &[(&'static str, &str)]) -> Variables {
    let settings = [
        ("XZEPR_KAFKA_SASL_MECHANISM", "PLAIN"),
        ("XZEPR_KAFKA_SASL_USERNAME", USER),
        ("XZEPR_KAFKA_SASL_PASSWORD", PASSWORD),
    ];
    with(with(cluster.variables("SASLSSL", topic), &settings), more)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_topic_is_created_if_settings_and_cluster_allow_it() {
    let cluster = Cluster::start().await;
    let create = ["--create", "--topic", "five", "--partitions", "5"];
    cluster.tool(TOPICS, &create).await;
    assert_published(&cluster, &login(&cluster, "five", &[])).await;
    let described = cluster.tool(TOPICS, &["--describe", "--topic", "five"]).await;
    assert!(String::from_utf8_lossy(&described.stdout).contains("PartitionCount: 5"), "left as it was");

    let not_allowed = [("XZEPR_KAFKA_CREATE_TOPICS", "false")];
    assert_refused(
        &login(&cluster, "not-allowed", &not_allowed),
        "topic not-allowed does not exist and XZEPR_KAFKA_CREATE_TOPICS is false: create it",
    )
    .await;
    let three = [("XZEPR_KAFKA_DEFAULT_TOPIC_REPLICATION_FACTOR", "3")];
    assert_refused(
        &login(&cluster, "three-replicas", &three),
        "see XZEPR_KAFKA_DEFAULT_TOPIC_REPLICATION_FACTOR and the number of brokers",
    )
    .await;

    let deny = ["--add", "--deny-principal", "User:alice", "--operation", "Create"];
    cluster.tool("acls", &[&deny[..], &["--cluster"]].concat()).await;
    cluster.tool("acls", &[&deny[..], &["--topic", "forbidden"]].concat()).await;
    let describe =
        ["--add", "--allow-principal", "User:alice", "--operation", "Describe", "--topic", "forbidden"];
    cluster.tool("acls", &describe).await;
    assert_refused(
        &login(&cluster, "forbidden", &[]),
        "grant CREATE (MSK: kafka-cluster:CreateTopic) or create it",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_acl_fails_the_batch_and_a_granted_one_lets_it_pass() {
    let cluster = Cluster::start().await;
    cluster.tool(TOPICS, &["--create", "--topic", "guarded"]).await;
    let acl = |change, principal| {
        [change, "--allow-principal", principal, "--operation", "Write", "--topic", "guarded"]
    };
    cluster.tool("acls", &acl("--add", "User:bob")).await;
    cluster.tool("acls", &acl("--add", "User:alice")).await;
    let publisher = assert_published(&cluster, &login(&cluster, "guarded", &[])).await;

    let mut revoke = acl("--remove", "User:alice").to_vec();
    revoke.push("--force");
    cluster.tool("acls", &revoke).await;
    let ids = new_ids(2);
    assert_eq!(publisher.publish(&ids).await, BatchResponse::RetryFrom(0));
    publisher.await_log("grant WRITE (MSK: kafka-cluster:WriteData)").await;
    assert_refused(&login(&cluster, "guarded", &[]), "topic guarded: describing it is refused").await;

    cluster.tool("acls", &acl("--add", "User:alice")).await;
    // A refusal counts for 10 s.
    eventually(Duration::from_secs(20), async || match publisher.publish(&ids).await {
        BatchResponse::AllPublished => Ok(()),
        BatchResponse::RetryFrom(_) => Err(publisher.log()),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_over_the_topics_limit_is_a_dead_letter_with_its_size_and_the_limit() {
    let cluster = Cluster::start().await;
    let create = ["--create", "--topic", "small", "--partitions", "1", "--config", "max.message.bytes=20000"];
    cluster.tool(TOPICS, &create).await;
    let dead_letters = dead_letters().await;
    let table = ("AWS_ENDPOINT_URL_DYNAMODB", dead_letters.url());
    let publisher = Publisher::start(&login(&cluster, "small", &[table])).await;
    // Together they are over the limit. Alone only the second is. lz4 does not compress random text.
    let ids = new_ids(5);
    let events: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(index, id)| (id.clone(), format!("\"{}\"", noise(if index == 1 { 40_000 } else { 12_000 }))))
        .collect();
    assert_eq!(publisher.publish_payloads(&events).await, BatchResponse::AllPublished, "{}", publisher.log());
    let log = publisher.log();
    assert!(
        log.contains("is larger than the max.message.bytes of topic small: 20000 bytes")
            && log.contains(&ids[1])
            && log.contains("an event that cannot be published is a dead letter: the record of 40"),
        "{log}"
    );
    let client = aws_sdk_dynamodb::Client::new(&local::sdk_config(dead_letters.url()).await);
    let letters = client.scan().table_name(DEAD_LETTERS).send().await.unwrap();
    assert_eq!(letters.items()[0]["sk"].as_s().unwrap(), &ids[1], "{letters:?}");
    let keys: HashSet<_> = cluster.read("small", 4).await.into_iter().map(|record| record.key).collect();
    let expected: HashSet<_> =
        ids.into_iter().enumerate().filter(|(index, _)| *index != 1).map(|(_, id)| id).collect();
    assert_eq!(keys, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lowered_limit_costs_no_record_that_is_within_it() {
    let cluster = Cluster::start().await;
    let create = ["--create", "--topic", "less", "--partitions", "1", "--config", "max.message.bytes=40000"];
    cluster.tool(TOPICS, &create).await;
    let dead_letters = dead_letters().await;
    let table = ("AWS_ENDPOINT_URL_DYNAMODB", dead_letters.url());
    let publisher = Publisher::start(&login(&cluster, "less", &[table])).await;
    let ids = new_ids(6);
    let events = |lengths: [usize; 3], ids: &[String]| -> Vec<_> {
        ids.iter().cloned().zip(lengths.map(|length| format!("\"{}\"", noise(length)))).collect()
    };
    let before = publisher.publish_payloads(&events([10, 60_000, 10], &ids[..3])).await;
    assert_eq!(before, BatchResponse::AllPublished, "{}", publisher.log());

    let lower = ["--alter", "--add-config", "max.message.bytes=20000", "--entity-type", "topics"];
    cluster.tool("configs", &[&lower[..], &["--entity-name", "less"]].concat()).await;
    let after = publisher.publish_payloads(&events([10, 30_000, 10], &ids[3..])).await;
    assert_eq!(after, BatchResponse::AllPublished, "{}", publisher.log());
    assert!(publisher.log().contains("topic less: 20000 bytes"), "{}", publisher.log());
    let client = aws_sdk_dynamodb::Client::new(&local::sdk_config(dead_letters.url()).await);
    let letters = client.scan().table_name(DEAD_LETTERS).send().await.unwrap();
    let letters: HashSet<_> = letters.items().iter().map(|letter| letter["sk"].as_s().unwrap()).collect();
    assert_eq!(letters, HashSet::from([&ids[1], &ids[4]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_a_failed_batch_that_is_on_the_topic_is_not_sent_again() {
    let cluster = Cluster::start().await;
    let create = ["--create", "--topic", "twice", "--partitions", "3", "--config", "max.message.bytes=20000"];
    cluster.tool(TOPICS, &create).await;
    let dead_letters = DynamodbApi::embedded();
    let table = ("AWS_ENDPOINT_URL_DYNAMODB", dead_letters.url());
    let publisher = Publisher::start(&login(&cluster, "twice", &[table])).await;
    // The first record can only become a dead letter, and its table is missing at first. The others are acknowledged.
    let ids = new_ids(21);
    let payload = |index| format!("\"{}\"", noise(if index == 0 { 40_000 } else { 10 }));
    let events: Vec<_> = ids.iter().enumerate().map(|(index, id)| (id.clone(), payload(index))).collect();
    assert_eq!(publisher.publish_payloads(&events).await, BatchResponse::RetryFrom(0));
    local::create_dead_letters_table(dead_letters.url(), DEAD_LETTERS).await.unwrap();
    assert_eq!(publisher.publish_payloads(&events).await, BatchResponse::AllPublished, "{}", publisher.log());
    let mut keys: Vec<_> = cluster.read("twice", 20).await.into_iter().map(|record| record.key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 20, "a record was sent twice");
}

const DEAD_LETTERS: &str = "xzepr-dead-letters";

/// A DynamoDB API with the dead letters' table.
async fn dead_letters() -> DynamodbApi {
    let api = DynamodbApi::embedded();
    local::create_dead_letters_table(api.url(), DEAD_LETTERS).await.unwrap();
    api
}

/// Letters and digits that do not repeat (a linear congruential generator with Knuth's constants).
pub(crate) fn noise(length: usize) -> String {
    let mut state: u64 = 1;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(
                b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"[(state >> 58) as usize],
            )
        })
        .collect()
}
