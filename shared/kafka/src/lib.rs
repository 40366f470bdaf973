//! Kafka: one long-lived producer, a batch at a time, and the default topic.
//!
//! A [`Producer`] holds a session: credentials from the settings or from Secrets Manager, certificates
//! that were checked, a login token where the mechanism has one, and librdkafka's client with them.
//! What fails is an [`Undelivered`] that names the fact and the setting to change.

mod certificates;
mod config;
mod connection_context;
mod consumer;
mod credentials;
mod delivery;
mod error;
mod fault;
mod handshake;
mod oauthbearer;
mod producer;
mod secrets;
mod session;
mod topic_reader;
mod topics;

pub use certificates::CertificateError;
pub use config::MESSAGE_TIMEOUT;
pub use connection_context::ConnectionContext;
pub use consumer::consumer;
pub use error::{AccessError, TopicLimit, Undelivered};
pub use fault::{ConnectionFault, Step};
pub use oauthbearer::TokenError;
pub use producer::Producer;
pub use secrets::SecretError;
pub use topic_reader::{TopicRecord, UnreadableTopic, read_topic};
pub use topics::ClusterDescription;
