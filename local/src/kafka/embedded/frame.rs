//! The frames of Kafka's protocol: a length, then a request or a response.
//!
//! <https://kafka.apache.org/protocol#protocol_common>

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink};

/// The longest frame, in bytes. The mock cluster reserves memory for a request when it sees its length. A partition
/// keeps 5 MiB, so no useful frame is longer.
const MAX_LENGTH: usize = 16 << 20;

/// The start of a request. The rest depends on both numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestStart {
    pub(super) api_key: i16,
    pub(super) version: i16,
    pub(super) correlation_id: i32,
}

impl RequestStart {
    pub(super) const LENGTH: usize = 8;

    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Self> {
        Ok(Self {
            api_key: stream.read_i16().await?,
            version: stream.read_i16().await?,
            correlation_id: stream.read_i32().await?,
        })
    }

    pub(super) async fn write(self, stream: &mut (impl AsyncWrite + Unpin)) -> Result<()> {
        stream.write_all(&self.bytes()).await
    }

    pub(super) fn bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..2].copy_from_slice(&self.api_key.to_be_bytes());
        bytes[2..4].copy_from_slice(&self.version.to_be_bytes());
        bytes[4..].copy_from_slice(&self.correlation_id.to_be_bytes());
        bytes
    }
}

/// Reads a frame's length, of at least `at_least` bytes.
pub(super) async fn read_length(stream: &mut (impl AsyncRead + Unpin), at_least: usize) -> Result<usize> {
    let length = usize::try_from(stream.read_i32().await?).ok();
    length
        .filter(|length| (at_least..=MAX_LENGTH).contains(length))
        .ok_or_else(|| Error::new(ErrorKind::InvalidData, "a frame of this length is not allowed"))
}

pub(super) async fn write_length(stream: &mut (impl AsyncWrite + Unpin), length: usize) -> Result<()> {
    let length = i32::try_from(length).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
    stream.write_i32(length).await
}

/// Reads the next `length` bytes. Memory grows only with the bytes that arrive.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin), length: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes).await?;
    if bytes.len() == length { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

/// Passes the next `length` bytes on.
pub(super) async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    length: usize,
) -> Result<()> {
    let passed = copy(&mut from.take(length as u64), to).await?;
    if passed == length as u64 { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

/// Drops the next `length` bytes.
pub(super) async fn skip(from: &mut (impl AsyncRead + Unpin), length: usize) -> Result<()> {
    pass(from, &mut sink(), length).await
}
