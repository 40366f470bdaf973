//! The embedded DynamoDB API: dynoxide, in memory or on a file.

mod expiry;
mod stream_retention;

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

use dynoxide::{Database, server};
use expiry::{Sweeps, expire_items};
use rusqlite::Connection;
use stream_retention::{STREAM_INDEXES, trim_stream};
use tokio::sync::oneshot;

use crate::{
    error::{Context, Error, Result},
    ports,
};

/// A DynamoDB API on loopback. It ends when this is dropped.
pub struct EmbeddedDynamodb {
    address: SocketAddr,
    _shutdown: oneshot::Sender<()>,
    _end_of_sweeps: mpsc::Sender<()>,
}

impl EmbeddedDynamodb {
    /// Starts it on `port`, 0 for a free one. The data is in a file in `data_dir`, or in memory.
    pub fn start(port: u16, data_dir: Option<&Path>) -> Result<Self> {
        Self::start_sweeping(port, data_dir, Sweeps::default())
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

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
}
