//! A record of a topic.

use rdkafka::{
    Message,
    message::{BorrowedMessage, Headers},
};

/// A record, with its bytes as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its topic.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset in the partition.
    pub offset: i64,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Its headers' names and values.
    pub headers: Vec<(String, String)>,
}

impl From<BorrowedMessage<'_>> for Record {
    fn from(message: BorrowedMessage<'_>) -> Self {
        let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        let headers = message.headers().into_iter().flat_map(Headers::iter);
        Self {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            key: text(message.key()),
            value: text(message.payload()),
            headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
        }
    }
}
