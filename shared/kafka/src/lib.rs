//! Kafka: one long-lived producer, which sends a batch at a time to any number of topics, and a reader of a topic.
//!
//! A [`Producer`] has a session for each codec, and one more for the topics that accept only small batches:
//!
//! - credentials from the settings or from Secrets Manager,
//! - certificates that were checked,
//! - a login token, if the mechanism has one,
//! - librdkafka's client with them.
//!
//! A message that is not delivered has an [`Undelivered`], which names the fault and the setting to change.

mod access_error;
mod certificates;
mod config;
mod connection_context;
mod consumer;
mod credentials;
mod delivery;
mod fault;
mod handshake;
mod leaders;
mod librdkafka;
mod oauthbearer;
mod producer;
mod record_batch;
mod reports;
mod session;
mod topic_action;
mod topic_creation;
mod topic_limit;
mod topic_reader;
mod topics;
mod undelivered;

pub use access_error::AccessError;
pub use certificates::{CertificateError, UnusableCertificates};
pub use config::{LINGER, MESSAGE_TIMEOUT};
pub use connection_context::ConnectionContext;
pub use consumer::consumer;
pub use fault::{ConnectionFault, Step};
pub use librdkafka::flush;
pub use oauthbearer::TokenError;
pub use producer::Producer;
pub use topic_action::TopicAction;
pub use topic_limit::TopicLimit;
pub use topic_reader::{TopicRecord, UnreadableTopic, read_topic};
pub use topics::ClusterDescription;
pub use undelivered::Undelivered;
