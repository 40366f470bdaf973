//! What the tests share: the whole system, started for one test, and a fault-injecting proxy.
//!
//! `XZEPR_TEST_APACHE_BROKERS` (1 or 3) runs the same tests on Apache Kafka, with the DynamoDB API as a
//! process of its own on a file. Without it both are embedded.

mod dynamodb_api;
mod faulty_proxy;
mod system;

pub use dynamodb_api::DynamodbApi;
pub use faulty_proxy::{FaultyProxy, Mode};
pub use system::{Answer, System};
