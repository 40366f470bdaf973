//! Kafka on this machine: embedded, Apache's own, or one that runs already.

mod apache;
mod embedded;

pub use apache::{Apache, Proxied};
pub use embedded::{Embedded, LIMITS};

use crate::error::{Error, Result};

/// A Kafka cluster.
pub enum Kafka {
    /// In this process.
    Embedded(Embedded),
    /// Apache Kafka, started from its jars.
    Apache(Apache),
    /// Somebody else's.
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

    /// Takes every broker away without losing what it holds.
    pub async fn down(&mut self) -> Result<()> {
        match self {
            Self::Embedded(kafka) => kafka.set_up(false),
            Self::Apache(kafka) => kafka.kill().await,
            Self::External(_) => Err(Error::new("a cluster that was not started here is not stopped here")),
        }
    }

    /// Brings every broker back.
    pub async fn up(&mut self) -> Result<()> {
        match self {
            Self::Embedded(kafka) => kafka.set_up(true),
            Self::Apache(kafka) => kafka.start_brokers().await,
            Self::External(_) => Err(Error::new("a cluster that was not started here is not stopped here")),
        }
    }
}
