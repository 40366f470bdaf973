//! Fakes for the tests of the delivery: a function, a position and a queue that remember their calls.

use std::{
    cell::Cell,
    collections::VecDeque,
    ops::RangeInclusive,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    Filter, Mapping,
    delivery::{Delivery, SendMessage},
    invocation::Invoke,
    position::KeepPosition,
    record::StreamRecord,
};
use crate::error::{Error, Result};

pub(super) const MAXIMUM_RECORD_AGE: Duration = Duration::from_secs(60);

/// When the records came onto the stream.
const CREATED: Duration = Duration::from_secs(1_800_000_000);

/// An invocation of the function.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Invocation {
    /// The sequence numbers.
    pub(super) records: Vec<u32>,
    /// The time since the test's start.
    pub(super) after: Duration,
}

/// All calls of a test, in their order.
#[derive(Clone)]
pub(super) struct Deliveries(Arc<Mutex<Calls>>);

struct Calls {
    start: Instant,
    responses: VecDeque<Result<Value>>,
    fails_on: Option<u32>,
    refuses_messages: bool,
    invocations: Vec<Invocation>,
    positions: Vec<String>,
    messages: Vec<Value>,
}

impl Default for Deliveries {
    /// The function accepts everything.
    fn default() -> Self {
        let start = Instant::now();
        START.set(Some(start));
        Self(Arc::new(Mutex::new(Calls {
            start,
            responses: VecDeque::new(),
            fails_on: None,
            refuses_messages: false,
            invocations: Vec::new(),
            positions: Vec::new(),
            messages: Vec::new(),
        })))
    }
}

impl Deliveries {
    /// The function fails on each batch with this record.
    pub(super) fn failing_on(number: u32) -> Self {
        let deliveries = Self::default();
        deliveries.0.lock().unwrap().fails_on = Some(number);
        deliveries
    }

    /// The function's first responses.
    pub(super) fn respond_with(&self, responses: impl IntoIterator<Item = Result<Value>>) {
        self.0.lock().unwrap().responses.extend(responses);
    }

    pub(super) fn refuse_messages(&self) {
        self.0.lock().unwrap().refuses_messages = true;
    }

    pub(super) fn invocations(&self) -> Vec<Invocation> {
        self.0.lock().unwrap().invocations.clone()
    }

    pub(super) fn batches(&self) -> Vec<Vec<u32>> {
        self.invocations().into_iter().map(|invocation| invocation.records).collect()
    }

    pub(super) fn positions(&self) -> Vec<String> {
        self.0.lock().unwrap().positions.clone()
    }

    pub(super) fn messages(&self) -> Vec<Value> {
        self.0.lock().unwrap().messages.clone()
    }
}

impl Invoke for Deliveries {
    async fn invoke(&self, records: &[StreamRecord]) -> Result<Value> {
        let mut calls = self.0.lock().unwrap();
        let records: Vec<u32> =
            records.iter().map(|record| record.sequence_number.parse().unwrap()).collect();
        let fails = calls.fails_on.is_some_and(|number| records.contains(&number));
        let after = calls.start.elapsed();
        calls.invocations.push(Invocation { records, after });
        if fails {
            return Err(Error::new("the function failed"));
        }
        calls.responses.pop_front().unwrap_or(Ok(Value::Null))
    }
}

impl KeepPosition for Deliveries {
    fn advance(&mut self, sequence_number: &str) -> Result<()> {
        self.0.lock().unwrap().positions.push(sequence_number.to_owned());
        Ok(())
    }
}

impl SendMessage for Deliveries {
    fn send(&self, message: &Value) -> Result<()> {
        let mut calls = self.0.lock().unwrap();
        if calls.refuses_messages {
            return Err(Error::new("the queue is unavailable"));
        }
        calls.messages.push(message.clone());
        Ok(())
    }
}

/// The mapping of the template with a short maximum age.
pub(super) fn mapping() -> Mapping {
    Mapping {
        batch_size: 10,
        batching_window: Duration::ZERO,
        bisect_on_function_error: true,
        maximum_retry_attempts: None,
        maximum_record_age: MAXIMUM_RECORD_AGE,
        report_batch_item_failures: true,
        has_on_failure_queue: true,
        filters: vec![Filter::parse(r#"{"eventName":["INSERT"]}"#).unwrap()],
    }
}

pub(super) fn delivery(
    mapping: Mapping,
    deliveries: &Deliveries,
) -> Delivery<Deliveries, Deliveries, Deliveries> {
    Delivery {
        mapping,
        function: deliveries.clone(),
        function_name: "f".to_owned(),
        position: deliveries.clone(),
        on_failure: deliveries.clone(),
        shard: "shard".to_owned(),
        stream_arn: "stream".to_owned(),
        now,
    }
}

thread_local!(static START: Cell<Option<Instant>> = const { Cell::new(None) });

/// The time of the paused clock: the records come onto the stream at the test's start.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + CREATED + START.get().unwrap().elapsed()
}

/// Records with these sequence numbers, all of them inserts.
pub(super) fn records(numbers: RangeInclusive<u32>) -> Vec<StreamRecord> {
    numbers.map(|number| record(number, "INSERT")).collect()
}

pub(super) fn record(number: u32, event_name: &str) -> StreamRecord {
    StreamRecord {
        sequence_number: number.to_string(),
        created: SystemTime::UNIX_EPOCH + CREATED,
        event: json!({"eventName": event_name}),
    }
}
