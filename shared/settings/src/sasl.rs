//! `kafka.auth.sasl`: how the client logs in.

use url::{Host, Url};

use crate::{
    login::{self, Login, PASSWORD, SECRET_ARN, USERNAME},
    mechanism::{Mechanism, PasswordMechanism},
    protocol::Protocol,
    reader::Reader,
    setting::{ANY_TEXT, READABLE_FILE, Setting, settings},
};

settings! {
    MECHANISM = Setting {
        variable: "XZEPR_KAFKA_SASL_MECHANISM",
        key: "kafka.auth.sasl.mechanism",
        default: None,
        rule: "must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM or GSSAPI",
    };
    TOKEN_ENDPOINT = Setting {
        variable: "XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT",
        key: "kafka.auth.sasl.oauthbearer.token_endpoint",
        default: None,
        rule: "must be an https URL (http only on loopback)",
    };
    SCOPE = Setting {
        variable: "XZEPR_KAFKA_SASL_OAUTHBEARER_SCOPE",
        key: "kafka.auth.sasl.oauthbearer.scope",
        default: None,
        rule: ANY_TEXT,
    };
    KEYTAB_LOCATION = Setting {
        variable: "XZEPR_KAFKA_SASL_KERBEROS_KEYTAB_LOCATION",
        key: "kafka.auth.sasl.kerberos.keytab_location",
        default: None,
        rule: READABLE_FILE,
    };
    SERVICE_NAME = Setting {
        variable: "XZEPR_KAFKA_SASL_KERBEROS_SERVICE_NAME",
        key: "kafka.auth.sasl.kerberos.service_name",
        default: Some("kafka"),
        rule: ANY_TEXT,
    };
    AWS_REGION = Setting {
        variable: "XZEPR_KAFKA_AWS_REGION",
        key: "kafka.auth.aws_region",
        default: None,
        rule: ANY_TEXT,
    };
}

/// A SASL mechanism with its settings.
#[derive(Debug, Clone)]
pub enum Sasl {
    /// `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`.
    Password {
        /// Which of them.
        mechanism: PasswordMechanism,
        /// User and password.
        login: Login,
    },
    /// `OAUTHBEARER`: a token from an OAuth 2.0 endpoint, by the client credentials grant.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc6749#section-4.4>
    OauthBearer {
        /// An https URL, or http on loopback.
        token_endpoint: Url,
        /// The scope to request.
        scope: Option<String>,
        /// Client id and client secret.
        client: Login,
    },
    /// `AWS_MSK_IAM`: a request that is signed with AWS credentials.
    MskIam {
        /// The region to sign for. Without a setting it is that of `AWS_REGION`, then of `AWS_DEFAULT_REGION`.
        region: String,
    },
    /// `GSSAPI`: Kerberos.
    Kerberos {
        /// The client's principal.
        principal: String,
        /// The file with the principal's keys.
        keytab_location: String,
        /// The first part of the brokers' principal.
        service_name: String,
    },
}

impl Sasl {
    /// The mechanism's name in the settings.
    pub fn mechanism(&self) -> &'static str {
        let mechanism = match self {
            Self::Password { mechanism, .. } => Mechanism::Password(*mechanism),
            Self::OauthBearer { .. } => Mechanism::OauthBearer,
            Self::MskIam { .. } => Mechanism::MskIam,
            Self::Kerberos { .. } => Mechanism::Kerberos,
        };
        mechanism.name()
    }

    pub(crate) fn read(reader: &mut Reader<'_>, protocol: Protocol) -> Option<Self> {
        if reader.given(&MECHANISM).is_none() {
            reader.fault(&MECHANISM, "is required with SASL_PLAINTEXT and SASL_SSL");
            return None;
        }
        let mechanism: Mechanism = reader.value(&MECHANISM)?;
        refuse_unused(reader, mechanism);
        match mechanism {
            Mechanism::Password(password) => {
                Some(Self::Password { mechanism: password, login: Login::read(reader, mechanism)? })
            }
            Mechanism::OauthBearer => read_oauthbearer(reader),
            Mechanism::MskIam => read_msk_iam(reader, protocol),
            Mechanism::Kerberos => read_kerberos(reader),
        }
    }
}

/// The settings of every mechanism.
pub(crate) fn all_settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().chain(login::SETTINGS).copied()
}

/// Refuses settings that the mechanism would ignore.
fn refuse_unused(reader: &mut Reader<'_>, mechanism: Mechanism) {
    let used: &[&Setting] = match mechanism {
        Mechanism::Password(_) => login::SETTINGS,
        Mechanism::OauthBearer => &[&USERNAME, &PASSWORD, &SECRET_ARN, &TOKEN_ENDPOINT, &SCOPE],
        Mechanism::MskIam => &[&AWS_REGION],
        Mechanism::Kerberos => &[&USERNAME, &KEYTAB_LOCATION, &SERVICE_NAME],
    };
    for setting in all_settings().filter(|setting| **setting != MECHANISM && !used.contains(setting)) {
        if reader.given(setting).is_some() {
            reader.fault(setting, &format!("has no use with {}", mechanism.name()));
        }
    }
}

fn read_oauthbearer(reader: &mut Reader<'_>) -> Option<Sasl> {
    let client = Login::read(reader, Mechanism::OauthBearer);
    let scope = reader.text(&SCOPE);
    if reader.given(&TOKEN_ENDPOINT).is_none() {
        reader.fault(&TOKEN_ENDPOINT, "is required with OAUTHBEARER");
    }
    let token_endpoint = reader.checked(&TOKEN_ENDPOINT, keeps_secrets);
    Some(Sasl::OauthBearer { token_endpoint: token_endpoint?, scope, client: client? })
}

fn keeps_secrets(url: &Url) -> bool {
    let is_on_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_on_loopback)
}

fn read_msk_iam(reader: &mut Reader<'_>, protocol: Protocol) -> Option<Sasl> {
    if !protocol.has_tls() {
        reader.fault(&MECHANISM, "AWS_MSK_IAM needs XZEPR_KAFKA_SECURITY_PROTOCOL SASL_SSL");
    }
    let region =
        reader.text(&AWS_REGION).or_else(|| reader.environment(&["AWS_REGION", "AWS_DEFAULT_REGION"]));
    if region.is_none() {
        reader.fault(&AWS_REGION, "or AWS_REGION is required with AWS_MSK_IAM");
    }
    Some(Sasl::MskIam { region: region? })
}

fn read_kerberos(reader: &mut Reader<'_>) -> Option<Sasl> {
    if !cfg!(feature = "gssapi") {
        reader.fault(
            &MECHANISM,
            "GSSAPI is not in this build: build with `--features gssapi`, which links Cyrus SASL (docs/kafka.md, \
             Kerberos)",
        );
    }
    let principal = reader.text(&USERNAME);
    if principal.is_none() {
        reader.fault(&USERNAME, "is required with GSSAPI: the client's principal");
    }
    let keytab_location = reader.readable_file(&KEYTAB_LOCATION);
    if keytab_location.is_none() {
        reader.fault(&KEYTAB_LOCATION, "is required with GSSAPI");
    }
    let service_name = reader.text(&SERVICE_NAME);
    Some(Sasl::Kerberos {
        principal: principal?,
        keytab_location: keytab_location?,
        service_name: service_name?,
    })
}
