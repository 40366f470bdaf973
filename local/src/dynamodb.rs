//! The embedded DynamoDB API: dynoxide, in memory or on a file.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use dynoxide::{Database, server};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::{
    error::{Context, Error, Result},
    ports,
};

/// dynoxide searches for the last sequence number at every write, and for a shard's first and last one whenever the
/// stream is described. [`TRIM_STREAM`] searches by time. Without an index for each search, all of them slow down as the
/// stream grows.
const STREAM_INDEXES: &str = "CREATE INDEX IF NOT EXISTS local_stream_records \
     ON _stream_records(table_name, CAST(sequence_number AS INTEGER)); \
     CREATE INDEX IF NOT EXISTS local_stream_shards \
     ON _stream_records(table_name, shard_id, CAST(sequence_number AS INTEGER)); \
     CREATE INDEX IF NOT EXISTS local_stream_times ON _stream_records(created_at)";

/// DynamoDB keeps stream records for 24 hours, and dynoxide forever. Requests wait during a deletion, so it is small.
const TRIM_STREAM: &str = "DELETE FROM _stream_records WHERE rowid IN \
     (SELECT rowid FROM _stream_records WHERE created_at < ?1 LIMIT 500)";
const STREAM_RETENTION_SECONDS: i64 = 24 * 60 * 60;
const TRIM_PAUSE: Duration = Duration::from_millis(20);

const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(60);

/// A sweep of expired items reads every item of the table. The pause after it is at least this multiple of its time.
const PAUSE_AFTER_SWEEP: u32 = 50;

/// The times of the sweeps that delete expired items.
#[derive(Clone, Copy)]
struct Sweeps {
    every: Duration,
    /// A multiple of the last sweep's time. The longer of both pauses counts.
    pause: u32,
}

/// A DynamoDB API on loopback. It ends when this is dropped.
pub struct EmbeddedDynamodb {
    address: SocketAddr,
    _shutdown: oneshot::Sender<()>,
    _end_of_sweeps: mpsc::Sender<()>,
}

impl EmbeddedDynamodb {
    /// Starts it on `port`, 0 for a free one. The data is in a file in `data_dir`, or in memory.
    pub fn start(port: u16, data_dir: Option<&Path>) -> Result<Self> {
        Self::start_sweeping(port, data_dir, Sweeps { every: HOUSEKEEPING_EVERY, pause: PAUSE_AFTER_SWEEP })
    }

    fn start_sweeping(port: u16, data_dir: Option<&Path>, sweeps: Sweeps) -> Result<Self> {
        let (listener, address) = ports::listen(port, "--dynamodb-port")?;
        let path = path(data_dir)?;
        let database = Database::new(&path).context("opening the DynamoDB data")?;
        // The data of a killed process is safe, and writes are several times faster than with a sync each.
        database.disable_bulk_loading().context("opening the DynamoDB data")?;
        let housekeeping = Connection::open(&path).context("opening the DynamoDB data")?;
        housekeeping.execute_batch(STREAM_INDEXES).context("indexing the stream")?;

        let (end_of_sweeps, sweeps_end) = mpsc::channel();
        let swept = database.clone();
        // On a thread of its own: after each page of a sweep, dynoxide processes the requests that wait.
        thread::Builder::new()
            .name("dynamodb-expiry".to_owned())
            .spawn(move || expire_items(&swept, sweeps, &sweeps_end))
            .context("starting the DynamoDB API")?;
        let (shutdown, stopped) = oneshot::channel::<()>();
        let trims = data_dir.is_some();
        // SQLite runs on the thread that serves, so the server has a runtime of its own.
        thread::Builder::new()
            .name("dynamodb".to_owned())
            .spawn(move || serve(listener, database, &housekeeping, trims, stopped))
            .context("starting the DynamoDB API")?;
        Ok(Self { address, _shutdown: shutdown, _end_of_sweeps: end_of_sweeps })
    }

    /// The API's URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn path(data_dir: Option<&Path>) -> Result<String> {
    /// The databases of a process must have different names.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    match data_dir {
        None => {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            Ok(format!("file:dynamodb-{count}?mode=memory&cache=shared"))
        }
        Some(dir) => {
            fs::create_dir_all(dir).context("creating the data folder")?;
            let path = dir.join("dynamodb.sqlite");
            path.into_os_string().into_string().map_err(|_| Error::new("the data folder's path is not UTF-8"))
        }
    }
}

fn serve(
    listener: std::net::TcpListener,
    database: Database,
    housekeeping: &Connection,
    trims: bool,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return eprintln!("the DynamoDB API did not start: {error}"),
    };
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(|error| error.to_string())?;
        let shutdown = async {
            // An error means that the sender is gone, which is a shutdown, too.
            let _ = stopped.await;
        };
        tokio::select! {
            served = server::serve_with_shutdown(listener, database, std::future::pending()) => served,
            () = shutdown => Ok(()),
            never = trim_stream(housekeeping), if trims => never,
        }
    });
    if let Err(error) = served {
        eprintln!("the DynamoDB API ended: {error}");
    }
}

/// Deletes expired items until the API ends.
fn expire_items(database: &Database, sweeps: Sweeps, end: &mpsc::Receiver<()>) {
    let mut pause = sweeps.every;
    while matches!(end.recv_timeout(pause), Err(mpsc::RecvTimeoutError::Timeout)) {
        let began = Instant::now();
        if let Err(error) = database.sweep_ttl() {
            eprintln!("the DynamoDB API could not expire items: {error}");
        }
        pause = sweeps.every.max(began.elapsed() * sweeps.pause);
    }
}

/// Deletes old records of the stream in a file. In memory the second connection would wait for locks too often, and
/// the stream ends with the process.
async fn trim_stream(connection: &Connection) -> std::result::Result<(), String> {
    loop {
        tokio::time::sleep(HOUSEKEEPING_EVERY).await;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let oldest = i64::try_from(now.as_secs()).unwrap_or(i64::MAX) - STREAM_RETENTION_SECONDS;
        loop {
            match connection.execute(TRIM_STREAM, params![oldest]) {
                Ok(0) => break,
                Ok(_) => tokio::time::sleep(TRIM_PAUSE).await,
                Err(error) => {
                    eprintln!("the DynamoDB API could not trim the stream: {error}");
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{
        Client,
        types::{AttributeValue, PutRequest, WriteRequest},
    };

    use super::*;
    use crate::{table, template::Template};

    const TABLE: &str = "expiring-items";

    async fn start(every: Duration) -> (EmbeddedDynamodb, Client) {
        let api = EmbeddedDynamodb::start_sweeping(0, None, Sweeps { every, pause: 0 }).unwrap();
        let config = table::sdk_config(&api.url()).await;
        table::ensure(&config, TABLE, &Template::load().unwrap().table).await.unwrap();
        (api, Client::new(&config))
    }

    fn item(number: usize, expires_at: &str) -> WriteRequest {
        // Many attributes make a sweep slow.
        let put = (0..60).fold(PutRequest::builder(), |put, attribute| {
            put.item(format!("attribute {attribute}"), AttributeValue::S("of an item".to_owned()))
        });
        let put = put
            .item("pk", AttributeValue::S(number.to_string()))
            .item("sk", AttributeValue::S("sk".to_owned()))
            .item("expires_at", AttributeValue::N(expires_at.to_owned()));
        WriteRequest::builder().put_request(put.build().unwrap()).build()
    }

    async fn put(client: &Client, items: Vec<WriteRequest>) {
        client.batch_write_item().request_items(TABLE, items).send().await.unwrap();
    }

    async fn count(client: &Client) -> i32 {
        client.scan().table_name(TABLE).send().await.unwrap().count()
    }

    #[tokio::test]
    async fn items_are_deleted_after_they_expire() {
        let (_api, client) = start(Duration::from_millis(50)).await;
        put(&client, vec![item(1, "1"), item(2, "99999999999")]).await;
        let until = Instant::now() + Duration::from_secs(20);
        while count(&client).await > 1 {
            assert!(Instant::now() < until, "the item is still there");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(count(&client).await, 1);
    }

    #[tokio::test]
    async fn requests_get_their_responses_during_a_sweep() {
        // A sweep of this many items needs a second. There are several sweeps during the requests.
        const ITEMS: usize = 10_000;
        let (_api, client) = start(Duration::from_secs(2)).await;
        for first in (0..ITEMS).step_by(25) {
            put(&client, (first..first + 25).map(|number| item(number, "99999999999")).collect()).await;
        }
        let mut waits = Vec::new();
        let until = Instant::now() + Duration::from_secs(9);
        while Instant::now() < until {
            let began = Instant::now();
            put(&client, vec![item(ITEMS, "99999999999")]).await;
            waits.push(began.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        waits.sort_unstable_by_key(|wait| std::cmp::Reverse(*wait));
        // One long wait may come from the machine.
        assert!(waits[1] < Duration::from_millis(400), "{:?}", &waits[..5]);
    }

    #[test]
    fn the_statements_fit_the_private_schema_of_dynoxide() {
        let path = path(None).unwrap();
        let _database = Database::new(&path).unwrap();
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(STREAM_INDEXES).unwrap();
        connection.execute(TRIM_STREAM, params![0]).unwrap();
        let created_at: String = connection
            .query_row(
                "SELECT type FROM pragma_table_info('_stream_records') WHERE name = 'created_at'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(created_at, "INTEGER", "the retention is compared with seconds");
    }
}
