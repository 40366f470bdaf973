use std::{
    collections::HashMap,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{error::StoreError, keys::Key, table::Table};

/// The SHA-256 hashes of the public keys: <https://www.amazontrust.com/repository/>
const PUBLISHED_KEYS: [&str; 5] = [
    "fbe3018031f9586bcbf41727e417b7d1c45c2f47f93be372a17b96b50757d5a2",
    "7f4296fc5b6a4e3b35d3c369623e364ab1af381d8fa7121533c9d6c633ea2461",
    "36abc32656acfc645c61b71613c4bf21c787f5cabbee48348d58597803d7abc9",
    "f7ecded5c66047d28ed6466b543c40e0743abe81d109254dcf845d4c2c7853c5",
    "2b071c59a0a0ae76b0eadb2bad23bad4580b69c3601b630c2eaf0613afa83f92",
];

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn amazon() -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(AMAZON.as_bytes()).collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_roots_are_those_that_amazon_publishes() {
    let mut store = RootCertStore::empty();
    amazon().into_iter().for_each(|root| store.add(root).unwrap());
    let keys = store.roots.iter().map(|root| {
        // The content of a DER sequence, without its head.
        let key = &root.subject_public_key_info;
        let head = match u8::try_from(key.len()) {
            Ok(length) if length < 0x80 => vec![0x30, length],
            Ok(length) => vec![0x30, 0x81, length],
            Err(_) => [&[0x30, 0x82][..], &u16::try_from(key.len()).unwrap().to_be_bytes()].concat(),
        };
        hash(&[&head, &**key].concat())
    });
    assert_eq!(keys.collect::<Vec<_>>(), PUBLISHED_KEYS);
}

#[test]
fn the_documented_fingerprints_are_those_of_the_roots() {
    let document = include_str!("../../roots/README.md");
    let documented = document.lines().filter_map(|line| line.strip_suffix("` |")?.rsplit('`').next());
    let roots: Vec<_> = amazon().iter().map(|root| hash(root)).collect();
    assert_eq!(documented.collect::<Vec<_>>(), roots);
}

fn chosen(variables: &[(&str, &str)]) -> Result<Roots, InvalidBundle> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    Roots::choose(|name| variables.get(name).map(|&text| text.to_owned()))
}

#[test]
fn amazons_roots_are_for_its_own_api() {
    for variables in [&[][..], &[("AWS_REGION", "us-gov-west-1")], &[("SSL_CERT_FILE", "")]] {
        assert_eq!(chosen(variables), Ok(Roots::Amazon), "{variables:?}");
    }
    for (name, value) in [
        ("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000"),
        ("SSL_CERT_FILE", "/opt/ca.pem"),
        ("SSL_CERT_DIR", "/opt/ca"),
        ("AWS_REGION", "cn-north-1"),
        ("AWS_REGION", "eusc-de-east-1"),
    ] {
        assert_eq!(chosen(&[(name, value)]), Ok(Roots::System), "{name}");
    }
}

#[test]
fn a_bundle_replaces_all_others_and_must_have_roots() {
    let bundle = |text: &str| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_str().unwrap();
        chosen(&[(BUNDLE, path), ("AWS_ENDPOINT_URL_DYNAMODB", "https://localhost"), ("SSL_CERT_FILE", "x")])
    };
    assert_eq!(bundle(AMAZON), Ok(Roots::Bundle(AMAZON.to_owned())));
    let wrong = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for text in ["", "no PEM", wrong] {
        let error = bundle(text).unwrap_err().to_string();
        assert!(error.starts_with("AWS_CA_BUNDLE must name a PEM file"), "{error}");
    }
    let error = chosen(&[(BUNDLE, "/no/such/file")]).unwrap_err().to_string();
    assert!(error.contains("/no/such/file is none: No such file"), "{error}");
}

/// A table's API whose certificate has a root of its own. It finds no item.
struct Api {
    url: String,
    root: String,
    /// How many handshakes began.
    handshakes: Arc<AtomicUsize>,
}

impl Api {
    async fn start() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &root).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let handshakes = Arc::new(AtomicUsize::new(0));
        let begun = Arc::clone(&handshakes);
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                begun.fetch_add(1, Ordering::Relaxed);
                let Ok(mut connection) = acceptor.accept(connection).await else { continue };
                while connection.read(&mut [0; 16 * 1024]).await.is_ok_and(|length| length > 0) {
                    let response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                    connection.write_all(response.as_bytes()).await.unwrap();
                }
            }
        });
        Self { url, root: root.pem(), handshakes }
    }

    /// The table behind the API, read through a client that trusts Amazon's roots and then another one.
    fn table(&self, second: &str) -> Table {
        let http = WithFallback::new(trusting(AMAZON), Some(trusting(second)));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .endpoint_url(&self.url)
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
            .http_client(http.into_shared());
        Table { client: Client::from_conf(config.build()).into(), name: "table".to_owned() }
    }

    fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn a_root_that_is_not_amazons_is_found_among_the_others_without_a_failure() {
    let api = Api::start().await;
    let table = api.table(&api.root);
    for _ in 0..2 {
        assert_eq!(table.get(Key::warm_up()).await.unwrap(), None);
    }
    // One that was refused, and one for both requests.
    assert_eq!(api.handshakes(), 2);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_root_is_refused() {
    let api = Api::start().await;
    let read = api.table(AMAZON).get(Key::warm_up()).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
}
