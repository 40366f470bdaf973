//! Certificates and keys, checked before they are used: librdkafka would only say that they failed.

use openssl::{
    asn1::Asn1Time,
    pkey::{PKey, Private},
    x509::{X509, X509NameEntryRef, X509NameRef},
};
use xzepr_settings::{ClientCertificate, ExposeSecret, Pem, PrivateKey, Security};

use crate::error::AccessError;

/// What is wrong with a certificate or a key, and the setting that it came from.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CertificateError {
    /// No certificate in the text.
    #[error("{0} has no certificate in PEM form")]
    NoCertificate(&'static str),
    /// Past its end.
    #[error("{setting}: the certificate of {subject} expired at {end}")]
    Expired {
        /// The variable.
        setting: &'static str,
        /// Whose it is.
        subject: String,
        /// Its last moment.
        end: String,
    },
    /// Before its beginning.
    #[error("{setting}: the certificate of {subject} is not valid before {start}")]
    NotYetValid {
        /// The variable.
        setting: &'static str,
        /// Whose it is.
        subject: String,
        /// Its first moment.
        start: String,
    },
    /// No key in the text, or one that its password does not open.
    #[error("{0} has no private key in PEM form, or its password is wrong")]
    NoKey(&'static str),
    /// The key is not the certificate's.
    #[error("{key} does not belong to the certificate of {certificate}")]
    OtherKey {
        /// The key's variable.
        key: &'static str,
        /// The certificate's variable.
        certificate: &'static str,
    },
}

/// Refuses CAs, a client certificate and a key that cannot work, with everything that is wrong with them.
pub(crate) fn check(security: &Security, client: Option<&(Pem, PrivateKey)>) -> Result<(), AccessError> {
    let ca = security.tls.as_ref().and_then(|tls| tls.ca.as_ref());
    let ca = ca.and_then(|ca| check_ca(ca).err());
    let client = client.and_then(|(certificate, key)| check_client_certificate(certificate, key).err());
    let faults: Vec<_> = ca.into_iter().chain(client).collect();
    if faults.is_empty() { Ok(()) } else { Err(AccessError::Certificates(faults)) }
}

/// The same for what the settings have themselves, before a secret is read.
pub(crate) fn check_given(security: &Security) -> Result<(), AccessError> {
    match security.tls.as_ref().and_then(|tls| tls.client_certificate.as_ref()) {
        Some(ClientCertificate::Given { certificate, key }) => {
            check(security, Some(&(certificate.clone(), key.clone())))
        }
        Some(ClientCertificate::Secret(_)) | None => check(security, None),
    }
}

/// Refuses a CA text without a certificate, or with none that is valid now: a bundle may keep old ones.
fn check_ca(ca: &Pem) -> Result<(), CertificateError> {
    let faults: Vec<_> = parse(ca)?.iter().map(|certificate| check_dates(certificate, ca.setting)).collect();
    if faults.iter().any(Result::is_ok) { Ok(()) } else { faults.into_iter().collect() }
}

/// Refuses a client certificate that is not valid now, and a key that is not its own.
fn check_client_certificate(certificate: &Pem, key: &PrivateKey) -> Result<(), CertificateError> {
    let chain = parse(certificate)?;
    let leaf = chain.first().ok_or(CertificateError::NoCertificate(certificate.setting))?;
    check_dates(leaf, certificate.setting)?;
    let private_key = read_key(key).ok_or(CertificateError::NoKey(key.setting))?;
    let belongs = leaf.public_key().is_ok_and(|public_key| public_key.public_eq(&private_key));
    if belongs {
        Ok(())
    } else {
        Err(CertificateError::OtherKey { key: key.setting, certificate: certificate.setting })
    }
}

pub(crate) fn parse(pem: &Pem) -> Result<Vec<X509>, CertificateError> {
    match X509::stack_from_pem(pem.text.as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(CertificateError::NoCertificate(pem.setting)),
    }
}

/// With an empty password OpenSSL would ask the terminal for the one of an encrypted key.
fn read_key(key: &PrivateKey) -> Option<PKey<Private>> {
    let text = key.text.expose_secret().as_bytes();
    let password = key.password.as_ref().map_or("", |password| password.expose_secret());
    PKey::private_key_from_pem_passphrase(text, password.as_bytes()).ok()
}

fn check_dates(certificate: &X509, setting: &'static str) -> Result<(), CertificateError> {
    let Ok(now) = Asn1Time::days_from_now(0) else { return Ok(()) };
    let subject = || name(certificate.subject_name());
    if certificate.not_after() < now {
        return Err(CertificateError::Expired {
            setting,
            subject: subject(),
            end: certificate.not_after().to_string(),
        });
    }
    if certificate.not_before() > now {
        return Err(CertificateError::NotYetValid {
            setting,
            subject: subject(),
            start: certificate.not_before().to_string(),
        });
    }
    Ok(())
}

/// A name as in `CN=client,O=Example`.
fn name(name: &X509NameRef) -> String {
    let part = |entry: &X509NameEntryRef| {
        let attribute = entry.object().nid().short_name().unwrap_or("?").to_owned();
        let value = entry.data().to_string().unwrap_or_default();
        format!("{attribute}={value}")
    };
    name.entries().map(part).collect::<Vec<_>>().join(",")
}
