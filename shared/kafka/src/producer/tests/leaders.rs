//! The first connections of a client, where a leader does not respond. `tests/connections.rs` has those that succeed.

use std::time::Instant;

use super::*;

/// A broker that takes this long for each response.
const SLOW: Duration = Duration::from_secs(8);

const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_does_not_respond_does_not_stop_the_messages_to_another() {
    let cluster = MockCluster::new(3).unwrap();
    for (topic, leader) in [("slow", 3), ("healthy", 2)] {
        cluster.create_topic(topic, 1, 1).unwrap();
        cluster.partition_leader(topic, 0, Some(leader)).unwrap();
    }
    cluster.broker_round_trip_time(3, SLOW).unwrap();
    let all = cluster.bootstrap_servers();
    let first = all.split(',').next().unwrap().parse().unwrap();
    let started = Instant::now();
    let mut producer = Producer::new(KafkaSettings { brokers: first, ..settings(&cluster, false) }).unwrap();
    let topics = ["slow", "healthy"].map(|topic| (topic.into(), Compression::None));
    assert!(producer.prepare(&topics).await.is_empty());
    assert!(publish_to(&mut producer, &["healthy"]).await[0].is_ok());
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
}
