//! CAs and the certificates that they sign, as PEM files in a folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// The address of every broker in these tests.
const HOST: &str = "127.0.0.1";

/// The files of one certificate.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Everything that brokers and clients need.
pub(crate) struct Certificates {
    pub(crate) ca: PathBuf,
    pub(crate) other_ca: PathBuf,
    pub(crate) server: Identity,
    pub(crate) expired_server: Identity,
    pub(crate) other_host: Identity,
    pub(crate) client: Identity,
    pub(crate) expired_client: Identity,
    pub(crate) strange_client: Identity,
}

impl Certificates {
    pub(crate) fn make(dir: &Path) -> Self {
        let (ca, other_ca) = (new_ca("XZepr test CA"), new_ca("another CA"));
        let (last_year, long_ago) = (date_time_ymd(2020, 12, 31), date_time_ymd(2020, 1, 1));
        let expired = |mut parameters: CertificateParams| {
            parameters.not_before = long_ago;
            parameters.not_after = last_year;
            parameters
        };
        let issue = |name: &str, parameters, ca: &CertifiedIssuer<'static, KeyPair>| {
            Identity::issue(dir, name, parameters, ca)
        };
        Self {
            ca: write(dir, "ca.pem", &ca.pem()),
            other_ca: write(dir, "other-ca.pem", &other_ca.pem()),
            server: issue("server", parameters("broker", HOST), &ca),
            expired_server: issue("expired-server", expired(parameters("broker", HOST)), &ca),
            other_host: issue("other-host", parameters("broker", "kafka.example.com"), &ca),
            client: issue("client", parameters("client", "client"), &ca),
            expired_client: issue("expired-client", expired(parameters("client", "client")), &ca),
            strange_client: issue("strange-client", parameters("client", "client"), &other_ca),
        }
    }
}

impl Identity {
    fn issue(
        dir: &Path,
        name: &str,
        parameters: CertificateParams,
        ca: &CertifiedIssuer<'static, KeyPair>,
    ) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, ca).unwrap();
        Self {
            certificate: write(dir, &format!("{name}.pem"), &certificate.pem()),
            key: write(dir, &format!("{name}.key.pem"), &key.serialize_pem()),
        }
    }

    /// A PEM key store of Kafka has key and certificate in one file.
    pub(crate) fn key_store(&self) -> PathBuf {
        let path = self.certificate.with_extension("keystore.pem");
        let text = [&self.key, &self.certificate].map(|path| fs::read_to_string(path).unwrap()).concat();
        fs::write(&path, text).unwrap();
        path
    }
}

fn new_ca(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = parameters(name, "ca");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

fn parameters(common_name: &str, host: &str) -> CertificateParams {
    let mut parameters = CertificateParams::new(vec![host.to_owned()]).unwrap();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, common_name);
    parameters.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    parameters.use_authority_key_identifier_extension = true;
    parameters
}

fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path
}
