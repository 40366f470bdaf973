//! Kafka on this machine: an embedded one, Apache Kafka, or one that runs already.

mod apache;
mod embedded;

pub use apache::{Apache, Proxied, script};
pub use embedded::{Embedded, LIMITS};

use crate::error::{Error, Result};

/// A Kafka cluster.
pub enum Kafka {
    /// In this process.
    Embedded(Embedded),
    /// Apache Kafka, started from its jars.
    Apache(Apache),
    /// A cluster that `local` did not start.
    External(String),
}

impl Kafka {
    /// The bootstrap brokers.
    pub fn brokers(&self) -> String {
        match self {
            Self::Embedded(kafka) => kafka.brokers(),
            Self::Apache(kafka) => kafka.brokers(),
            Self::External(brokers) => brokers.clone(),
        }
    }

    /// Stops every broker. The data stays.
    pub async fn down(&mut self) -> Result<()> {
        match self {
            Self::Embedded(kafka) => kafka.down().await,
            Self::Apache(kafka) => kafka.kill().await,
            Self::External(_) => {
                Err(Error::new("`local` stops and starts only a Kafka that it started itself"))
            }
        }
    }

    /// Starts every broker again.
    pub async fn up(&mut self) -> Result<()> {
        match self {
            Self::Embedded(kafka) => kafka.up(),
            Self::Apache(kafka) => kafka.start_brokers().await,
            Self::External(_) => {
                Err(Error::new("`local` stops and starts only a Kafka that it started itself"))
            }
        }
    }
}
