//! The first connections of a client: to the brokers that lead a topic's partitions.
//!
//! The connection to a bootstrap server ends with the first metadata, even if that server is one of the cluster's
//! brokers (`rd_kafka_metadata_decommission_unavailable_brokers`). librdkafka then selects any broker, but not before
//! an interval of its own has passed, and without a connection it gets no producer id (`rd_kafka_connect_any`,
//! `rd_kafka_idemp_pid_fsm`). A request to a leader makes it connect there at once (`rd_kafka_broker_buf_enq0`). So the
//! handshakes are done in a function's init, all at once. `config.rs` makes the interval short, since the metadata that
//! librdkafka requests for itself can end the first connection before the leaders are known.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use rdkafka::{
    metadata::{MetadataPartition, MetadataTopic},
    producer::Producer,
};
use tokio::{task::spawn_blocking, time::timeout};

use crate::session::Session;

/// How many leaders a client connects to before its first message, as many as a usual cluster has brokers. It connects
/// to others when it has messages for them.
const LEADERS: usize = 3;

/// How long the connections may take. A leader that does not respond must not delay the messages to others.
const CONNECTED_WITHIN: Duration = Duration::from_secs(2);

/// A partition of each leader that a client connects to first.
pub(crate) fn led_partitions(topic: Option<&MetadataTopic>) -> Vec<i32> {
    let partitions = topic.into_iter().flat_map(MetadataTopic::partitions);
    first_of_leaders(partitions.map(|partition: &MetadataPartition| (partition.id(), partition.leader())))
}

/// The first partition of each leader, at most [`LEADERS`]. The leader -1 is none.
fn first_of_leaders(partitions: impl Iterator<Item = (i32, i32)>) -> Vec<i32> {
    let mut first: Vec<(i32, i32)> = Vec::new();
    for (partition, leader) in partitions {
        if leader >= 0 && first.iter().all(|(_, known)| *known != leader) {
            first.push((partition, leader));
        }
    }
    first.into_iter().take(LEADERS).map(|(partition, _)| partition).collect()
}

/// Connects a client to the leaders of partitions. A failure is only logged, since the messages meet it too.
pub(crate) async fn connect_to_leaders(session: &Session, topic: &str, partitions: Vec<i32>) {
    let requests = partitions.into_iter().map(async |partition| {
        let (client, topic) = (Arc::clone(&session.client), topic.to_owned());
        let request = move || client.client().fetch_watermarks(&topic, partition, CONNECTED_WITHIN);
        if let Ok(Err(error)) = spawn_blocking(request).await {
            tracing::debug!("could not connect to the leader of partition {partition} yet: {error}");
        }
    });
    let connected = async {
        tokio::select! {
            _ = join_all(requests) => {}
            () = session.context().wait_for_refusal() => {}
        }
    };
    if timeout(CONNECTED_WITHIN, connected).await.is_err() {
        tracing::debug!("the leaders of the topic do not respond yet");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_connects_to_three_leaders_at_most_and_to_each_once() {
        let led_by = |leaders: &[i32]| first_of_leaders((0..).zip(leaders.iter().copied()));
        assert_eq!(led_by(&[1, 1, 1]), [0]);
        assert_eq!(led_by(&[2, 2, 1, 2, 3]), [0, 2, 4]);
        assert_eq!(led_by(&[1, 2, 3, 4, 5, 6]), [0, 1, 2]);
        assert_eq!(led_by(&[-1, 7]), [1], "the first partition has no leader");
        assert!(led_by(&[]).is_empty());
    }
}
