//! Responses that the proxy writes itself.

use std::{
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
};

use kafka_protocol::{
    messages::{ApiKey, FindCoordinatorResponse, MetadataResponse, ResponseHeader},
    protocol::{Decodable, Encodable, HeaderVersion},
};

use super::{addresses::NamesBrokers, api_versions, frame::RequestStart};

/// Whether the proxy writes the response to this request.
pub(super) fn is_written_here(api_key: i16) -> bool {
    [ApiKey::ApiVersions, ApiKey::Metadata, ApiKey::FindCoordinator].iter().any(|key| *key as i16 == api_key)
}

/// The response to `request`. `original` is the mock cluster's after the correlation id, and `address` is the proxy's.
pub(super) fn write(request: RequestStart, original: &[u8], address: SocketAddr) -> Result<Vec<u8>> {
    if request.api_key == ApiKey::ApiVersions as i16 {
        let (response, version) = api_versions::response(request.version);
        return encode(request.correlation_id, &response, version);
    }
    if request.api_key == ApiKey::Metadata as i16 {
        return renamed::<MetadataResponse>(request, original, address);
    }
    renamed::<FindCoordinatorResponse>(request, original, address)
}

fn renamed<T>(request: RequestStart, original: &[u8], address: SocketAddr) -> Result<Vec<u8>>
where
    T: Decodable + Encodable + HeaderVersion + NamesBrokers,
{
    let RequestStart { version, correlation_id, .. } = request;
    // A flexible header ends with tagged fields, of which the mock cluster writes none.
    let mut body = original.get(usize::from(T::header_version(version) > 0)..).unwrap_or_default();
    let mut response = T::decode(&mut body, version).map_err(invalid)?;
    response.name(address);
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
