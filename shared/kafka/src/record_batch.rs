//! The size of a batch that holds one record, in the format that Kafka has since 0.11 (magic 2).
//!
//! <https://kafka.apache.org/documentation/#recordbatch>, <https://kafka.apache.org/documentation/#record>

use xzepr_messages::Message;

/// The fixed fields of a batch: base offset 8, length 4, leader epoch 4, magic 1, CRC 4, attributes 2, last offset
/// delta 4, first and greatest timestamp 8 each, producer id 8, producer epoch 2, base sequence 4, record count 4.
const BATCH_HEADER: usize = 61;

/// The record's attributes, a byte, and its differences to the batch's first timestamp and offset. Both differences
/// are 0 in the first record, and take a byte each.
const RECORD_FIELDS: usize = 3;

/// The bytes of a batch that holds this message alone, uncompressed. librdkafka sends a batch uncompressed when
/// compression would make it larger, so this is also the upper bound of the batch as it is sent.
pub(crate) fn size_alone(message: &Message) -> usize {
    let headers = message
        .headers
        .iter()
        .map(|(name, value)| with_length(name.len()) + with_length(value.len()))
        .sum::<usize>();
    let record = RECORD_FIELDS
        + with_length(message.key.len())
        + with_length(message.value.len())
        + varint(message.headers.len())
        + headers;
    BATCH_HEADER + with_length(record)
}

/// The bytes of a field of this length, with the varint of the length before it.
fn with_length(length: usize) -> usize {
    varint(length) + length
}

/// The bytes of a number as a zigzag varint, which holds 6 bits in its first byte and 7 in each other one.
fn varint(number: usize) -> usize {
    let mut rest = number >> 6;
    let mut bytes = 1;
    while rest > 0 {
        rest >>= 7;
        bytes += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::{Duration, Instant},
    };

    use rdkafka::{
        ClientConfig, ClientContext, Statistics,
        message::DeliveryResult,
        mocking::MockCluster,
        producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer},
    };
    use xzepr_settings::Compression;

    use super::*;
    use crate::producer::headers;

    fn message(key: usize, value: usize, headers: Vec<(&'static str, usize)>) -> Message {
        let text = |length| "x".repeat(length);
        Message {
            topic: "topic".into(),
            key: text(key),
            value: text(value).into_bytes(),
            headers: headers.into_iter().map(|(name, length)| (name, text(length))).collect(),
            compression: Compression::None,
        }
    }

    #[test]
    fn a_length_takes_a_byte_more_from_64_8192_and_1048576_on() {
        assert_eq!([0, 63, 64, 8191, 8192, 1_048_575, 1_048_576].map(varint), [1, 1, 2, 2, 3, 3, 4]);
    }

    /// Keeps the largest batch that librdkafka's statistics name.
    #[derive(Clone, Default)]
    struct LargestBatch(Arc<Mutex<usize>>);

    impl ClientContext for LargestBatch {
        fn stats(&self, statistics: Statistics) {
            let sizes = statistics.topics.values().map(|topic| topic.batchsize.max);
            let largest = sizes.filter_map(|size| usize::try_from(size).ok()).max();
            let mut kept = self.0.lock().unwrap();
            *kept = (*kept).max(largest.unwrap_or_default());
        }
    }

    impl ProducerContext for LargestBatch {
        type DeliveryOpaque = ();

        fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
    }

    #[test]
    fn the_size_of_a_record_alone_is_the_one_that_librdkafka_sends() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("topic", 1, 1).unwrap();
        for message in [
            message(0, 0, Vec::new()),
            message(26, 1_000, Vec::new()),
            message(64, 8_192, vec![("xzepr-replay", 26), ("empty", 0)]),
            message(1, 1, vec![("long", 70_000)]),
            message(1, 1, vec![("header", 1); 100]),
        ] {
            let largest = LargestBatch::default();
            let producer: ThreadedProducer<_> = ClientConfig::new()
                .set("bootstrap.servers", cluster.bootstrap_servers())
                .set("statistics.interval.ms", "20")
                .set("linger.ms", "0")
                .create_with_context(largest.clone())
                .unwrap();
            let record = BaseRecord::to("topic").key(&message.key).payload(&message.value);
            producer.send(record.headers(headers(&message))).map_err(|(error, _)| error).unwrap();
            producer.flush(Duration::from_secs(10)).unwrap();
            let until = Instant::now() + Duration::from_secs(10);
            while *largest.0.lock().unwrap() == 0 && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(size_alone(&message), *largest.0.lock().unwrap(), "{:?}", message.headers.first());
        }
    }
}
