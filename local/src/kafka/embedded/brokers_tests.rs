//! Several brokers with TLS, as librdkafka sees them.

use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rdkafka::{
    ClientConfig,
    error::KafkaError,
    metadata::MetadataPartition,
    producer::{FutureProducer, FutureRecord, Producer},
};
use tokio::task::spawn_blocking;
use tokio_rustls::rustls::{ServerConfig, pki_types::PrivateKeyDer};

use super::*;

const BROKERS: i32 = 3;
const WITHIN: Duration = Duration::from_secs(10);

/// An acceptor with a certificate that signs itself, and the certificate in PEM form.
fn tls() -> (TlsAcceptor, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key);
    (TlsAcceptor::from(Arc::new(config.unwrap())), cert.pem())
}

/// A client that is given one of the brokers.
fn client(kafka: &Embedded, protocol: &str, ca: &str) -> FutureProducer {
    let brokers = kafka.brokers();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers.rsplit(',').next().unwrap());
    config.set("security.protocol", protocol);
    if !ca.is_empty() {
        config.set("ssl.ca.pem", ca);
    }
    config.create().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_knows_one_broker_of_three_with_tls_sends_to_the_partitions_of_all() {
    let (tls, ca) = tls();
    let kafka = Embedded::start_brokers(3, Some(tls), ["topic".into()].into(), BROKERS).await.unwrap();
    let producer = client(&kafka, "SSL", &ca);
    let asking = producer.clone();
    let metadata =
        spawn_blocking(move || asking.client().fetch_metadata(Some("topic"), WITHIN)).await.unwrap().unwrap();
    let named = metadata.brokers().iter().map(|broker| format!("{}:{}", broker.host(), broker.port()));
    assert_eq!(named.collect::<Vec<_>>().join(","), kafka.brokers());
    let mut leaders: Vec<_> =
        metadata.topics()[0].partitions().iter().map(MetadataPartition::leader).collect();
    leaders.sort_unstable();
    assert_eq!(leaders, (1..=BROKERS).collect::<Vec<_>>());
    for partition in 0..BROKERS {
        let record = FutureRecord::<(), _>::to("topic").partition(partition).payload("text");
        assert_eq!(producer.send(record, WITHIN).await.unwrap().partition, partition);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn brokers_with_tls_have_no_other_connections_and_their_own_certificate() {
    let (tls, _) = tls();
    let (_, other_ca) = self::tls();
    let kafka = Embedded::start_brokers(3, Some(tls), ["topic".into()].into(), BROKERS).await.unwrap();
    for (protocol, ca) in [("PLAINTEXT", ""), ("SSL", other_ca.as_str())] {
        let client = client(&kafka, protocol, ca);
        let request = move || client.client().fetch_metadata(Some("topic"), Duration::from_secs(1));
        let refused = spawn_blocking(request).await.unwrap();
        assert!(matches!(refused, Err(KafkaError::MetadataFetch(_))), "{protocol}");
    }
}
