//! publish-events on every kind of connection that Kafka has, with Apache Kafka. Valid settings publish the batch.
//! Invalid ones fail it, and the log names the cause in time.
//!
//! Needs publish-events as `cargo build` makes it, Java and Maven. tests/real-services runs it.

mod broker_properties;
mod certificates;
mod cluster;
mod cold_start;
mod kerberos;
mod local_stack;
mod memory;
mod msk_iam;
mod oauthbearer;
mod password;
mod publisher;
mod secret;
mod secrets_manager;
mod tls;
mod token_endpoint;
mod topic;
mod topics;

use cluster::Cluster;
use publisher::{BatchResponse, Publisher, Variables, new_ids};

/// Publishes through a function with these settings, and finds the records on its topic.
async fn assert_published(cluster: &Cluster, variables: &Variables) -> Publisher {
    let publisher = Publisher::start(variables).await;
    let mut ids = new_ids(3);
    assert_eq!(publisher.publish(&ids).await, BatchResponse::AllPublished, "{}", publisher.log());
    let mut keys: Vec<_> = cluster
        .read(value(variables, "XZEPR_KAFKA_DEFAULT_TOPIC"), 3)
        .await
        .into_iter()
        .map(|record| record.key)
        .collect();
    keys.sort();
    ids.sort();
    assert_eq!(keys, ids);
    publisher
}

/// Fails to publish through a function with these settings: the whole batch must be sent again, and the log names
/// the reason.
async fn assert_refused(variables: &Variables, reason: &str) -> Publisher {
    let publisher = Publisher::start(variables).await;
    assert_eq!(publisher.publish(&new_ids(3)).await, BatchResponse::RetryFrom(0), "{}", publisher.log());
    let log = publisher.log();
    assert!(log.contains("could not publish") && log.contains(reason), "not logged: {reason}\n{log}");
    publisher
}

/// Starts a function with these settings, which ends at its start with this message.
async fn assert_ends_at_start(variables: &Variables, message: &str) {
    let mut publisher = Publisher::start(variables).await;
    let status = publisher.process.wait().await.unwrap();
    assert!(!status.success());
    let log = publisher.log();
    assert!(log.contains(&format!("the function stopped: {message}")), "not logged: {message}\n{log}");
}

fn value<'a>(variables: &'a Variables, name: &str) -> &'a str {
    let (_, value) = variables.iter().rev().find(|(variable, _)| *variable == name).unwrap();
    value
}

/// Settings with more of them added. Of two with the same name the later one counts.
fn with(mut variables: Variables, more: &[(&'static str, &str)]) -> Variables {
    variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    variables
}
