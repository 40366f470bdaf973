//! The batches of an event source mapping: records of a stream, messages of a queue, and the response to both.

mod response;

pub use response::BatchResponse;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A record of a stream, as the text that Lambda sent. A batch is not decoded as a whole, so that a record that
/// cannot be decoded does not fail the others.
pub type RawRecord = Box<RawValue>;

/// The payload of an invocation by an event source mapping.
#[derive(Debug, Deserialize)]
pub struct Batch<R> {
    /// The records of a stream in their order, or the messages of a queue in no order.
    #[serde(rename = "Records")]
    pub records: Vec<R>,
}

/// A message of an SQS queue.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsMessage {
    /// The id that a batch item failure names.
    pub message_id: String,
    /// The text that the sender wrote.
    pub body: String,
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    const RECORDS: [&str; 8] = [
        "null",
        "1.50",
        "{}",
        "[ ]",
        r#""text""#,
        r#"{"a":1,"a":2}"#,
        r#"{"messageId":"1","body":"{}"}"#,
        r#"{"messageId":1}"#,
    ];

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_batch_keeps_the_text_of_each_record(records in vec(select(RECORDS.as_slice()), 0..9)) {
            let payload = format!(r#"{{"Records": [{}]}}"#, records.join(", "));
            let batch: Batch<RawRecord> = serde_json::from_str(&payload).unwrap();
            let texts: Vec<_> = batch.records.iter().map(|record| record.get()).collect();
            prop_assert_eq!(texts, records);
        }

        #[test]
        fn a_payload_without_a_list_of_records_is_refused(
            member in select(vec!["Records", "records", "Record"]),
            value in select(vec!["null", "7", "true", r#""text""#, "{}", "[]", "[1]", "[null]"]),
        ) {
            let payload = format!(r#"{{"{member}": {value}}}"#);
            let is_list = member == "Records" && value.starts_with('[');
            prop_assert_eq!(serde_json::from_str::<Batch<RawRecord>>(&payload).is_ok(), is_list);
            let is_empty = member == "Records" && value == "[]";
            prop_assert_eq!(serde_json::from_str::<Batch<SqsMessage>>(&payload).is_ok(), is_empty);
        }
    }

    #[test]
    fn a_record_of_any_shape_stays_text() {
        let records = r#"{"Records": [{"eventName": 1, "x": [ 1.50 ]}, null, "text"]}"#;
        let batch: Batch<RawRecord> = serde_json::from_str(records).unwrap();
        let texts: Vec<_> = batch.records.iter().map(|record| record.get()).collect();
        assert_eq!(texts, [r#"{"eventName": 1, "x": [ 1.50 ]}"#, "null", r#""text""#]);
    }

    #[test]
    fn a_message_has_its_id_and_its_body() {
        let messages = r#"{"Records": [{"messageId": "1", "body": "{}", "receiptHandle": "r"}]}"#;
        let batch: Batch<SqsMessage> = serde_json::from_str(messages).unwrap();
        assert_eq!((&*batch.records[0].message_id, &*batch.records[0].body), ("1", "{}"));
    }
}
