//! Checks certificates and keys before they are used, because librdkafka's errors do not name the fault.

use openssl::{
    asn1::Asn1Time,
    pkey::{PKey, Private},
    x509::{X509, X509NameEntryRef, X509NameRef},
};
use xzepr_settings::{ClientCertificate, ExposeSecret, Pem, PrivateKey, Security};

/// Certificates or keys that cannot work, each with its fault.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct UnusableCertificates(Vec<CertificateError>);

/// The fault of a certificate or a key, with the setting that it came from.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CertificateError {
    /// The text has no certificate.
    #[error("{0} has no certificate in PEM form")]
    NoCertificate(&'static str),
    /// It has expired.
    #[error("{setting}: the certificate of {subject} expired at {end}")]
    Expired {
        /// The variable.
        setting: &'static str,
        /// The certificate's subject.
        subject: String,
        /// The end of its validity.
        end: String,
    },
    /// It is not valid yet.
    #[error("{setting}: the certificate of {subject} is not valid before {start}")]
    NotYetValid {
        /// The variable.
        setting: &'static str,
        /// The certificate's subject.
        subject: String,
        /// The start of its validity.
        start: String,
    },
    /// The text has no key, or its password does not decrypt it.
    #[error("{0} has no private key in PEM form, or its password is wrong")]
    NoKey(&'static str),
    /// The key belongs to another certificate.
    #[error("{key} does not belong to the certificate of {certificate}")]
    OtherKey {
        /// The key's variable.
        key: &'static str,
        /// The certificate's variable.
        certificate: &'static str,
    },
}

/// Refuses CAs, a client certificate and a key that cannot work, with all their faults.
pub(crate) fn check(
    security: &Security,
    client: Option<&(Pem, PrivateKey)>,
) -> Result<(), UnusableCertificates> {
    let ca = security.tls.as_ref().and_then(|tls| tls.ca.as_ref());
    let ca = ca.and_then(|ca| check_ca(ca).err());
    let client = client.and_then(|(certificate, key)| check_client_certificate(certificate, key).err());
    let faults: Vec<_> = ca.into_iter().chain(client).collect();
    if faults.is_empty() { Ok(()) } else { Err(UnusableCertificates(faults)) }
}

/// Checks the certificates that the settings contain, without those of a secret.
pub(crate) fn check_given(security: &Security) -> Result<(), UnusableCertificates> {
    match security.tls.as_ref().and_then(|tls| tls.client_certificate.as_ref()) {
        Some(ClientCertificate::Given { certificate, key }) => {
            check(security, Some(&(certificate.clone(), key.clone())))
        }
        Some(ClientCertificate::Secret(_)) | None => check(security, None),
    }
}

/// Refuses a CA text that has no certificate, or none that is valid now. A bundle may keep old ones.
fn check_ca(ca: &Pem) -> Result<(), CertificateError> {
    let faults: Vec<_> = parse(ca)?.iter().map(|certificate| check_dates(certificate, ca.setting)).collect();
    if faults.iter().any(Result::is_ok) { Ok(()) } else { faults.into_iter().collect() }
}

/// Refuses a client certificate that is not valid now, and a key that belongs to another certificate.
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

/// The certificates of a text, at least one.
pub(crate) fn parse(pem: &Pem) -> Result<Vec<X509>, CertificateError> {
    match X509::stack_from_pem(pem.text.as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(CertificateError::NoCertificate(pem.setting)),
    }
}

/// Always gives OpenSSL a password: without one it would ask the terminal for that of an encrypted key.
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

/// A name in the form `CN=client,O=Example`.
fn name(name: &X509NameRef) -> String {
    let part = |entry: &X509NameEntryRef| {
        let attribute = entry.object().nid().short_name().unwrap_or("?").to_owned();
        let value = entry.data().to_string().unwrap_or_default();
        format!("{attribute}={value}")
    };
    name.entries().map(part).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use openssl::{
        asn1::Asn1Integer,
        bn::BigNum,
        ec::{EcGroup, EcKey},
        hash::MessageDigest,
        nid::Nid,
        symm::Cipher,
        x509::{X509Builder, X509NameBuilder},
    };
    use xzepr_settings::SecretString;

    use super::*;

    const DAY_S: i64 = 24 * 60 * 60;

    fn new_key() -> PKey<Private> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
    }

    /// A certificate that is valid from one day to another, both counted from today.
    fn certificate(key: &PKey<Private>, from: i64, to: i64) -> String {
        let day = |days: i64| Asn1Time::from_unix(now_s() + days * DAY_S).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "client").unwrap();
        name.append_entry_by_text("O", "Example").unwrap();
        let name = name.build();
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&Asn1Integer::from_bn(&BigNum::from_u32(1).unwrap()).unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_not_before(&day(from)).unwrap();
        builder.set_not_after(&day(to)).unwrap();
        builder.set_pubkey(key).unwrap();
        builder.sign(key, MessageDigest::sha256()).unwrap();
        String::from_utf8(builder.build().to_pem().unwrap()).unwrap()
    }

    fn now_s() -> i64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        i64::try_from(now.as_secs()).unwrap()
    }

    fn pem(text: String) -> Pem {
        Pem { setting: "CERTIFICATE", text }
    }

    fn private_key(text: Vec<u8>, password: Option<&str>) -> PrivateKey {
        let text = SecretString::from(String::from_utf8(text).unwrap());
        PrivateKey { setting: "KEY", text, password: password.map(SecretString::from) }
    }

    fn fault(result: Result<(), CertificateError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_bundle_of_cas_needs_one_that_is_valid_now() {
        let key = new_key();
        let (old, current) = (certificate(&key, -20, -10), certificate(&key, -1, 1));
        assert!(check_ca(&pem(format!("{old}{current}"))).is_ok());
        let expired = fault(check_ca(&pem(old)));
        assert!(
            expired.starts_with("CERTIFICATE: the certificate of CN=client,O=Example expired at"),
            "{expired}"
        );
        let early = fault(check_ca(&pem(certificate(&key, 1, 2))));
        assert!(early.contains("is not valid before"), "{early}");
        assert_eq!(fault(check_ca(&pem("no PEM".to_owned()))), "CERTIFICATE has no certificate in PEM form");
    }

    #[test]
    fn a_key_opens_with_its_password_and_belongs_to_its_certificate() {
        let key = new_key();
        let certificate = pem(certificate(&key, -1, 1));
        let plain = key.private_key_to_pem_pkcs8().unwrap();
        let encrypted = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"right").unwrap();
        let check =
            |key: Vec<u8>, password| check_client_certificate(&certificate, &private_key(key, password));
        assert!(check(plain, None).is_ok());
        assert!(check(encrypted.clone(), Some("right")).is_ok());
        let unopened = "KEY has no private key in PEM form, or its password is wrong";
        assert_eq!(fault(check(encrypted.clone(), Some("wrong"))), unopened);
        assert_eq!(fault(check(encrypted, None)), unopened);
        let other = new_key().private_key_to_pem_pkcs8().unwrap();
        assert_eq!(fault(check(other, None)), "KEY does not belong to the certificate of CERTIFICATE");
    }
}
