//! One connection of a client, with its own connection to the mock cluster.

use std::{
    collections::HashMap,
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    sync::{Mutex, PoisonError, Weak},
};

use kafka_protocol::messages::ApiKey;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufWriter},
    net::TcpStream,
};

use super::{
    api_versions,
    cluster::Cluster,
    create_topics,
    frame::{self, RequestStart},
    request_body,
    response::Request,
};

/// More than any client sends before it reads.
const MAX_UNANSWERED: usize = 1_000;

/// The client id of the proxy's own requests.
const NO_CLIENT_ID: i16 = -1;

const CORRELATION_ID_LENGTH: usize = 4;

/// Requests whose responses the proxy writes, by correlation id.
type Unanswered = Mutex<HashMap<i32, Request>>;

/// Serves a client until one end closes its connection. `addresses` are those that responses name, in the order of the
/// brokers' ids.
pub(super) async fn serve(
    (from_client, to_client): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    server: TcpStream,
    addresses: &[SocketAddr],
    cluster: &Weak<Cluster>,
) -> Result<()> {
    server.set_nodelay(true)?;
    let (from_server, to_server) = server.into_split();
    let unanswered = Unanswered::default();
    tokio::select! {
        end = pass_requests(from_client, to_server, &unanswered) => end,
        end = pass_responses(from_server, to_client, &unanswered, addresses, cluster) => end,
    }
}

async fn pass_requests(
    from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin,
    unanswered: &Unanswered,
) -> Result<()> {
    let (mut from, mut to) = (BufReader::new(from), BufWriter::new(to));
    loop {
        let length = frame::read_length(&mut from, RequestStart::LENGTH).await?;
        let start = RequestStart::read(&mut from).await?;
        let rest = length - RequestStart::LENGTH;
        if start.api_key == ApiKey::ApiVersions as i16 {
            frame::skip(&mut from, rest).await?;
            remember(unanswered, start, &[])?;
            // Version 0 has no body.
            ask(&mut to, RequestStart { version: 0, ..start }, &[]).await?;
        } else {
            let rest = read_checked(&mut from, start, rest).await?;
            remember(unanswered, start, &rest)?;
            pass_request(&mut to, start, &rest).await?;
        }
        to.flush().await?;
    }
}

/// Reads the rest of a request. The mock cluster aborts this process at some malformed requests, so it gets only
/// well-formed ones.
async fn read_checked(
    from: &mut (impl AsyncRead + Unpin),
    start: RequestStart,
    length: usize,
) -> Result<Vec<u8>> {
    if !api_versions::accepts(start.api_key, start.version) {
        return Err(invalid("a request that is not accepted"));
    }
    let rest = frame::read(from, length).await?;
    if request_body::is_well_formed(start, &rest) { Ok(rest) } else { Err(invalid("a malformed request")) }
}

async fn pass_request(to: &mut (impl AsyncWrite + Unpin), start: RequestStart, rest: &[u8]) -> Result<()> {
    if start.api_key == ApiKey::CreateTopics as i16 {
        let (api_key, version) = (ApiKey::Metadata as i16, create_topics::METADATA_VERSION);
        let metadata = RequestStart { api_key, version, ..start };
        return ask(to, metadata, &create_topics::METADATA_BODY).await;
    }
    frame::write_length(to, RequestStart::LENGTH + rest.len()).await?;
    start.write(to).await?;
    to.write_all(rest).await
}

/// Sends a request of the proxy in the place of the client's. Its response also says when the response to the client is
/// due, since a broker responds in the order of the requests.
async fn ask(to: &mut (impl AsyncWrite + Unpin), start: RequestStart, body: &[u8]) -> Result<()> {
    frame::write_length(to, RequestStart::LENGTH + size_of_val(&NO_CLIENT_ID) + body.len()).await?;
    start.write(to).await?;
    to.write_i16(NO_CLIENT_ID).await?;
    to.write_all(body).await
}

async fn pass_responses(
    from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin,
    unanswered: &Unanswered,
    addresses: &[SocketAddr],
    cluster: &Weak<Cluster>,
) -> Result<()> {
    let (mut from, mut to) = (BufReader::new(from), BufWriter::new(to));
    loop {
        let length = frame::read_length(&mut from, CORRELATION_ID_LENGTH).await?;
        let correlation_id = from.read_i32().await?;
        let rest = length - CORRELATION_ID_LENGTH;
        let request = unanswered.lock().unwrap_or_else(PoisonError::into_inner).remove(&correlation_id);
        if let Some(request) = request {
            let original = frame::read(&mut from, rest).await?;
            let response = request.respond(&original, addresses, cluster).await?;
            frame::write_length(&mut to, response.len()).await?;
            to.write_all(&response).await?;
        } else {
            frame::write_length(&mut to, length).await?;
            to.write_i32(correlation_id).await?;
            frame::pass(&mut from, &mut to, rest).await?;
        }
        to.flush().await?;
    }
}

fn remember(unanswered: &Unanswered, start: RequestStart, rest: &[u8]) -> Result<()> {
    let Some(request) = Request::read(start, rest)? else { return Ok(()) };
    let mut unanswered = unanswered.lock().unwrap_or_else(PoisonError::into_inner);
    if unanswered.len() == MAX_UNANSWERED {
        return Err(invalid("too many requests without a response"));
    }
    unanswered.insert(start.correlation_id, request);
    Ok(())
}

fn invalid(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, reason)
}
