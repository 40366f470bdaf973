//! The fields of requests, compared with those of the crate kafka-protocol, which is made from Kafka's own definitions.

use kafka_protocol::{
    messages::{
        ApiKey, BrokerId, CreateTopicsRequest, FetchRequest, FindCoordinatorRequest, GroupId,
        HeartbeatRequest, InitProducerIdRequest, JoinGroupRequest, LeaveGroupRequest, ListOffsetsRequest,
        MetadataRequest, OffsetCommitRequest, OffsetFetchRequest, ProduceRequest, RequestHeader,
        SyncGroupRequest, TopicName,
        create_topics_request::{CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig},
        fetch_request::{FetchPartition, FetchTopic, ForgottenTopic},
        join_group_request::JoinGroupRequestProtocol,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        metadata_request::MetadataRequestTopic,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_fetch_request::OffsetFetchRequestTopic,
        produce_request::{PartitionProduceData, TopicProduceData},
        sync_group_request::SyncGroupRequestAssignment,
    },
    protocol::{Encodable, HeaderVersion, Message, StrBytes},
};

use super::*;
use crate::kafka::embedded::api_versions::accepts;

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn topic() -> TopicName {
    TopicName(text("topic"))
}

fn group() -> GroupId {
    GroupId(text("group"))
}

/// For each accepted version that the crate writes: the request is well-formed, and no shorter one is.
fn check<T: Encodable + HeaderVersion + Message>(key: ApiKey, request: impl Fn(i16) -> T) {
    let versions: Vec<_> =
        (T::VERSIONS.min..=T::VERSIONS.max).filter(|version| accepts(key as i16, *version)).collect();
    assert!(!versions.is_empty(), "{key:?}");
    for version in versions {
        let start = RequestStart { api_key: key as i16, version, correlation_id: 7 };
        let header_version = T::header_version(version);
        let header = RequestHeader::default().with_client_id(Some(text("client")));
        let mut bytes = Vec::new();
        header.encode(&mut bytes, header_version).unwrap();
        request(version).encode(&mut bytes, version).unwrap();
        let bytes = &bytes[RequestStart::LENGTH..];
        assert!(is_well_formed(start, bytes), "{key:?} {version}");
        for length in 0..bytes.len() {
            assert!(!is_well_formed(start, &bytes[..length]), "{key:?} {version}, {length} bytes");
        }
    }
}

#[test]
fn requests_about_records_have_the_fields_of_kafkas_definitions() {
    check(ApiKey::Produce, |_| {
        let partition = PartitionProduceData::default().with_records(Some("records".into()));
        let topic = TopicProduceData::default().with_name(topic()).with_partition_data(vec![partition; 2]);
        ProduceRequest::default().with_topic_data(vec![topic; 2])
    });
    check(ApiKey::Fetch, |version| {
        let mut read = FetchTopic::default().with_partitions(vec![FetchPartition::default(); 2]);
        let mut forgotten = ForgottenTopic::default().with_partitions(vec![1, 2]);
        if version < 13 {
            (read.topic, forgotten.topic) = (topic(), topic());
        }
        let request = FetchRequest::default().with_topics(vec![read; 2]).with_rack_id(text(""));
        if version < 7 { request } else { request.with_forgotten_topics_data(vec![forgotten; 2]) }
    });
    check(ApiKey::ListOffsets, |_| {
        let partitions = vec![ListOffsetsPartition::default(); 2];
        let topic = ListOffsetsTopic::default().with_name(topic()).with_partitions(partitions);
        ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![topic; 2])
    });
    check(ApiKey::Metadata, |_| {
        let topic = MetadataRequestTopic::default().with_name(Some(topic()));
        MetadataRequest::default().with_topics(Some(vec![topic; 2]))
    });
    check(ApiKey::CreateTopics, |_| {
        let assignment = CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(1); 2]);
        let config = CreatableTopicConfig::default().with_name(text("name")).with_value(Some(text("value")));
        let topic = CreatableTopic::default().with_name(topic()).with_assignments(vec![assignment; 2]);
        CreateTopicsRequest::default().with_topics(vec![topic.with_configs(vec![config; 2]); 2])
    });
    check(ApiKey::InitProducerId, |_| InitProducerIdRequest::default());
}

#[test]
fn requests_of_consumer_groups_have_the_fields_of_kafkas_definitions() {
    check(ApiKey::OffsetCommit, |_| {
        let partitions = vec![OffsetCommitRequestPartition::default(); 2];
        let topic = OffsetCommitRequestTopic::default().with_name(topic()).with_partitions(partitions);
        OffsetCommitRequest::default().with_group_id(group()).with_topics(vec![topic; 2])
    });
    check(ApiKey::OffsetFetch, |_| {
        let topic = OffsetFetchRequestTopic::default().with_name(topic()).with_partition_indexes(vec![1, 2]);
        OffsetFetchRequest::default().with_group_id(group()).with_topics(Some(vec![topic; 2]))
    });
    check(ApiKey::FindCoordinator, |_| FindCoordinatorRequest::default().with_key(text("group")));
    check(ApiKey::JoinGroup, |_| {
        let protocol = JoinGroupRequestProtocol::default().with_name(text("range"));
        JoinGroupRequest::default().with_group_id(group()).with_protocols(vec![protocol; 2])
    });
    check(ApiKey::Heartbeat, |_| HeartbeatRequest::default().with_group_id(group()));
    check(ApiKey::LeaveGroup, |_| LeaveGroupRequest::default().with_group_id(group()));
    check(ApiKey::SyncGroup, |_| {
        let assignment = SyncGroupRequestAssignment::default().with_member_id(text("member"));
        SyncGroupRequest::default().with_group_id(group()).with_assignments(vec![assignment; 2])
    });
}

#[test]
fn a_member_of_a_group_without_a_protocol_is_malformed() {
    let start = RequestStart { api_key: ApiKey::JoinGroup as i16, version: 5, correlation_id: 7 };
    let request = JoinGroupRequest::default().with_group_id(group());
    let mut bytes = vec![0xff, 0xff];
    request.encode(&mut bytes, start.version).unwrap();
    assert!(!is_well_formed(start, &bytes));
}
