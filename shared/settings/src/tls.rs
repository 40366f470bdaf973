//! `kafka.auth.ssl`: the CAs to trust, and the client's own certificate.

use secrecy::SecretString;

use crate::{
    reader::Reader,
    secret_arn::{SECRET_ARN_RULE, SecretArn},
    setting::{ANY_TEXT, READABLE_FILE, Setting, settings},
};

settings! {
    CA_LOCATION = Setting {
        variable: "XZEPR_KAFKA_SSL_CA_LOCATION",
        key: "kafka.auth.ssl.ca_location",
        default: None,
        rule: READABLE_FILE,
    };
    CA_PEM = Setting {
        variable: "XZEPR_KAFKA_SSL_CA_PEM",
        key: "kafka.auth.ssl.ca_pem",
        default: None,
        rule: ANY_TEXT,
    };
    CERTIFICATE_LOCATION = Setting {
        variable: "XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION",
        key: "kafka.auth.ssl.certificate_location",
        default: None,
        rule: READABLE_FILE,
    };
    KEY_LOCATION = Setting {
        variable: "XZEPR_KAFKA_SSL_KEY_LOCATION",
        key: "kafka.auth.ssl.key_location",
        default: None,
        rule: READABLE_FILE,
    };
    KEY_PASSWORD = Setting {
        variable: "XZEPR_KAFKA_SSL_KEY_PASSWORD",
        key: "kafka.auth.ssl.key_password",
        default: None,
        rule: ANY_TEXT,
    };
    SECRET_ARN = Setting {
        variable: "XZEPR_KAFKA_SSL_SECRET_ARN",
        key: "kafka.auth.ssl.secret_arn",
        default: None,
        rule: SECRET_ARN_RULE,
    };
}

/// TLS to the brokers.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// The CAs that may sign a broker's certificate. Without a setting they are the system's.
    pub ca: Option<Pem>,
    /// The client's certificate, if the brokers require one.
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
    /// The password that the text is encrypted with.
    pub password: Option<SecretString>,
}

/// The client's certificate, with its key.
#[derive(Debug, Clone)]
pub enum ClientCertificate {
    /// The settings name the files.
    Given {
        /// The certificate, followed by its chain.
        certificate: Pem,
        /// Its key.
        key: PrivateKey,
    },
    /// A secret with `certificate`, `privateKey` and, for an encrypted key, `privateKeyPassword`, in the form that
    /// Lambda's own Kafka event source accepts.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/kafka-cluster-auth.html>
    Secret(SecretArn),
}

impl Tls {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let ca = Pem::read(reader, &CA_LOCATION, &CA_PEM);
        Self { ca, client_certificate: ClientCertificate::read(reader) }
    }
}

impl Pem {
    /// The content of the file that one setting names, or the text of the other one. Both are a fault.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        location: &'static Setting,
        text: &'static Setting,
    ) -> Option<Self> {
        let from_file = reader.file(location).map(|text| Self { setting: location.variable, text });
        // Consoles and .env files have a PEM text in one line.
        let from_text =
            reader.text(text).map(|pem| Self { setting: text.variable, text: pem.replace("\\n", "\n") });
        if from_file.is_some() && from_text.is_some() {
            reader.fault(text, &format!("cannot be set together with {}", location.variable));
        }
        from_file.or(from_text)
    }
}

impl ClientCertificate {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if let Some(arn) = SecretArn::read(reader, &SECRET_ARN) {
            for setting in [&CERTIFICATE_LOCATION, &KEY_LOCATION, &KEY_PASSWORD] {
                if reader.given(setting).is_some() {
                    reader.fault(setting, &format!("cannot be set together with {}", SECRET_ARN.variable));
                }
            }
            return Some(Self::Secret(arn));
        }
        let password = reader.text(&KEY_PASSWORD).map(SecretString::from);
        match (reader.file(&CERTIFICATE_LOCATION), reader.file(&KEY_LOCATION)) {
            (Some(text), Some(key)) => Some(Self::Given {
                certificate: Pem { setting: CERTIFICATE_LOCATION.variable, text },
                key: PrivateKey { setting: KEY_LOCATION.variable, text: key.into(), password },
            }),
            (Some(_), None) => {
                reader.fault(&KEY_LOCATION, &format!("is required with {}", CERTIFICATE_LOCATION.variable));
                None
            }
            (None, Some(_)) => {
                reader.fault(&CERTIFICATE_LOCATION, &format!("is required with {}", KEY_LOCATION.variable));
                None
            }
            (None, None) => {
                if password.is_some() {
                    reader.fault(&KEY_PASSWORD, &format!("has no use without {}", KEY_LOCATION.variable));
                }
                None
            }
        }
    }
}
