//! The part of the publisher in the traces of callers.

use std::time::SystemTime;

use xzepr_messages::Message;
use xzepr_settings::Brokers;
use xzepr_xray::{Daemon, SentMessage};

use crate::publication::Publication;

/// Records in the traces of callers that their messages were sent.
#[derive(Debug)]
pub(crate) struct Traces {
    daemon: Daemon,
    /// The host of the first bootstrap server.
    server: String,
}

impl Traces {
    /// `None` if the environment has no X-Ray daemon.
    pub(crate) fn from_environment(brokers: &Brokers) -> Option<Self> {
        Some(Self { daemon: Daemon::from_environment()?, server: first_host(brokers) })
    }

    /// Records messages that Kafka acknowledged after `started`. A replay records none: it sends old events in great
    /// numbers, and each would make X-Ray count its trace again.
    pub(crate) fn record<'a>(
        &self,
        acknowledged: impl Iterator<Item = (&'a Publication, &'a Message)>,
        started: SystemTime,
    ) {
        let ended = SystemTime::now();
        self.daemon.send(acknowledged.filter(|(publication, _)| publication.replay.is_none()).filter_map(
            |(publication, message)| {
                let event = publication.event()?;
                Some(SentMessage {
                    traceparent: event.attributes.traceparent.as_ref()?,
                    topic: &message.topic,
                    message_id: event.id,
                    key: &message.key,
                    server: Some(&self.server),
                    started,
                    ended,
                })
            },
        ));
    }
}

fn first_host(brokers: &Brokers) -> String {
    let brokers = brokers.to_string();
    let first = brokers.split(',').next().unwrap_or_default().trim();
    first.rsplit_once(':').map_or(first, |(host, _port)| host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_the_host_of_the_first_broker() {
        let host = |brokers: &str| first_host(&brokers.parse().unwrap());
        assert_eq!(host("b-1.example.com:9098,b-2.example.com:9098"), "b-1.example.com");
        assert_eq!(host(" [::1]:9092"), "[::1]");
    }
}
