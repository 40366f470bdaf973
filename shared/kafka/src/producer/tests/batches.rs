//! Batches that a broker refuses.

use rdkafka::types::RDKafkaApiKey;

use super::*;

use RDKafkaRespErr::{
    RD_KAFKA_RESP_ERR_INVALID_RECORD as INVALID_RECORD,
    RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE as RECORD_LIST_TOO_LARGE,
};

/// A broker that returns these errors for the next requests to produce. As Redpanda, it does not name the records that
/// are the reason.
fn bench_with_errors(errors: &[RDKafkaRespErr]) -> (Cluster, Producer) {
    let (cluster, producer) = bench(&[TOPIC]);
    cluster.request_errors(RDKafkaApiKey::Produce, errors);
    (cluster, producer)
}

fn messages(count: usize) -> Vec<Message> {
    (0..count).map(|index| Message { key: index.to_string(), ..message(TOPIC) }).collect()
}

// Messages of one burst may go in one request or in two. No test depends on either.

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_refused_as_a_whole_is_sent_record_by_record() {
    let (_cluster, mut producer) = bench_with_errors(&[INVALID_RECORD]);
    let results = publish(&mut producer, &messages(4)).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    // The next batch is sent as usual.
    assert!(publish(&mut producer, &messages(4)).await.iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_record_of_a_large_batch_is_judged_alone() {
    let count = 500;
    let (cluster, mut producer) = bench_with_errors(&vec![INVALID_RECORD; 3 * count]);
    let results = publish(&mut producer, &messages(count)).await;
    assert!(
        results.iter().all(|result| result.as_ref().is_err_and(Undelivered::is_refused_alone)),
        "{results:?}"
    );
    cluster.clear_request_errors(RDKafkaApiKey::Produce);
    assert!(publish(&mut producer, &messages(3)).await.iter().all(Result::is_ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_company_is_sent_once() {
    let (_cluster, mut producer) = bench_with_errors(&[INVALID_RECORD]);
    let results = publish(&mut producer, &messages(1)).await;
    assert!(results[0].as_ref().is_err_and(Undelivered::is_refused_alone), "{results:?}");
    assert!(publish(&mut producer, &messages(1)).await[0].is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_larger_than_a_segment_is_sent_in_smaller_ones() {
    let (_cluster, mut producer) = bench_with_errors(&[RECORD_LIST_TOO_LARGE]);
    let results = publish(&mut producer, &messages(4)).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_larger_than_a_segment_can_never_be_published() {
    // Once before its limit is known, and once after. The mock cluster returns no limit.
    let (_cluster, mut producer) = bench_with_errors(&[RECORD_LIST_TOO_LARGE, RECORD_LIST_TOO_LARGE]);
    let results = publish(&mut producer, &messages(1)).await;
    assert!(results[0].as_ref().is_err_and(Undelivered::is_permanent), "{results:?}");
    assert!(publish(&mut producer, &messages(1)).await[0].is_ok());
}
