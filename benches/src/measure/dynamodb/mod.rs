//! A DynamoDB API with TLS and fixed responses.
//!
//! The items are those that `shared/store` writes into the embedded DynamoDB of `local`. A read is sent there once, and
//! gets the same response again from memory. A write is accepted and changes nothing, unless its response has the item:
//! such a write is sent once too. So the time of the table is small and the same for all subjects.

mod tls;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_sdk_dynamodb::Client;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use local::{Context, Error, Result, dynamodb::EmbeddedDynamodb};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};
use xzepr_settings::{IndexSettings, TableSettings};
use xzepr_store::{Index, Table};

use self::tls::TlsListener;
use super::certificates::Certificates;

/// The host of the API. A function must look it up.
const HOST: &str = "localhost";

/// The name of the table: the default of the setting.
pub(super) const TABLE: &str = "xzepr";

/// The name of the index table: the default of the setting.
const INDEX: &str = "xzepr-index";

/// The prefix of an operation's name in the header `X-Amz-Target`.
const PREFIX: &str = "DynamoDB_20120810.";

/// The operations that change nothing.
const READS: [&str; 4] = ["BatchGetItem", "GetItem", "Query", "Scan"];

/// The API. It ends when this is dropped.
pub(super) struct CannedDynamodb {
    url: String,
    certificates: Certificates,
    table: Table,
    index: Index,
    client: Client,
    transactions: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

struct Server {
    origin: EmbeddedDynamodb,
    http: reqwest::Client,
    /// Responses to reads, by operation and request.
    known: Mutex<HashMap<(String, Bytes), Bytes>>,
    /// The number of transactions so far.
    transactions: Arc<AtomicU64>,
}

impl CannedDynamodb {
    /// Starts it on a free port, with an empty table.
    pub(super) async fn start() -> Result<Self> {
        let certificates = Certificates::make(HOST)?;
        let origin = EmbeddedDynamodb::start(0, None)?;
        local::create_table(&origin.url(), TABLE).await?;
        local::create_index_table(&origin.url(), INDEX).await?;
        let client = Client::new(&local::sdk_config(&origin.url()).await);
        let table = Table::with_client(client.clone(), TableSettings { name: TABLE.to_owned() });
        let index = table.index(IndexSettings { table_name: INDEX.to_owned() });

        let listener = TcpListener::bind((HOST, 0)).await.context("starting the DynamoDB API")?;
        let port = listener.local_addr().context("starting the DynamoDB API")?.port();
        let listener = TlsListener::new(listener, certificates.acceptor()?);
        let transactions = Arc::<AtomicU64>::default();
        let (http, counted) = (reqwest::Client::new(), Arc::clone(&transactions));
        let server = Server { origin, http, known: Mutex::default(), transactions: counted };
        let routes = Router::new().fallback(answer).with_state(Arc::new(server));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                eprintln!("the DynamoDB API ended: {error}");
            }
        });
        Ok(Self {
            url: format!("https://{HOST}:{port}"),
            certificates,
            table,
            index,
            client,
            transactions,
            serving,
        })
    }

    /// The API's URL.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A PEM file with the system's trusted roots and the root of this API. A function with the SDK's own settings reads
    /// as many on Lambda.
    pub(super) fn system_roots(&self) -> PathBuf {
        self.certificates.system_roots()
    }

    /// A PEM file with Amazon's roots and the root of this API. Our functions read as many on Lambda, less this one.
    pub(super) fn amazon_roots(&self) -> PathBuf {
        self.certificates.amazon_roots()
    }

    /// The table behind the API. Its items must be written before the first read of them through the API.
    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// The index table behind the API, with the same rule.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// The number of transactions that functions have sent so far.
    pub(super) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// A client of the table behind the API.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

impl Drop for CannedDynamodb {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    /// The response of the origin, which gets each request once.
    async fn once(&self, operation: &str, headers: &HeaderMap, request: Bytes) -> Result<Bytes> {
        let key = (operation.to_owned(), request.clone());
        if let Some(known) = self.remembered(&key) {
            return Ok(known);
        }
        // The members of an object have no order. A write that came in another order must not be sent again.
        let sorted = (operation.to_owned(), sorted(&request).context(operation)?);
        if let Some(known) = self.remembered(&sorted) {
            self.remember(key, &known);
            return Ok(known);
        }
        let mut forwarded = self.http.post(self.origin.url()).body(request);
        for name in ["authorization", "content-type", "x-amz-date", "x-amz-target"] {
            if let Some(value) = headers.get(name) {
                forwarded = forwarded.header(name, value.as_bytes());
            }
        }
        let response = forwarded.send().await.context(operation)?;
        let status = response.status();
        let body = response.bytes().await.context(operation)?;
        if !status.is_success() {
            return Err(Error::new(format!("{operation}: {}", String::from_utf8_lossy(&body))));
        }
        self.remember(key, &body);
        self.remember(sorted, &body);
        Ok(body)
    }

    fn remembered(&self, key: &(String, Bytes)) -> Option<Bytes> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn remember(&self, key: (String, Bytes), response: &Bytes) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, response.clone());
    }
}

/// A request with the members of its objects in order.
fn sorted(request: &Bytes) -> serde_json::Result<Bytes> {
    let mut value: Value = serde_json::from_slice(request)?;
    value.sort_all_objects();
    Ok(value.to_string().into())
}

/// Whether the response is more than an empty object.
fn has_response(operation: &str, request: &[u8]) -> bool {
    const WITH_ITEM: &[u8] = br#""ReturnValues":"ALL_NEW""#;
    READS.contains(&operation)
        || operation == "UpdateItem" && request.windows(WITH_ITEM.len()).any(|part| part == WITH_ITEM)
}

async fn answer(State(server): State<Arc<Server>>, headers: HeaderMap, request: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.strip_prefix(PREFIX).unwrap_or_default();
    if operation == "TransactWriteItems" {
        server.transactions.fetch_add(1, Ordering::Relaxed);
    }
    let body = if has_response(operation, &request) {
        match server.once(operation, &headers, request).await {
            Ok(body) => body,
            Err(error) => {
                eprintln!("the DynamoDB API failed: {error}");
                return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
            }
        }
    } else {
        Bytes::from_static(b"{}")
    };
    let headers = [
        ("content-type", "application/x-amz-json-1.0"),
        ("server", "Server"),
        ("x-amzn-requestid", "E5PBKNQ8QNQ3M2B1GBC3E0SFDNVV4KQNSO5AEMVJF66Q9ASUAAJG"),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_that_return_the_item_have_a_response_of_the_origin() {
        assert!(has_response("GetItem", b"{}"));
        assert!(has_response("UpdateItem", br#"{"Key":{},"ReturnValues":"ALL_NEW"}"#));
        assert!(!has_response("UpdateItem", br#"{"Key":{}}"#));
        assert!(!has_response("TransactWriteItems", b"{}"));
    }

    #[test]
    fn the_order_of_members_makes_no_other_request() {
        let [one, other] = [r#"{"Key":{"pk":1,"sk":2}}"#, r#"{"Key":{"sk":2,"pk":1}}"#].map(Bytes::from);
        assert_eq!(sorted(&one).unwrap(), sorted(&other).unwrap());
    }
}
