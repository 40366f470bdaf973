//! Messages that differ in their codec or in their topic's limit.

use rdkafka::types::RDKafkaApiKey;

use super::{log::codecs, *};

/// The numbers of the codecs in a batch's attributes.
const NONE: i16 = 0;
const GZIP: i16 = 1;
const ZSTD: i16 = 4;

fn with(compression: Compression, topic: &str) -> Message {
    Message { compression, ..message(topic) }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_two_codecs_in_one_batch_are_compressed_each_with_its_own() {
    let (cluster, mut producer) = bench(&["plain", "zipped", "packed"]);
    let messages = [
        with(Compression::Gzip, "zipped"),
        with(Compression::Zstd, "packed"),
        with(Compression::None, "plain"),
        with(Compression::Gzip, "zipped"),
    ];
    let results = publish(&mut producer, &messages).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    for (topic, codec) in [("plain", NONE), ("zipped", GZIP), ("packed", ZSTD)] {
        let codecs = codecs(&cluster, topic);
        assert!(!codecs.is_empty() && codecs.iter().all(|used| *used == codec), "{topic}: {codecs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_topics_with_one_codec_and_no_known_limit_share_one_client() {
    let names: Vec<_> = (0..40).map(|number| format!("topic-{number}")).collect();
    let topics: Vec<_> = names.iter().map(String::as_str).collect();
    let (cluster, mut producer) = bench(&topics);
    let results = publish_to(&mut producer, &topics).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(producer.lanes.iter().count(), 1);
    assert!(topics.iter().all(|topic| codecs(&cluster, topic).len() == 1));
}

/// The broker refuses the first batch to `small` for its size. The mock cluster returns no limit, so each record to it
/// goes alone from then on.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_with_a_small_limit_leaves_the_batches_of_another_large() {
    let (cluster, mut producer) = bench(&["small", "large"]);
    let too_large = RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    cluster.request_errors(RDKafkaApiKey::Produce, &[too_large]);
    let to = |topic| vec![message(topic); 20];
    let results = publish(&mut producer, &to("small")).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(producer.limits.of("small").is_some() && producer.limits.of("large").is_none());

    let before = codecs(&cluster, "small").len();
    let results = publish(&mut producer, &[to("small"), to("large")].concat()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(producer.lanes.iter().count(), 2);
    assert_eq!(codecs(&cluster, "small").len() - before, 20, "a record of a small limit goes alone");
    // A burst may be split where librdkafka sends the first records before the last are queued.
    assert!(codecs(&cluster, "large").len() < 10, "{:?}", codecs(&cluster, "large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lower_limit_replaces_the_client_with_small_batches() {
    let (_cluster, mut producer) = bench(&["less", "least", "large"]);
    for (topic, limit) in [("less", 20_000), ("least", 10_000)] {
        producer.limits.learn(&topic.into(), crate::TopicLimit::Bytes(limit));
        let results = publish_to(&mut producer, &["less", "least", "large"]).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(producer.lanes.iter().count(), 2);
        let lane = Lane::of("less", Compression::None, &producer.limits);
        assert!(producer.lanes.session(lane).is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_batch_of_two_codecs_is_sent_record_by_record_with_the_same_codecs() {
    let (cluster, mut producer) = bench(&["zipped", "packed"]);
    cluster.request_errors(
        RDKafkaApiKey::Produce,
        &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_RECORD, RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_RECORD],
    );
    let messages = [with(Compression::Gzip, "zipped"), with(Compression::Zstd, "packed")];
    let results = publish(&mut producer, &messages).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!((codecs(&cluster, "zipped"), codecs(&cluster, "packed")), (vec![GZIP], vec![ZSTD]));
}
