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

/// The response to `request`. `original` is the mock cluster's, from the correlation id on, and `address` the proxy's.
pub(super) fn write(request: RequestStart, original: &[u8], address: SocketAddr) -> Result<Vec<u8>> {
    if request.api_key == ApiKey::ApiVersions as i16 {
        let (response, version) = api_versions::response(request.version);
        let header = ResponseHeader::default().with_correlation_id(request.correlation_id);
        return encode(&header, &response, version);
    }
    if request.api_key == ApiKey::Metadata as i16 {
        return renamed::<MetadataResponse>(request.version, original, address);
    }
    renamed::<FindCoordinatorResponse>(request.version, original, address)
}

fn renamed<T>(version: i16, mut original: &[u8], address: SocketAddr) -> Result<Vec<u8>>
where
    T: Decodable + Encodable + HeaderVersion + NamesBrokers,
{
    let header = ResponseHeader::decode(&mut original, T::header_version(version)).map_err(invalid)?;
    let mut response = T::decode(&mut original, version).map_err(invalid)?;
    response.name(address);
    encode(&header, &response, version)
}

fn encode<T: Encodable + HeaderVersion>(
    header: &ResponseHeader,
    response: &T,
    version: i16,
) -> Result<Vec<u8>> {
    let mut frame = Vec::new();
    header.encode(&mut frame, T::header_version(version)).map_err(invalid)?;
    response.encode(&mut frame, version).map_err(invalid)?;
    Ok(frame)
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}
