//! One shard: read, filtered, batched, delivered, remembered.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use aws_sdk_dynamodbstreams::{
    error::DisplayErrorContext,
    types::{AttributeValue, Record, ShardIteratorType},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use super::{FunctionClient, Mapping, Source, position::Positions, retry::Batch};
use crate::error::{Context, Result};

/// How long an empty shard is left alone: twice as long each time, while no function ends an invocation. So only
/// writes past the functions wait, after a time without any; Lambda polls a shard four times a second.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The most records of one GetRecords.
const GET_RECORDS: i32 = 1000;

const BACKOFF: Duration = Duration::from_millis(250);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

pub(crate) struct ShardReader {
    source: Source,
    mapping: Mapping,
    function: FunctionClient,
    positions: Arc<Mutex<Positions>>,
    shard: String,
    /// Read, not yet delivered; all match the filter.
    gathered: Vec<Value>,
    gathering_since: Instant,
    /// The last record that was read, delivered or filtered out.
    read_up_to: Option<String>,
    /// How long the next empty read is followed by none.
    pause: Duration,
}

impl ShardReader {
    pub(crate) fn new(
        source: Source,
        mapping: Mapping,
        function: FunctionClient,
        positions: Arc<Mutex<Positions>>,
        shard: String,
    ) -> Self {
        let gathering_since = Instant::now();
        let gathered = Vec::new();
        Self {
            source,
            mapping,
            function,
            positions,
            shard,
            gathered,
            gathering_since,
            read_up_to: None,
            pause: SHORTEST_PAUSE,
        }
    }

    /// Delivers the shard to its end and returns its id.
    pub(crate) async fn run(mut self) -> Result<String> {
        self.read_up_to = self.positions.lock().unwrap_or_else(PoisonError::into_inner).of(&self.shard);
        let mut iterator = None;
        loop {
            let current = match iterator.take() {
                Some(iterator) => iterator,
                None => match self.iterator().await {
                    Ok(iterator) => iterator,
                    Err(error) => {
                        eprintln!("event source mapping: {error}");
                        sleep(MAX_BACKOFF).await;
                        continue;
                    }
                },
            };
            match self.read(current).await {
                Ok(Some(next)) => iterator = Some(next),
                Ok(None) => {
                    self.deliver().await?;
                    return Ok(self.shard);
                }
                // Also an iterator that expired while the function failed: a new one goes on.
                Err(error) => {
                    eprintln!("event source mapping: {error}");
                    sleep(BACKOFF).await;
                }
            }
            if self.gathered.len() >= self.mapping.batch_size
                || self.gathering_since.elapsed() >= self.mapping.batching_window
            {
                self.deliver().await?;
            }
        }
    }

    /// TRIM_HORIZON, or behind what was read.
    async fn iterator(&self) -> Result<String> {
        let request =
            self.source.client.get_shard_iterator().stream_arn(&self.source.stream_arn).shard_id(&self.shard);
        let request = match &self.read_up_to {
            Some(number) => {
                request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(number)
            }
            None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
        };
        let output = request.send().await.map_err(DisplayErrorContext).context("reading the stream")?;
        output.shard_iterator.ok_or("no iterator").context("reading the stream")
    }

    async fn read(&mut self, iterator: String) -> Result<Option<String>> {
        // The next read finds the records that are written during this one.
        self.source.activity.mark_unchanged();
        let output = self
            .source
            .client
            .get_records()
            .shard_iterator(iterator)
            .limit(GET_RECORDS)
            .send()
            .await
            .map_err(DisplayErrorContext)
            .context("reading the stream")?;
        let records = output.records.unwrap_or_default();
        let is_active =
            !records.is_empty() || timeout(self.pause, active(&mut self.source.activity)).await.is_ok();
        self.pause = if is_active { SHORTEST_PAUSE } else { (self.pause * 2).min(LONGEST_PAUSE) };
        for record in records {
            self.gather(record)?;
        }
        Ok(output.next_shard_iterator)
    }

    fn gather(&mut self, record: Record) -> Result<()> {
        let number = record.dynamodb.as_ref().and_then(|change| change.sequence_number.clone());
        let record = lambda_record(record, &self.source.stream_arn)?;
        if self.mapping.filters.iter().any(|filter| filter.matches(&record)) {
            if self.gathered.is_empty() {
                self.gathering_since = Instant::now();
            }
            self.gathered.push(record);
        }
        self.read_up_to = number.or_else(|| self.read_up_to.take());
        Ok(())
    }

    /// Delivers what was gathered, waiting and trying again as long as the mapping allows.
    async fn deliver(&mut self) -> Result<()> {
        let gathered = std::mem::take(&mut self.gathered);
        let mut pending: VecDeque<_> =
            gathered.chunks(self.mapping.batch_size).map(|records| Batch::new(records.to_vec())).collect();
        let delivered_any = !pending.is_empty();
        let mut backoff = BACKOFF;
        while let Some(mut batch) = pending.pop_front() {
            let fresh = batch.records.iter().position(|record| !self.is_too_old(record));
            let fresh = batch.records.split_off(fresh.unwrap_or(batch.records.len()));
            self.give_up(&batch.records, "RecordAgeExceeded")?;
            batch.records = fresh;
            if batch.records.is_empty() {
                continue;
            }
            let numbers: Vec<_> = batch.records.iter().map(sequence_number).collect();
            let outcome = self.function.invoke(&batch.records, &self.mapping).await;
            let next = batch.after(&outcome, &self.mapping);
            if let Some(last) = next.taken.checked_sub(1).and_then(|last| numbers.get(last)) {
                self.advance(last)?;
                backoff = BACKOFF;
            }
            self.give_up(&next.given_up, "RetryAttemptsExhausted")?;
            for batch in next.again.into_iter().rev() {
                pending.push_front(batch);
            }
            if next.wait {
                sleep(backoff).await;
                backoff = (backoff * 2).min(MAX_BACKOFF);
            }
        }
        match &self.read_up_to {
            Some(number) if delivered_any => self.advance(&number.clone()),
            _ => Ok(()),
        }
    }

    fn is_too_old(&self, record: &Value) -> bool {
        let created = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or(0.0);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        now.as_secs_f64() - created > self.mapping.maximum_record_age.as_secs_f64()
    }

    /// Tells which records were given up, as Lambda tells an SQS queue: not what they hold.
    fn give_up(&mut self, records: &[Value], condition: &str) -> Result<()> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(()) };
        let message = json!({
            "requestContext": {"condition": condition},
            "DDBStreamBatchInfo": {
                "shardId": self.shard,
                "startSequenceNumber": sequence_number(first),
                "endSequenceNumber": sequence_number(last),
                "approximateArrivalOfFirstRecord": arrival(first),
                "approximateArrivalOfLastRecord": arrival(last),
                "batchSize": records.len(),
                "streamArn": self.source.stream_arn,
            },
        });
        eprintln!("event source mapping: gave up {} records ({condition})", records.len());
        if self.mapping.has_on_failure_queue {
            self.source.on_failure.send(&message)?;
        }
        self.advance(&sequence_number(last))
    }

    fn advance(&self, number: &str) -> Result<()> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner).advance(&self.shard, number)
    }
}

/// Ends with the next invocation. An error is the end of the API: there is none.
async fn active(activity: &mut watch::Receiver<()>) {
    if activity.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// When a record came onto the stream, to the second, as DynamoDB tells it.
fn arrival(record: &Value) -> String {
    let created = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or(0.0);
    let created = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(created.max(0.0).floor());
    DateTime::<Utc>::from(created).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn sequence_number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned()
}

/// A record as Lambda hands it to a function.
fn lambda_record(record: Record, stream_arn: &str) -> Result<Value> {
    let change = record.dynamodb.ok_or("no change").context("a record of the stream")?;
    let item = |attributes: Option<HashMap<String, AttributeValue>>| -> Result<Value> {
        let item: serde_dynamo::Item = attributes.unwrap_or_default().into();
        serde_json::to_value(item).context("a record of the stream")
    };
    let mut dynamodb = json!({
        "ApproximateCreationDateTime":
            change.approximate_creation_date_time.map_or(0.0, |time| time.as_secs_f64()),
        "Keys": item(change.keys)?,
        "SequenceNumber": change.sequence_number,
        "SizeBytes": change.size_bytes,
        "StreamViewType": change.stream_view_type.map(|view| view.as_str().to_owned()),
    });
    if change.new_image.is_some() {
        dynamodb["NewImage"] = item(change.new_image)?;
    }
    Ok(json!({
        "eventID": record.event_id,
        "eventName": record.event_name.map(|name| name.as_str().to_owned()),
        "eventVersion": record.event_version,
        "eventSource": "aws:dynamodb",
        "awsRegion": record.aws_region,
        "dynamodb": dynamodb,
        "eventSourceARN": stream_arn,
    }))
}
