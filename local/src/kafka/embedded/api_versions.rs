//! The requests that the embedded Kafka accepts.
//!
//! librdkafka's mock cluster accepts more than it handles as Kafka does. librdkafka itself does not send those requests,
//! other clients do.

use std::ops::RangeInclusive;

use kafka_protocol::{
    ResponseError,
    messages::{ApiKey, ApiVersionsResponse, api_versions_response::ApiVersion},
    protocol::Message,
};

const OLDEST: i16 = 0;

/// The versions of each request.
const ACCEPTED: [(ApiKey, RangeInclusive<i16>); 14] = [
    (ApiKey::Produce, 0..=10),
    (ApiKey::Fetch, 0..=16),
    (ApiKey::ListOffsets, 0..=7),
    (ApiKey::Metadata, 0..=12),
    (ApiKey::OffsetCommit, 0..=9),
    (ApiKey::OffsetFetch, 0..=6),
    (ApiKey::FindCoordinator, 0..=3),
    // From version 6 on the mock cluster misreads the list of protocols.
    (ApiKey::JoinGroup, 0..=5),
    (ApiKey::Heartbeat, 0..=4),
    // From version 3 on the mock cluster misreads the list of members.
    (ApiKey::LeaveGroup, 0..=2),
    // From version 4 on the mock cluster misreads the list of assignments.
    (ApiKey::SyncGroup, 0..=3),
    (ApiKey::ApiVersions, OLDEST..=ApiVersionsResponse::VERSIONS.max),
    // A response from version 7 on has the topic's id, which the mock cluster does not tell.
    (ApiKey::CreateTopics, 2..=6),
    (ApiKey::InitProducerId, 0..=4),
];

/// Whether the embedded Kafka accepts the request.
pub(super) fn accepts(api_key: i16, version: i16) -> bool {
    ACCEPTED.iter().any(|(accepted, versions)| *accepted as i16 == api_key && versions.contains(&version))
}

/// The response to an `ApiVersions` request, and the version in which it is written. The response to a version that is
/// too new is an error in version 0, which every client reads.
///
/// <https://cwiki.apache.org/confluence/display/KAFKA/KIP-511%3A+Collect+and+Expose+Client%27s+Name+and+Version+in+the+Brokers>
pub(super) fn response(version: i16) -> (ApiVersionsResponse, i16) {
    let response = ApiVersionsResponse::default();
    if accepts(ApiKey::ApiVersions as i16, version) {
        return (response.with_api_keys(api_keys(|_| true)), version);
    }
    let error = ResponseError::UnsupportedVersion.code();
    (response.with_error_code(error).with_api_keys(api_keys(|key| key == ApiKey::ApiVersions)), OLDEST)
}

fn api_keys(is_listed: impl Fn(ApiKey) -> bool) -> Vec<ApiVersion> {
    let listed = ACCEPTED.iter().filter(|(key, _)| is_listed(*key));
    listed
        .map(|(key, versions)| {
            ApiVersion::default()
                .with_api_key(*key as i16)
                .with_min_version(*versions.start())
                .with_max_version(*versions.end())
        })
        .collect()
}
