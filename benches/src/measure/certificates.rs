//! The certificates of our servers: RSA keys, a root, an intermediate and a leaf, as AWS's endpoints have them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use local::{Context, Error, Result, workspace};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use tempfile::TempDir;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

const SYSTEM: &str = "system.pem";
const AMAZON: &str = "amazon.pem";
const ROOT: &str = "root.pem";

/// The certificates and the files of trusted roots.
pub(super) struct Certificates {
    dir: TempDir,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Certificates {
    /// Makes a certificate for a host.
    pub(super) fn make(host: &str) -> Result<Self> {
        let making = "making a certificate";
        let root = CertifiedIssuer::self_signed(authority("root")?, key()?).context(making)?;
        let between =
            CertifiedIssuer::signed_by(authority("intermediate")?, key()?, &root).context(making)?;
        let mut leaf = parameters("server", vec![host.to_owned()])?;
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = key()?;
        let leaf = leaf.signed_by(&key, &between).context(making)?;
        let dir = tempfile::tempdir().context("making a folder")?;
        for (file, roots) in [(SYSTEM, system_roots()?), (AMAZON, amazon_roots()?), (ROOT, String::new())] {
            fs::write(dir.path().join(file), roots + &root.pem()).context("writing the trusted roots")?;
        }
        let chain = vec![leaf.der().clone(), between.der().clone()];
        Ok(Self { dir, chain, key: key.serialize_der() })
    }

    /// A PEM file with the system's trusted roots and the root of the certificate.
    pub(super) fn system_roots(&self) -> PathBuf {
        self.dir.path().join(SYSTEM)
    }

    /// A PEM file with the roots that our functions trust and the root of the certificate.
    pub(super) fn amazon_roots(&self) -> PathBuf {
        self.dir.path().join(AMAZON)
    }

    /// A PEM file with the root of the certificate alone.
    pub(super) fn root(&self) -> PathBuf {
        self.dir.path().join(ROOT)
    }

    /// Accepts TLS connections with the certificate.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor> {
        let key = PrivateKeyDer::try_from(self.key.clone()).context("reading the private key")?;
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key)
            .context("using the certificate")?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// The system's trusted roots, in PEM form.
fn system_roots() -> Result<String> {
    let file = openssl_probe::probe().cert_file;
    let file =
        file.ok_or_else(|| Error::new("the system has no file of trusted roots: install ca-certificates"))?;
    read(&file)
}

/// The roots in the code of our functions.
fn amazon_roots() -> Result<String> {
    read(&workspace::root().join("shared/store/roots/amazon.pem"))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).context(format!("reading {}", file.display()))
}

fn key() -> Result<KeyPair> {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).context("making a key")
}

fn authority(name: &str) -> Result<CertificateParams> {
    let mut parameters = parameters(name, Vec::new())?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    Ok(parameters)
}

fn parameters(name: &str, hosts: Vec<String>) -> Result<CertificateParams> {
    let mut parameters = CertificateParams::new(hosts).context("making a certificate")?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.use_authority_key_identifier_extension = true;
    Ok(parameters)
}
