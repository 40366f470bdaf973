//! The request `CreateTopics`, which the proxy answers itself.
//!
//! The mock cluster gets a `Metadata` request for all topics in its place. Its response tells which topics exist, and
//! when the response to the client is due.

use std::{
    collections::HashMap,
    io::{Error, Result},
    sync::Weak,
};

use kafka_protocol::{
    ResponseError,
    messages::{
        CreateTopicsRequest, CreateTopicsResponse, MetadataResponse, RequestHeader, TopicName,
        create_topics_response::CreatableTopicResult,
    },
    protocol::{Decodable, HeaderVersion, StrBytes},
};
use tokio::task::spawn_blocking;

use super::{
    cluster::Cluster,
    frame::RequestStart,
    new_topic::{self, Refusal},
};

/// The version of the `Metadata` request: the first in which it can forbid that topics are created.
pub(super) const METADATA_VERSION: i16 = 4;

/// After the client id: all topics, and no creation.
pub(super) const METADATA_BODY: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0];

/// Kafka's limit for the partitions of one request.
///
/// <https://github.com/apache/kafka/blob/4.1.0/metadata/src/main/java/org/apache/kafka/controller/ReplicationControlManager.java>
const MAX_PARTITIONS: i32 = 10_000;

/// A partition has one replica.
const REPLICATION_FACTOR: i16 = 1;

/// A topic's name, and the number of its partitions or why it is not created.
type Decision = (TopicName, std::result::Result<i32, Refusal>);

/// Reads a well-formed request. `rest` is its bytes after the start.
pub(super) fn decode(start: RequestStart, rest: &[u8]) -> Result<CreateTopicsRequest> {
    let bytes = [&start.bytes(), rest].concat();
    let mut bytes = bytes.as_slice();
    RequestHeader::decode(&mut bytes, CreateTopicsRequest::header_version(start.version))
        .map_err(Error::other)?;
    CreateTopicsRequest::decode(&mut bytes, start.version).map_err(Error::other)
}

/// Creates the topics of a request that do not exist and follow the rules. `metadata` is the mock cluster's response.
pub(super) async fn response(
    request: CreateTopicsRequest,
    mut metadata: &[u8],
    cluster: &Weak<Cluster>,
) -> Result<CreateTopicsResponse> {
    let metadata = MetadataResponse::decode(&mut metadata, METADATA_VERSION).map_err(Error::other)?;
    let existing = metadata.topics.into_iter().filter_map(|topic| topic.name);
    let existing: Vec<_> = existing.map(|name| name.to_string()).collect();
    let cluster = cluster.upgrade().ok_or_else(|| Error::other("the embedded Kafka has ended"))?;
    let decisions = decide(&request, &existing, cluster.default_partitions);
    if request.validate_only {
        return Ok(respond(decisions));
    }
    let create_all = move || -> Result<Vec<_>> {
        decisions.into_iter().map(|decision| create(&cluster, decision)).collect()
    };
    let decisions = spawn_blocking(create_all).await?;
    decisions.map(respond)
}

/// Decides about each name of the request once.
fn decide(request: &CreateTopicsRequest, existing: &[String], default_partitions: i32) -> Vec<Decision> {
    let mut counts = HashMap::new();
    for topic in &request.topics {
        *counts.entry(&topic.name).or_insert(0) += 1;
    }
    let mut left = MAX_PARTITIONS;
    let decisions = request.topics.iter().filter_map(|topic| {
        let decision = match counts.remove(&topic.name)? {
            1 => new_topic::check(topic, existing, default_partitions),
            _ => Err(Refusal::new(ResponseError::InvalidRequest, "Duplicate topic name.")),
        };
        Some((topic.name.clone(), decision.and_then(|partitions| take(partitions, &mut left))))
    });
    decisions.collect()
}

fn take(partitions: i32, left: &mut i32) -> std::result::Result<i32, Refusal> {
    if partitions > *left {
        let message = format!("A request must not create more than {MAX_PARTITIONS} partitions.");
        return Err(Refusal::new(ResponseError::PolicyViolation, message));
    }
    *left -= partitions;
    Ok(partitions)
}

fn create(cluster: &Cluster, (name, decision): Decision) -> Result<Decision> {
    let Ok(partitions) = decision else { return Ok((name, decision)) };
    let is_new = cluster.create_topic(name.to_string(), partitions).map_err(Error::other)?;
    // Another connection may have been faster.
    let decision = if is_new { Ok(partitions) } else { Err(Refusal::exists(&name)) };
    Ok((name, decision))
}

fn respond(decisions: Vec<Decision>) -> CreateTopicsResponse {
    let results = decisions.into_iter().map(|(name, decision)| {
        let result = CreatableTopicResult::default().with_name(name);
        match decision {
            Ok(partitions) => result
                .with_error_message(None)
                .with_num_partitions(partitions)
                .with_replication_factor(REPLICATION_FACTOR)
                // A topic has no settings of its own.
                .with_configs(Some(Vec::new())),
            Err(refusal) => result
                .with_error_code(refusal.error.code())
                .with_error_message(Some(StrBytes::from_string(refusal.message)))
                .with_configs(None),
        }
    });
    CreateTopicsResponse::default().with_topics(results.collect())
}

#[cfg(test)]
#[path = "create_topics_tests.rs"]
mod tests;
