//! The embedded DynamoDB API: dynoxide, in memory or on a file.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use dynoxide::{Database, server};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::{
    error::{Context, Error, Result},
    ports,
};

/// dynoxide looks for the last sequence number at every write, and for a shard's first and last one whenever
/// the stream is described; what is trimmed goes by its time. Without an index for each, all of it slows down
/// as the stream grows.
const STREAM_INDEXES: &str = "CREATE INDEX IF NOT EXISTS local_stream_records \
     ON _stream_records(table_name, CAST(sequence_number AS INTEGER)); \
     CREATE INDEX IF NOT EXISTS local_stream_shards \
     ON _stream_records(table_name, shard_id, CAST(sequence_number AS INTEGER)); \
     CREATE INDEX IF NOT EXISTS local_stream_times ON _stream_records(created_at)";

/// DynamoDB keeps stream records for 24 hours, dynoxide for ever.
const TRIM_STREAM: &str = "DELETE FROM _stream_records WHERE created_at < ?1";
const STREAM_RETENTION_SECONDS: i64 = 24 * 60 * 60;

const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(60);

/// A DynamoDB API on loopback. It ends when this is dropped.
pub struct EmbeddedDynamodb {
    address: SocketAddr,
    _shutdown: oneshot::Sender<()>,
}

impl EmbeddedDynamodb {
    /// Starts it on `port`, 0 for a free one; on a file under `data_dir`, else in memory.
    pub fn start(port: u16, data_dir: Option<&Path>) -> Result<Self> {
        let (listener, address) = ports::listen(port, "--dynamodb-port")?;
        let path = path(data_dir)?;
        let database = Database::new(&path).context("opening the DynamoDB data")?;
        // Safe for a process that is killed, and several times faster than a sync a write.
        database.disable_bulk_loading().context("opening the DynamoDB data")?;
        let housekeeping = Connection::open(&path).context("opening the DynamoDB data")?;
        housekeeping.execute_batch(STREAM_INDEXES).context("indexing the stream")?;

        let (shutdown, stopped) = oneshot::channel::<()>();
        let trims = data_dir.is_some();
        // SQLite runs on the thread that serves, so the server has a runtime of its own.
        thread::Builder::new()
            .name("dynamodb".to_owned())
            .spawn(move || serve(listener, database, &housekeeping, trims, stopped))
            .context("starting the DynamoDB API")?;
        Ok(Self { address, _shutdown: shutdown })
    }

    /// The API's address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn path(data_dir: Option<&Path>) -> Result<String> {
    /// Each database of a process has a name of its own.
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
            // An error is the sender's end, which means the same.
            let _ = stopped.await;
        };
        tokio::select! {
            served = server::serve_with_shutdown(listener, database.clone(), std::future::pending()) => served,
            () = shutdown => Ok(()),
            never = keep_house(&database, housekeeping, trims) => never,
        }
    });
    if let Err(error) = served {
        eprintln!("the DynamoDB API ended: {error}");
    }
}

/// Expires items and trims the stream. In memory the second connection would meet locks too often, and
/// the stream lives no longer than the process.
async fn keep_house(
    database: &Database,
    connection: &Connection,
    trims: bool,
) -> std::result::Result<(), String> {
    loop {
        tokio::time::sleep(HOUSEKEEPING_EVERY).await;
        if let Err(error) = database.sweep_ttl() {
            eprintln!("the DynamoDB API could not expire items: {error}");
        }
        if trims {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            let oldest = i64::try_from(now.as_secs()).unwrap_or(i64::MAX) - STREAM_RETENTION_SECONDS;
            if let Err(error) = connection.execute(TRIM_STREAM, params![oldest]) {
                eprintln!("the DynamoDB API could not trim the stream: {error}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statements_fit_the_private_schema_they_lean_on() {
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
