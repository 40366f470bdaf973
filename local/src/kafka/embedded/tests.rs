//! The embedded Kafka, as clients see it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Stdio,
    time::Duration,
};

use kafka_protocol::{
    messages::{ApiKey, ApiVersionsResponse, FindCoordinatorResponse, MetadataResponse, ResponseHeader},
    protocol::{Decodable, HeaderVersion},
};
use tokio::{process::Command, task::block_in_place};

use super::*;
use crate::process;

/// A client id that is null.
const NO_CLIENT_ID: [u8; 2] = [0xff, 0xff];

pub(super) struct Client(TcpStream);

impl Client {
    pub(super) fn connect(kafka: &Embedded) -> Self {
        let stream = TcpStream::connect(kafka.proxy.addresses()[0]).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self(stream)
    }

    pub(super) fn send(&mut self, key: ApiKey, version: i16, correlation_id: i32, body: &[u8]) {
        let mut request = (key as i16).to_be_bytes().to_vec();
        request.extend(version.to_be_bytes());
        request.extend(correlation_id.to_be_bytes());
        request.extend(NO_CLIENT_ID);
        request.extend(body);
        let length = i32::try_from(request.len()).unwrap().to_be_bytes();
        self.0.write_all(&[length.as_slice(), &request].concat()).unwrap();
    }

    /// Reads a response in this version. Its correlation id, and the response, of which no byte is left over.
    pub(super) fn receive<T: Decodable + HeaderVersion>(&mut self, version: i16) -> (i32, T) {
        let mut length = [0; 4];
        self.0.read_exact(&mut length).unwrap();
        let mut frame = vec![0; usize::try_from(i32::from_be_bytes(length)).unwrap()];
        self.0.read_exact(&mut frame).unwrap();
        let mut rest = frame.as_slice();
        let header = ResponseHeader::decode(&mut rest, T::header_version(version)).unwrap();
        let response = T::decode(&mut rest, version).unwrap();
        assert!(rest.is_empty());
        (header.correlation_id, response)
    }

    /// Whether the other end closes the connection, and sends nothing before.
    fn is_closed(&mut self) -> bool {
        match self.0.read(&mut [0]) {
            Ok(read) => read == 0,
            // Bytes that nobody has read are still there.
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

pub(super) async fn kafka() -> Embedded {
    Embedded::start(0, ["topic".into()].into(), 1).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_versions_are_listed_in_every_version_of_the_request() {
    let kafka = kafka().await;
    block_in_place(|| {
        for version in 0..=4 {
            let mut client = Client::connect(&kafka);
            client.send(ApiKey::ApiVersions, version, 5, b"any body");
            let (correlation_id, response) = client.receive::<ApiVersionsResponse>(version);
            assert_eq!((correlation_id, response.error_code), (5, 0));
            let fetch = response.api_keys.iter().find(|key| key.api_key == ApiKey::Fetch as i16).unwrap();
            assert!(api_versions::accepts(fetch.api_key, fetch.max_version));
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_for_the_versions_that_is_too_new_gets_an_error_in_version_0_and_the_connection_stays() {
    let kafka = kafka().await;
    block_in_place(|| {
        let mut client = Client::connect(&kafka);
        client.send(ApiKey::ApiVersions, 99, 6, &[]);
        let (correlation_id, response) = client.receive::<ApiVersionsResponse>(0);
        assert_eq!((correlation_id, response.error_code, response.api_keys.len()), (6, 35, 1));
        let newest = response.api_keys[0].max_version;
        client.send(ApiKey::ApiVersions, newest, 7, &[]);
        assert_eq!(client.receive::<ApiVersionsResponse>(newest).1.error_code, 0);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_and_coordinators_name_the_proxy_and_responses_keep_the_order_of_requests() {
    let kafka = kafka().await;
    let address = kafka.proxy.addresses()[0];
    let expected = (address.ip().to_string(), i32::from(address.port()));
    block_in_place(|| {
        let mut client = Client::connect(&kafka);
        client.send(ApiKey::Metadata, 1, 1, &(-1_i32).to_be_bytes());
        client.send(ApiKey::ApiVersions, 3, 2, &[]);
        // The client's tags, a null list of topics in the compact form, three booleans, and the body's tags.
        client.send(ApiKey::Metadata, 12, 3, &[0, 0, 0, 0, 0]);
        client.send(ApiKey::FindCoordinator, 1, 4, b"\0\x05group\0");
        client.send(ApiKey::FindCoordinator, 3, 5, b"\0\x06group\0\0");
        for (version, id) in [(1, 1), (12, 3)] {
            let (correlation_id, metadata) = client.receive::<MetadataResponse>(version);
            assert_eq!((correlation_id, metadata.brokers.len(), metadata.topics.len()), (id, 1, 1));
            let broker = &metadata.brokers[0];
            assert_eq!((broker.host.to_string(), broker.port), expected);
            assert_eq!(metadata.controller_id, broker.node_id);
            if id == 1 {
                assert_eq!(client.receive::<ApiVersionsResponse>(3).0, 2);
            }
        }
        for (version, id) in [(1, 4), (3, 5)] {
            let (correlation_id, coordinator) = client.receive::<FindCoordinatorResponse>(version);
            assert_eq!((correlation_id, coordinator.error_code), (id, 0));
            assert_eq!((coordinator.host.to_string(), coordinator.port), expected);
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_frame_ends_its_connection_alone() {
    let kafka = kafka().await;
    // A member of a group with a negative number of protocols.
    let join = b"\0\x01g\0\0\x20\0\0\0\x20\0\0\0\xff\xff\0\x08consumer\xff\xff\xff\xff";
    // A record batch that is null.
    let produce = b"\xff\xff\0\x01\0\0\0\x01\0\0\0\x01\0\x05topic\0\0\0\x01\0\0\0\0\xff\xff\xff\xff";
    block_in_place(|| {
        let mut bystander = Client::connect(&kafka);
        let requests: [(ApiKey, i16, &[u8]); 5] = [
            (ApiKey::JoinGroup, 5, join),
            (ApiKey::Produce, 3, produce),
            (ApiKey::Metadata, 13, &[0, 0, 0, 0]),
            (ApiKey::EndTxn, 0, &[]),
            (ApiKey::Fetch, 4, &[]),
        ];
        for (key, version, body) in requests {
            let mut client = Client::connect(&kafka);
            client.send(key, version, 1, body);
            assert!(client.is_closed(), "{key:?}");
        }
        for length in [i32::MAX, i32::MIN, -1, 0, 7, (16 << 20) + 1] {
            let mut client = Client::connect(&kafka);
            client.0.write_all(&length.to_be_bytes()).unwrap();
            assert!(client.is_closed(), "{length}");
        }
        bystander.send(ApiKey::ApiVersions, 0, 1, &[]);
        assert_eq!(bystander.receive::<ApiVersionsResponse>(0).0, 1);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_down_refuses_connections_and_has_closed_the_others() {
    let mut kafka = kafka().await;
    let mut before = block_in_place(|| {
        let mut client = Client::connect(&kafka);
        client.send(ApiKey::ApiVersions, 0, 1, &[]);
        client.receive::<ApiVersionsResponse>(0);
        client
    });
    kafka.down().await.unwrap();
    let refusal = TcpStream::connect(kafka.proxy.addresses()[0]).unwrap_err();
    assert_eq!(refusal.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(block_in_place(|| before.is_closed()));
    kafka.up().unwrap();
    block_in_place(|| {
        let mut client = Client::connect(&kafka);
        client.send(ApiKey::ApiVersions, 0, 2, &[]);
        assert_eq!(client.receive::<ApiVersionsResponse>(0).0, 2);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_down_and_up_while_processes_start() {
    let mut kafka = kafka().await;
    let starts = tokio::spawn(async {
        for _ in 0..300 {
            let mut command = Command::new("true");
            process::spawn(command.stdout(Stdio::null())).unwrap().wait().await.unwrap();
        }
    });
    while !starts.is_finished() {
        kafka.down().await.unwrap();
        kafka.up().unwrap();
    }
}
