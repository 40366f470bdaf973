//! Reads one shard through the DynamoDB Streams API.

use std::{future::Future, time::Duration};

use aws_sdk_dynamodbstreams::{Client, error::DisplayErrorContext, types::ShardIteratorType};
use tokio::{sync::watch, time::timeout};

use super::record::StreamRecord;
use crate::error::{Context, Result};

/// The pause after an empty read. It doubles while no function ends an invocation. So only writes from outside the
/// functions wait, and only after a time without any. Lambda polls a shard four times a second.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The most records of one GetRecords.
const GET_RECORDS: i32 = 1000;

/// Reads a shard from a place that it remembers.
pub(crate) trait ReadShard {
    /// Reads the next records. After an error, the next call reads from the same place.
    fn read(&mut self) -> impl Future<Output = Result<Page>> + Send;
}

/// The result of a read.
#[derive(Debug)]
pub(crate) struct Page {
    /// The oldest record first. A pause comes before an empty page.
    pub(crate) records: Vec<StreamRecord>,
    /// Whether the shard has ended.
    pub(crate) is_last: bool,
}

/// A shard of a table's stream.
pub(crate) struct ShardReader {
    pub(crate) client: Client,
    pub(crate) stream_arn: String,
    pub(crate) shard: String,
    /// Changes whenever a function may have written.
    pub(crate) activity: watch::Receiver<()>,
    /// The last record that was read.
    read_up_to: Option<String>,
    iterator: Option<String>,
    pause: Duration,
}

impl ShardReader {
    /// A reader of a shard after a sequence number, or from the shard's start.
    pub(crate) fn new(
        client: Client,
        stream_arn: String,
        shard: String,
        activity: watch::Receiver<()>,
        after: Option<String>,
    ) -> Self {
        Self { client, stream_arn, shard, activity, read_up_to: after, iterator: None, pause: SHORTEST_PAUSE }
    }

    async fn open(&self) -> Result<String> {
        let request = self.client.get_shard_iterator().stream_arn(&self.stream_arn).shard_id(&self.shard);
        let request = match &self.read_up_to {
            Some(number) => {
                request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(number)
            }
            None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
        };
        let output = request.send().await.map_err(DisplayErrorContext).context("reading the stream")?;
        output.shard_iterator.ok_or("no iterator").context("reading the stream")
    }
}

impl ReadShard for ShardReader {
    async fn read(&mut self) -> Result<Page> {
        // An iterator expires after 15 minutes, for example while the function fails. After the error a new one
        // continues at the same place.
        let iterator = match self.iterator.take() {
            Some(iterator) => iterator,
            None => self.open().await?,
        };
        // The next read finds the records that are written during this one.
        self.activity.mark_unchanged();
        let request = self.client.get_records().shard_iterator(iterator).limit(GET_RECORDS);
        let output = request.send().await.map_err(DisplayErrorContext).context("reading the stream")?;
        let records = output.records.unwrap_or_default().into_iter();
        let records: Vec<_> =
            records.map(|record| StreamRecord::new(record, &self.stream_arn)).collect::<Result<_>>()?;
        let is_active = !records.is_empty() || timeout(self.pause, changed(&mut self.activity)).await.is_ok();
        self.pause = if is_active { SHORTEST_PAUSE } else { (self.pause * 2).min(LONGEST_PAUSE) };
        if let Some(last) = records.last() {
            self.read_up_to = Some(last.sequence_number.clone());
        }
        self.iterator = output.next_shard_iterator;
        Ok(Page { is_last: self.iterator.is_none(), records })
    }
}

/// Waits for the end of an invocation. After the end of the API there is none.
async fn changed(activity: &mut watch::Receiver<()>) {
    if activity.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
