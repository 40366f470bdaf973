//! One connection of a client, with its own connection to the mock cluster.

use std::{
    collections::HashMap,
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use kafka_protocol::messages::ApiKey;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader, BufWriter},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::{
    api_versions,
    frame::{self, RequestStart},
    request_body, response,
};

/// More than any client sends before it reads.
const MAX_UNANSWERED: usize = 1_000;

/// An `ApiVersions` request in version 0 has no client id and no body.
const NO_CLIENT_ID: i16 = -1;

const CORRELATION_ID_LENGTH: usize = 4;

/// Requests whose responses the proxy writes, by correlation id.
type Unanswered = Mutex<HashMap<i32, RequestStart>>;

/// Serves a client until one end closes its connection. `address` is the one that responses name.
pub(super) async fn serve(client: TcpStream, server: TcpStream, address: SocketAddr) -> Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let unanswered = Unanswered::default();
    tokio::select! {
        end = pass_requests(from_client, to_server, &unanswered) => end,
        end = pass_responses(from_server, to_client, &unanswered, address) => end,
    }
}

async fn pass_requests(from: OwnedReadHalf, to: OwnedWriteHalf, unanswered: &Unanswered) -> Result<()> {
    let (mut from, mut to) = (BufReader::new(from), BufWriter::new(to));
    loop {
        let length = frame::read_length(&mut from, RequestStart::LENGTH).await?;
        let start = RequestStart::read(&mut from).await?;
        let rest = length - RequestStart::LENGTH;
        if response::is_written_here(start.api_key) {
            remember(unanswered, start)?;
        }
        if start.api_key == ApiKey::ApiVersions as i16 {
            frame::skip(&mut from, rest).await?;
            ask_for_api_versions(&mut to, start).await?;
        } else {
            pass_request(&mut from, &mut to, start, rest).await?;
        }
        to.flush().await?;
    }
}

/// The mock cluster aborts this process at some malformed requests, so it gets only well-formed ones.
async fn pass_request(
    from: &mut BufReader<OwnedReadHalf>,
    to: &mut BufWriter<OwnedWriteHalf>,
    start: RequestStart,
    length: usize,
) -> Result<()> {
    if !api_versions::accepts(start.api_key, start.version) {
        return Err(invalid("a request that is not accepted"));
    }
    let body = frame::read(from, length).await?;
    if !request_body::is_well_formed(start, &body) {
        return Err(invalid("a malformed request"));
    }
    frame::write_length(to, RequestStart::LENGTH + length).await?;
    start.write(to).await?;
    to.write_all(&body).await
}

/// The mock cluster's response is replaced. It only says when the response is due, since a broker responds in the order
/// of the requests.
async fn ask_for_api_versions(to: &mut BufWriter<OwnedWriteHalf>, start: RequestStart) -> Result<()> {
    frame::write_length(to, RequestStart::LENGTH + size_of_val(&NO_CLIENT_ID)).await?;
    RequestStart { version: 0, ..start }.write(to).await?;
    to.write_i16(NO_CLIENT_ID).await
}

async fn pass_responses(
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    unanswered: &Unanswered,
    address: SocketAddr,
) -> Result<()> {
    let (mut from, mut to) = (BufReader::new(from), BufWriter::new(to));
    loop {
        let length = frame::read_length(&mut from, CORRELATION_ID_LENGTH).await?;
        let correlation_id = from.read_i32().await?;
        let rest = length - CORRELATION_ID_LENGTH;
        let request = unanswered.lock().unwrap_or_else(PoisonError::into_inner).remove(&correlation_id);
        if let Some(request) = request {
            let original = frame::read(&mut from, rest).await?;
            let response = response::write(request, &original, address)?;
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

fn remember(unanswered: &Unanswered, request: RequestStart) -> Result<()> {
    let mut unanswered = unanswered.lock().unwrap_or_else(PoisonError::into_inner);
    if unanswered.len() == MAX_UNANSWERED {
        return Err(invalid("too many requests without a response"));
    }
    unanswered.insert(request.correlation_id, request);
    Ok(())
}

fn invalid(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, reason)
}
