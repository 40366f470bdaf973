//! The roots that the certificate of the table's API may have.
//!
//! A start that reads all of the system's roots takes a third more CPU, and the API of DynamoDB has one of Amazon's five
//! roots. So these are trusted first. A certificate that they do not cover is checked with the system's roots: a new root
//! of Amazon needs no release.

mod fallback;
#[cfg(test)]
mod tests;

use std::fs;

use aws_sdk_dynamodb::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::{
    Builder, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use self::fallback::WithFallback;

/// PEM certificates. `roots/README.md` has their source.
const AMAZON: &str = include_str!("../../roots/amazon.pem");

/// Names a PEM file with the roots to trust in place of all others. Other SDKs of AWS read it too:
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html>
const BUNDLE: &str = "AWS_CA_BUNDLE";

/// The variables with which an operator chooses the system's roots or another API.
const CHOICES_OF_THE_SYSTEM: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_ENDPOINT_URL_DYNAMODB"];

/// The partitions whose APIs are not known to have Amazon's roots: China, the European Sovereign Cloud, and those for
/// secrets of a state.
const OTHER_PARTITIONS: [&str; 4] = ["cn-", "eusc-", "us-iso", "eu-iso"];

/// The roots that a client trusts.
#[derive(Debug, PartialEq)]
pub(crate) enum Roots {
    /// Amazon's roots, then those of the system.
    Amazon,
    /// Those of a file, as PEM text.
    Bundle(String),
    /// Those of the system.
    System,
}

/// Why the file of trusted roots cannot be used.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{BUNDLE} must name a PEM file with the roots to trust, and {path} is none: {reason}")]
pub struct InvalidBundle {
    path: String,
    reason: String,
}

/// The HTTP client for the table's API. It differs from the SDK's in its roots alone. `None` is the SDK's own.
pub(crate) fn http_client(roots: &Roots) -> Option<SharedHttpClient> {
    let (first, second) = match roots {
        Roots::Amazon => (trusting(AMAZON), Some(with_roots(TrustStore::default()))),
        Roots::Bundle(pem) => (trusting(pem), None),
        Roots::System => return None,
    };
    Some(WithFallback::new(first, second).into_shared())
}

impl Roots {
    /// The roots that the variables of a process choose. An empty variable counts as absent.
    pub(crate) fn choose(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidBundle> {
        let variable = |name: &str| variable(name).filter(|text| !text.is_empty());
        if let Some(path) = variable(BUNDLE) {
            return match read_bundle(&path) {
                Ok(pem) => Ok(Self::Bundle(pem)),
                Err(reason) => Err(InvalidBundle { path, reason }),
            };
        }
        let region = variable("AWS_REGION").unwrap_or_default();
        let is_other = OTHER_PARTITIONS.iter().any(|prefix| region.starts_with(prefix));
        let is_systems = is_other || CHOICES_OF_THE_SYSTEM.iter().any(|name| variable(name).is_some());
        Ok(if is_systems { Self::System } else { Self::Amazon })
    }
}

/// The text of a PEM file. The SDK panics at a text that has a wrong certificate.
fn read_bundle(path: &str) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let root = root.map_err(|error| error.to_string())?;
        roots.add(root).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() { Err("it has no certificate in PEM form".to_owned()) } else { Ok(text) }
}

/// The SDK's client with these roots alone.
fn trusting(pem: &str) -> SharedHttpClient {
    with_roots(TrustStore::empty().with_pem_certificate(pem))
}

/// The SDK's own client, as its behavior version makes it, with other roots. They are read when it connects.
fn with_roots(roots: TrustStore) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        if let Ok(context) = TlsContext::builder().with_trust_store(roots.clone()).build() {
            connector.set_tls_context(context);
        }
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}
