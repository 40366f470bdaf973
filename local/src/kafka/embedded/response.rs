//! Responses that the proxy writes itself.

use std::{
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    sync::Weak,
};

use kafka_protocol::{
    messages::{ApiKey, CreateTopicsRequest, FindCoordinatorResponse, MetadataResponse, ResponseHeader},
    protocol::{Decodable, Encodable, HeaderVersion},
};

use super::{addresses::NamesBrokers, api_versions, cluster::Cluster, create_topics, frame::RequestStart};

/// A request whose response the proxy writes, and the values that the response depends on.
pub(super) enum Request {
    ApiVersions(RequestStart),
    Metadata(RequestStart),
    FindCoordinator(RequestStart),
    CreateTopics(RequestStart, CreateTopicsRequest),
}

impl Request {
    /// The request, or `None` where the client gets the mock cluster's own response. `rest` is its bytes after the start,
    /// which are well-formed.
    pub(super) fn read(start: RequestStart, rest: &[u8]) -> Result<Option<Self>> {
        Ok(match ApiKey::try_from(start.api_key) {
            Ok(ApiKey::ApiVersions) => Some(Self::ApiVersions(start)),
            Ok(ApiKey::Metadata) => Some(Self::Metadata(start)),
            Ok(ApiKey::FindCoordinator) => Some(Self::FindCoordinator(start)),
            Ok(ApiKey::CreateTopics) => Some(Self::CreateTopics(start, create_topics::decode(start, rest)?)),
            _ => None,
        })
    }

    /// The response. `original` is the mock cluster's after the correlation id, and `addresses` are the proxy's.
    pub(super) async fn respond(
        self,
        original: &[u8],
        addresses: &[SocketAddr],
        cluster: &Weak<Cluster>,
    ) -> Result<Vec<u8>> {
        match self {
            Self::ApiVersions(start) => {
                let (response, version) = api_versions::response(start.version);
                encode(start.correlation_id, &response, version)
            }
            Self::Metadata(start) => renamed::<MetadataResponse>(start, original, addresses),
            Self::FindCoordinator(start) => renamed::<FindCoordinatorResponse>(start, original, addresses),
            Self::CreateTopics(start, request) => {
                let response = create_topics::response(request, original, cluster).await?;
                encode(start.correlation_id, &response, start.version)
            }
        }
    }
}

fn renamed<T>(request: RequestStart, original: &[u8], addresses: &[SocketAddr]) -> Result<Vec<u8>>
where
    T: Decodable + Encodable + HeaderVersion + NamesBrokers,
{
    let RequestStart { version, correlation_id, .. } = request;
    // A flexible header ends with tagged fields, of which the mock cluster writes none.
    let mut body = original.get(usize::from(T::header_version(version) > 0)..).unwrap_or_default();
    let mut response = T::decode(&mut body, version).map_err(invalid)?;
    response.name(addresses);
    encode(correlation_id, &response, version)
}

fn encode<T: Encodable + HeaderVersion>(correlation_id: i32, response: &T, version: i16) -> Result<Vec<u8>> {
    let mut frame = Vec::new();
    let header = ResponseHeader::default().with_correlation_id(correlation_id);
    header.encode(&mut frame, T::header_version(version)).map_err(invalid)?;
    response.encode(&mut frame, version).map_err(invalid)?;
    Ok(frame)
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}
