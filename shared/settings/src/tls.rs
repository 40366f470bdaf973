//! `kafka.auth.ssl`: whom to trust, and the client's own certificate.

use secrecy::SecretString;

use crate::{
    reader::{Name, Reader},
    secret_arn::SecretArn,
};

const CA_LOCATION: Name = ("XZEPR_KAFKA_SSL_CA_LOCATION", "kafka.auth.ssl.ca_location");
const CA_PEM: Name = ("XZEPR_KAFKA_SSL_CA_PEM", "kafka.auth.ssl.ca_pem");
const CERTIFICATE_LOCATION: Name =
    ("XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION", "kafka.auth.ssl.certificate_location");
const KEY_LOCATION: Name = ("XZEPR_KAFKA_SSL_KEY_LOCATION", "kafka.auth.ssl.key_location");
const KEY_PASSWORD: Name = ("XZEPR_KAFKA_SSL_KEY_PASSWORD", "kafka.auth.ssl.key_password");
const SECRET_ARN: Name = ("XZEPR_KAFKA_SSL_SECRET_ARN", "kafka.auth.ssl.secret_arn");

pub(crate) const NAMES: [Name; 6] =
    [CA_LOCATION, CA_PEM, CERTIFICATE_LOCATION, KEY_LOCATION, KEY_PASSWORD, SECRET_ARN];

/// TLS to the brokers.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// `XZEPR_KAFKA_SSL_CA_LOCATION` or `XZEPR_KAFKA_SSL_CA_PEM`: the CAs that may sign a broker's
    /// certificate; default: the system's.
    pub ca: Option<Pem>,
    /// What the client proves itself with, where the brokers ask for it.
    pub client_certificate: Option<ClientCertificate>,
}

/// PEM text, and the setting that it came from.
#[derive(Debug, Clone)]
pub struct Pem {
    /// The variable, for messages.
    pub setting: &'static str,
    /// The text.
    pub text: String,
}

/// A private key as PEM text, and the setting that it came from.
#[derive(Debug, Clone)]
pub struct PrivateKey {
    /// The variable, for messages.
    pub setting: &'static str,
    /// The text.
    pub text: SecretString,
    /// What the text is encrypted with.
    pub password: Option<SecretString>,
}

/// The client's certificate, with its key.
#[derive(Debug, Clone)]
pub enum ClientCertificate {
    /// `XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION`, `XZEPR_KAFKA_SSL_KEY_LOCATION` and, for an encrypted
    /// key, `XZEPR_KAFKA_SSL_KEY_PASSWORD`.
    Given {
        /// The certificate, its chain behind it.
        certificate: Pem,
        /// Its key.
        key: PrivateKey,
    },
    /// `XZEPR_KAFKA_SSL_SECRET_ARN`: a secret with `certificate`, `privateKey` and, for an encrypted
    /// key, `privateKeyPassword`, as Lambda's own Kafka event source takes it.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/kafka-cluster-auth.html>
    Secret(SecretArn),
}

impl Tls {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let ca_file = reader.file(CA_LOCATION).map(|text| Pem { setting: CA_LOCATION.0, text });
        // A PEM text in one line, as consoles and .env files have it.
        let ca_text =
            reader.text(CA_PEM).map(|text| Pem { setting: CA_PEM.0, text: text.replace("\\n", "\n") });
        if ca_file.is_some() && ca_text.is_some() {
            reader.fault(CA_PEM, &format!("cannot stand beside {}", CA_LOCATION.0));
        }
        Self { ca: ca_file.or(ca_text), client_certificate: ClientCertificate::read(reader) }
    }
}

impl ClientCertificate {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if let Some(arn) = SecretArn::read(reader, SECRET_ARN) {
            for name in [CERTIFICATE_LOCATION, KEY_LOCATION, KEY_PASSWORD] {
                if reader.text(name).is_some() {
                    reader.fault(name, &format!("cannot stand beside {}", SECRET_ARN.0));
                }
            }
            return Some(Self::Secret(arn));
        }
        let password = reader.text(KEY_PASSWORD).map(SecretString::from);
        match (reader.file(CERTIFICATE_LOCATION), reader.file(KEY_LOCATION)) {
            (Some(text), Some(key)) => Some(Self::Given {
                certificate: Pem { setting: CERTIFICATE_LOCATION.0, text },
                key: PrivateKey { setting: KEY_LOCATION.0, text: key.into(), password },
            }),
            (Some(_), None) => {
                reader.fault(KEY_LOCATION, &format!("is required with {}", CERTIFICATE_LOCATION.0));
                None
            }
            (None, Some(_)) => {
                reader.fault(CERTIFICATE_LOCATION, &format!("is required with {}", KEY_LOCATION.0));
                None
            }
            (None, None) => {
                if password.is_some() {
                    reader.fault(KEY_PASSWORD, &format!("has no use without {}", KEY_LOCATION.0));
                }
                None
            }
        }
    }
}
