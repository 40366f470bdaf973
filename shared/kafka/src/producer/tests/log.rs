//! Reads a topic's batches from a broker as they are stored. librdkafka's consumer shows no batch.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use super::Cluster;

/// The codec of each batch in a topic's first partition: the lowest three bits of the batch's attributes.
///
/// <https://kafka.apache.org/documentation/#recordbatch>
pub(super) fn codecs(cluster: &Cluster, topic: &str) -> Vec<i16> {
    let mut codecs = Vec::new();
    let mut offset = 0;
    // The mock cluster returns a batch at a time.
    while let Some(batch) = fetch(cluster, topic, offset) {
        codecs.push(i16::from_be_bytes(batch[21..23].try_into().unwrap()) & 7);
        offset += i64::from(i32::from_be_bytes(batch[23..27].try_into().unwrap())) + 1;
    }
    codecs
}

/// The batch at an offset of a topic's first partition, by a Fetch request of version 4. `None` at the end.
///
/// <https://kafka.apache.org/protocol#The_Messages_Fetch>
fn fetch(cluster: &Cluster, topic: &str, offset: i64) -> Option<Vec<u8>> {
    let name = [&i16::try_from(topic.len()).unwrap().to_be_bytes(), topic.as_bytes()].concat();
    let request = [
        // API key 1, version 4, correlation id 7, no client id.
        &[0, 1, 0, 4, 0, 0, 0, 7, 255, 255][..],
        // No replica, no wait, at least 1 byte, at most 16 MB, uncommitted too.
        &[255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0],
        &[0, 0, 0, 1],
        &name,
        // One partition, number 0, from the offset, at most 16 MB.
        &[0, 0, 0, 1, 0, 0, 0, 0],
        &offset.to_be_bytes(),
        &[1, 0, 0, 0],
    ]
    .concat();
    let mut broker = TcpStream::connect(cluster.bootstrap_servers()).unwrap();
    let length = u32::try_from(request.len()).unwrap().to_be_bytes();
    // In one segment, since the mock cluster would acknowledge the first of two late.
    broker.write_all(&[&length[..], &request].concat()).unwrap();
    let mut length = [0; 4];
    broker.read_exact(&mut length).unwrap();
    let mut response = vec![0; u32::from_be_bytes(length) as usize];
    broker.read_exact(&mut response).unwrap();
    // Correlation id, throttle time, one topic with its name, one partition: number, error, two offsets, no aborted
    // transactions, and the length of the batches.
    let start = 4 + 4 + 4 + name.len() + 4 + 4 + 2 + 8 + 8 + 4 + 4;
    let batch = response.split_off(start);
    (!batch.is_empty()).then_some(batch)
}
