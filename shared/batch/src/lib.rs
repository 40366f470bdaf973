//! The batches of an event source mapping: the payload of a stream's, the messages of a queue's, and the response to both.

mod payload;
mod response;

pub use payload::run;
pub use response::BatchResponse;
use serde::Deserialize;

/// The payload of an invocation by the event source mapping of a queue.
#[derive(Debug, Deserialize)]
pub struct Batch<R> {
    /// The messages, in no order.
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
    use super::*;

    #[test]
    fn a_payload_without_a_list_of_messages_is_refused() {
        for payload in
            ["{}", r#"{"records": []}"#, r#"{"Records": null}"#, r#"{"Records": {}}"#, r#"{"Records": [1]}"#]
        {
            assert!(serde_json::from_str::<Batch<SqsMessage>>(payload).is_err(), "{payload}");
        }
        let empty: Batch<SqsMessage> = serde_json::from_str(r#"{"Records": []}"#).unwrap();
        assert!(empty.records.is_empty());
    }

    #[test]
    fn a_message_has_its_id_and_its_body() {
        let messages = r#"{"Records": [{"messageId": "1", "body": "{}", "receiptHandle": "r"}]}"#;
        let batch: Batch<SqsMessage> = serde_json::from_str(messages).unwrap();
        assert_eq!((&*batch.records[0].message_id, &*batch.records[0].body), ("1", "{}"));
    }
}
