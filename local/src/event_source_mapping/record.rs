//! A record of the stream, in the form in which Lambda passes it to a function.

use std::{collections::HashMap, time::SystemTime};

use aws_sdk_dynamodbstreams::types::{AttributeValue, Record};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::error::{Context, Result};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StreamRecord {
    pub(crate) sequence_number: String,
    /// When the record came onto the stream.
    pub(crate) created: SystemTime,
    /// The function's input.
    pub(crate) event: Value,
}

impl StreamRecord {
    /// Converts a record of the DynamoDB Streams API.
    pub(crate) fn new(record: Record, stream_arn: &str) -> Result<Self> {
        const READING: &str = "reading a record of the stream";
        let change = record.dynamodb.ok_or("it has no change").context(READING)?;
        let sequence_number = change.sequence_number.ok_or("it has no sequence number").context(READING)?;
        let created =
            change.approximate_creation_date_time.ok_or("it has no creation time").context(READING)?;
        let item = |attributes: HashMap<String, AttributeValue>| -> Result<Value> {
            serde_json::to_value(serde_dynamo::Item::from(attributes)).context(READING)
        };
        let mut dynamodb = json!({
            "ApproximateCreationDateTime": created.as_secs_f64(),
            "Keys": item(change.keys.unwrap_or_default())?,
            "SequenceNumber": sequence_number,
            "SizeBytes": change.size_bytes,
            "StreamViewType": change.stream_view_type.map(|view| view.as_str().to_owned()),
        });
        if let Some(new_image) = change.new_image {
            dynamodb["NewImage"] = item(new_image)?;
        }
        let event = json!({
            "eventID": record.event_id,
            "eventName": record.event_name.map(|name| name.as_str().to_owned()),
            "eventVersion": record.event_version,
            "eventSource": "aws:dynamodb",
            "awsRegion": record.aws_region,
            "dynamodb": dynamodb,
            "eventSourceARN": stream_arn,
        });
        Ok(Self { sequence_number, created: SystemTime::try_from(created).context(READING)?, event })
    }

    /// When the record came onto the stream, to the second, as DynamoDB returns it.
    pub(crate) fn arrival(&self) -> String {
        DateTime::<Utc>::from(self.created).to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodbstreams::types::StreamRecord as Change;
    use aws_sdk_dynamodbstreams::{
        primitives::DateTime,
        types::{OperationType, StreamViewType},
    };

    use super::*;

    fn change() -> Change {
        Change::builder()
            .approximate_creation_date_time(DateTime::from_secs(1_800_000_000))
            .keys("pk", AttributeValue::S("EVENT#1".into()))
            .new_image("n", AttributeValue::N("1.50".into()))
            .sequence_number("7")
            .size_bytes(12)
            .stream_view_type(StreamViewType::NewImage)
            .build()
    }

    fn record(change: Option<Change>) -> Record {
        let record = Record::builder().event_id("id").event_name(OperationType::Insert).event_version("1.1");
        record.aws_region("us-east-1").set_dynamodb(change).build()
    }

    #[test]
    fn a_record_has_the_members_that_lambda_gives_it() {
        let record = StreamRecord::new(record(Some(change())), "arn").unwrap();
        assert_eq!(
            (record.sequence_number.as_str(), record.arrival().as_str()),
            ("7", "2027-01-15T08:00:00Z")
        );
        let expected = json!({
            "eventID": "id",
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_800_000_000.0,
                "Keys": {"pk": {"S": "EVENT#1"}},
                "NewImage": {"n": {"N": "1.50"}},
                "SequenceNumber": "7",
                "SizeBytes": 12,
                "StreamViewType": "NEW_IMAGE",
            },
            "eventSourceARN": "arn",
        });
        assert_eq!(record.event, expected);
    }

    #[test]
    fn a_record_without_its_place_or_time_is_an_error() {
        let mut no_number = change();
        no_number.sequence_number = None;
        let mut no_time = change();
        no_time.approximate_creation_date_time = None;
        for (change, fault) in [
            (None, "it has no change"),
            (Some(no_number), "it has no sequence number"),
            (Some(no_time), "it has no creation time"),
        ] {
            let error = StreamRecord::new(record(change), "arn").unwrap_err().to_string();
            assert_eq!(error, format!("reading a record of the stream: {fault}"));
        }
    }
}
