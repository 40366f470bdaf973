//! Batches to many topics: those that are refused, missing, deleted or small, beside others.

use std::time::Duration;

use end_to_end::eventually;
use xzepr_kafka::{Producer, TopicAction, Undelivered};
use xzepr_messages::Message;
use xzepr_settings::{Compression, Settings};

use crate::{
    cluster::{Cluster, TOPICS},
    topic::{login, noise},
};

const WITHIN: Duration = Duration::from_secs(20);

fn producer(cluster: &Cluster) -> Producer {
    let variables = login(cluster, "unused", &[]);
    let variable = move |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.clone());
    Producer::new(Settings::new(variable, "").unwrap().kafka().unwrap()).unwrap()
}

fn message(topic: &str, length: usize) -> Message {
    Message {
        topic: topic.into(),
        key: "key".to_owned(),
        value: noise(length).into_bytes(),
        headers: Vec::new(),
        compression: Compression::Gzip,
    }
}

/// Publishes a message to each topic.
async fn publish_to(producer: &mut Producer, topics: &[String]) -> Vec<Result<(), Undelivered>> {
    let messages: Vec<_> = topics.iter().map(|topic| message(topic, 10)).collect();
    producer.publish(&messages.iter().collect::<Vec<_>>(), WITHIN).await
}

fn refused_action(result: &Result<(), Undelivered>) -> Option<TopicAction> {
    match result {
        Err(error @ Undelivered::TopicRefused { action, .. }) if error.is_refusal_of_topic() => Some(*action),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_are_refused_leave_the_others_of_their_batch_alone() {
    let cluster = Cluster::start().await;
    for topic in ["healthy", "read-only"] {
        cluster.tool(TOPICS, &["--create", "--topic", topic]).await;
    }
    let acls = [
        vec!["--deny-principal", "User:alice", "--operation", "Write", "--topic", "read-only"],
        vec!["--allow-principal", "User:alice", "--operation", "Describe", "--topic", "read-only"],
        vec!["--deny-principal", "User:alice", "--operation", "Create", "--cluster"],
        vec!["--deny-principal", "User:alice", "--operation", "Create", "--topic", "forbidden"],
        vec!["--allow-principal", "User:alice", "--operation", "Describe", "--topic", "forbidden"],
    ];
    for acl in &acls {
        cluster.tool("acls", &[&["--add"], &acl[..]].concat()).await;
    }
    let mut topics: Vec<String> =
        ["healthy", "read-only", "forbidden", "no name", "healthy"].map(str::to_owned).to_vec();
    topics.extend((0..20).map(|number| format!("new-{number}")));
    let mut producer = producer(&cluster);
    for _ in 0..2 {
        let results = publish_to(&mut producer, &topics).await;
        let refused: Vec<_> = results.iter().map(refused_action).collect();
        let expected =
            [None, Some(TopicAction::Write), Some(TopicAction::Create), Some(TopicAction::Describe)];
        assert_eq!(refused[..4], expected, "{results:?}");
        let delivered = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(delivered, 22, "{results:?}");
    }
    assert_eq!(cluster.read("new-19", 2).await.len(), 2);
    assert_eq!(cluster.read("healthy", 4).await.len(), 4);

    for acl in &acls {
        cluster.tool("acls", &[&["--remove", "--force"], &acl[..]].concat()).await;
    }
    topics.remove(3);
    eventually(Duration::from_secs(30), async || {
        let results = publish_to(&mut producer, &topics).await;
        if results.iter().all(Result::is_ok) { Ok(()) } else { Err(format!("{results:?}")) }
    })
    .await;
    assert_eq!(cluster.read("forbidden", 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_deleted_is_created_again() {
    let cluster = Cluster::start().await;
    let topics = ["deleted", "kept"].map(str::to_owned);
    let mut producer = producer(&cluster);
    assert!(publish_to(&mut producer, &topics).await.iter().all(Result::is_ok));
    cluster.tool(TOPICS, &["--delete", "--topic", "deleted"]).await;
    eventually(Duration::from_secs(60), async || {
        let results = publish_to(&mut producer, &topics).await;
        assert!(results[1].is_ok(), "{results:?}");
        results[0].clone().map_err(|error| error.to_string())
    })
    .await;
    assert_eq!(cluster.read("deleted", 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_with_a_small_limit_refuses_only_its_own_large_records() {
    let cluster = Cluster::start().await;
    let small = ["--create", "--topic", "small", "--config", "max.message.bytes=20000"];
    cluster.tool(TOPICS, &small).await;
    let mut producer = producer(&cluster);
    // Ten records of one partition are over the limit together. Alone only the large one is.
    let messages: Vec<_> = (0..22)
        .map(|index| {
            let topic = if index % 2 == 0 { "small" } else { "large" };
            message(topic, if index < 2 { 40_000 } else { 8_000 })
        })
        .collect();
    for _ in 0..2 {
        let results = producer.publish(&messages.iter().collect::<Vec<_>>(), WITHIN).await;
        let undelivered: Vec<_> = results.iter().enumerate().filter(|(_, result)| result.is_err()).collect();
        assert!(
            matches!(undelivered[..], [(0, Err(Undelivered::TooLarge { topic, .. }))] if topic == "small"),
            "{undelivered:?}"
        );
    }
    assert_eq!((cluster.read("small", 20).await.len(), cluster.read("large", 22).await.len()), (20, 22));
}
