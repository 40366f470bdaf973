//! From an event to the Kafka record that tells of it: pure, and the same bytes on every delivery.
//!
//! One module per format.

mod xzepr;

pub use xzepr::message;

/// The header by which a consumer knows a replayed message from a first delivery; it holds the replay's id.
pub const REPLAY_HEADER: &str = "xzepr-replay";

/// A record for Kafka. It does not name its topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The record's key: the event's id.
    pub key: String,
    /// The record's value.
    pub value: Vec<u8>,
    /// The record's headers, in order.
    pub headers: Vec<(&'static str, String)>,
}
