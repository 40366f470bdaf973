//! Kafka is away.

use end_to_end::System;

#[tokio::test(flavor = "multi_thread")]
async fn events_accepted_while_kafka_is_down_arrive_when_it_is_back() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut ids = system.create_events(&receiver, 5).await;
    system.await_messages(&ids);

    system.stack.kafka.down().await.unwrap();
    let accepted = system.create_events(&receiver, 20).await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    system.stack.kafka.up().await.unwrap();
    let messages = system.await_messages(&accepted);
    for (id, records) in &messages {
        let bodies: std::collections::HashSet<_> = records.iter().map(|record| &record.value).collect();
        assert_eq!(bodies.len(), 1, "every delivery of {id} has the same bytes");
    }

    ids = system.create_events(&receiver, 5).await;
    system.await_messages(&ids);
}
