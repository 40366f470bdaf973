//! Topics that are refused or missing, beside others.

use rdkafka::types::RDKafkaApiKey;

use super::*;
use crate::topics::describe;

use RDKafkaRespErr::{
    RD_KAFKA_RESP_ERR_NO_ERROR as NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED as FORBIDDEN,
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART as UNKNOWN,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_topic_gives_an_error_to_its_own_messages_alone() {
    let (cluster, mut producer) = bench(&["healthy", "forbidden"]);
    cluster.topic_error("forbidden", FORBIDDEN).unwrap();
    let results = publish_to(&mut producer, &["healthy", "forbidden", "healthy", "missing"]).await;
    assert!(results[0].is_ok() && results[2].is_ok(), "{results:?}");
    assert!(is_refused(&results[1], TopicAction::Describe), "{results:?}");
    assert!(matches!(results[3], Err(Undelivered::TopicMissing { .. })), "{results:?}");
    for index in [1, 3] {
        assert!(results[index].as_ref().is_err_and(Undelivered::is_refusal_of_topic), "{results:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_may_not_be_written_gives_an_error_to_its_own_messages_alone() {
    let (cluster, mut producer) = bench(&["healthy", "guarded"]);
    cluster.request_errors(RDKafkaApiKey::Produce, &[FORBIDDEN]);
    assert!(is_refused(&publish_to(&mut producer, &["guarded"]).await[0], TopicAction::Write));
    // It is not sent again, so the broker would accept it.
    let results = publish_to(&mut producer, &["guarded", "healthy"]).await;
    assert!(is_refused(&results[0], TopicAction::Write) && results[1].is_ok(), "{results:?}");
}

#[tokio::test]
async fn a_remembered_refusal_makes_no_request_and_is_asked_about_again_later() {
    let (cluster, mut producer) = bench(&["forbidden"]);
    cluster.topic_error("forbidden", FORBIDDEN).unwrap();
    assert!(is_refused(&publish_to(&mut producer, &["forbidden"]).await[0], TopicAction::Describe));
    // With a request it would be delivered.
    cluster.topic_error("forbidden", NO_ERROR).unwrap();
    assert!(is_refused(&publish_to(&mut producer, &["forbidden"]).await[0], TopicAction::Describe));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(10)).await;
    tokio::time::resume();
    let results = publish_to(&mut producer, &["forbidden"]).await;
    assert!(results[0].is_ok(), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_deleted_is_described_again() {
    let (cluster, mut producer) = bench(&["healthy", "deleted"]);
    assert!(publish_to(&mut producer, &["healthy", "deleted"]).await.iter().all(Result::is_ok));
    cluster.topic_error("deleted", UNKNOWN).unwrap();
    cluster.request_errors(RDKafkaApiKey::Produce, &[UNKNOWN; 1_000]);
    let results = publish_to(&mut producer, &["deleted"]).await;
    assert!(results[0].as_ref().is_err_and(Undelivered::is_topic_gone), "{results:?}");
    cluster.clear_request_errors(RDKafkaApiKey::Produce);
    let results = publish_to(&mut producer, &["healthy", "deleted"]).await;
    assert!(results[0].is_ok(), "{results:?}");
    assert!(matches!(results[1], Err(Undelivered::TopicMissing { .. })), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_no_broker_accepts_is_refused_and_reaches_no_client() {
    let (_cluster, mut producer) = bench(&["healthy"]);
    let long = "x".repeat(600);
    let results = publish_to(&mut producer, &["", &long, "with\0zero", "healthy"]).await;
    for result in &results[..3] {
        assert!(is_refused(result, TopicAction::Describe), "{result:?}");
    }
    assert!(results[3].is_ok(), "{results:?}");
}

/// librdkafka refreshes its metadata in the background. It refuses to queue a message to a topic that is forbidden since.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_queued_holds_back_the_later_ones_of_its_topic_alone() {
    let (cluster, mut producer) = bench(&["healthy", "forbidden"]);
    assert!(publish_to(&mut producer, &["healthy", "forbidden"]).await.iter().all(Result::is_ok));
    cluster.topic_error("forbidden", FORBIDDEN).unwrap();
    let (_, session) = producer.lanes.iter().next().unwrap();
    describe(session, "forbidden", WITHIN).await.unwrap();
    let results = publish_to(&mut producer, &["forbidden", "healthy", "forbidden"]).await;
    assert!(is_refused(&results[0], TopicAction::Write) && results[1].is_ok(), "{results:?}");
    assert!(matches!(results[2], Err(Undelivered::HeldBack)), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_create_topics_without_a_response_is_an_error_of_all_messages() {
    let (cluster, _) = bench(&["healthy"]);
    let mut producer = Producer::new(settings(&cluster, true)).unwrap();
    let results = publish_to(&mut producer, &["healthy", "missing"]).await;
    let is_passing = |error: &Undelivered| {
        matches!(error, Undelivered::TopicNotCreated { topic, .. } if topic == "missing")
            && !error.is_refusal_of_topic()
    };
    assert!(results.iter().all(|result| result.as_ref().is_err_and(is_passing)), "{results:?}");
    assert!(publish_to(&mut producer, &["healthy"]).await[0].is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn preparing_returns_the_error_of_each_topic_and_makes_the_others_ready() {
    let (cluster, mut producer) = bench(&["healthy", "forbidden"]);
    cluster.topic_error("forbidden", FORBIDDEN).unwrap();
    let topics = ["forbidden", "missing", "healthy"].map(|topic| (topic.into(), Compression::None));
    let errors = producer.prepare(&topics).await;
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].to_string().contains("topic forbidden"), "{errors:?}");
    assert!(errors[1].to_string().contains("topic missing"), "{errors:?}");
    assert!(producer.topics.refusal("healthy").is_none() && producer.topics.is_known("healthy"));
    assert_eq!(producer.lanes.iter().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_of_the_cluster_counts_the_partitions_of_the_topic() {
    let (cluster, mut producer) = bench(&[]);
    cluster.create_topic("five", 5, 1).unwrap();
    assert_eq!(producer.describe_cluster("five").await.unwrap().partitions, 5);
    assert_eq!(producer.describe_cluster("missing").await.unwrap().partitions, 0);
    assert!(producer.describe_cluster(&"x".repeat(600)).await.unwrap_err().is_refusal_of_topic());
}

#[tokio::test(flavor = "multi_thread")]
async fn more_topics_than_should_be_remembered_replace_the_clients() {
    let (_cluster, mut producer) = bench(&[TOPIC]);
    assert!(publish_to(&mut producer, &[TOPIC]).await[0].is_ok());
    for number in 0..=10_000 {
        producer.topics.set_ready(&number.to_string().into());
    }
    assert!(publish_to(&mut producer, &[TOPIC]).await[0].is_ok());
    assert!(!producer.topics.is_known("1") && producer.topics.is_known(TOPIC));
}
