//! `kafka.auth.sasl`: how the client proves who it is.

use secrecy::SecretString;
use url::{Host, Url};

use crate::{
    reader::{Name, Reader},
    secret_arn::SecretArn,
};

const MECHANISM: Name = ("XZEPR_KAFKA_SASL_MECHANISM", "kafka.auth.sasl.mechanism");
const USERNAME: Name = ("XZEPR_KAFKA_SASL_USERNAME", "kafka.auth.sasl.username");
const PASSWORD: Name = ("XZEPR_KAFKA_SASL_PASSWORD", "kafka.auth.sasl.password");
const SECRET_ARN: Name = ("XZEPR_KAFKA_SASL_SECRET_ARN", "kafka.auth.sasl.secret_arn");
const TOKEN_ENDPOINT: Name =
    ("XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT", "kafka.auth.sasl.oauthbearer.token_endpoint");
const SCOPE: Name = ("XZEPR_KAFKA_SASL_OAUTHBEARER_SCOPE", "kafka.auth.sasl.oauthbearer.scope");
const KEYTAB_LOCATION: Name =
    ("XZEPR_KAFKA_SASL_KERBEROS_KEYTAB_LOCATION", "kafka.auth.sasl.kerberos.keytab_location");
const SERVICE_NAME: Name =
    ("XZEPR_KAFKA_SASL_KERBEROS_SERVICE_NAME", "kafka.auth.sasl.kerberos.service_name");
const AWS_REGION: Name = ("XZEPR_KAFKA_AWS_REGION", "kafka.auth.aws_region");

pub(crate) const NAMES: [Name; 9] = [
    MECHANISM,
    USERNAME,
    PASSWORD,
    SECRET_ARN,
    TOKEN_ENDPOINT,
    SCOPE,
    KEYTAB_LOCATION,
    SERVICE_NAME,
    AWS_REGION,
];

/// A SASL mechanism with what it needs.
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
        /// `XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT`: an https URL, or http on loopback.
        token_endpoint: Url,
        /// `XZEPR_KAFKA_SASL_OAUTHBEARER_SCOPE`: what to ask for.
        scope: Option<String>,
        /// Client id and client secret.
        client: Login,
    },
    /// `AWS_MSK_IAM`: a request that is signed with AWS credentials.
    MskIam {
        /// `XZEPR_KAFKA_AWS_REGION`; default: `AWS_REGION`, `AWS_DEFAULT_REGION`.
        region: String,
    },
    /// `GSSAPI`: Kerberos.
    Kerberos {
        /// `XZEPR_KAFKA_SASL_USERNAME`.
        principal: String,
        /// `XZEPR_KAFKA_SASL_KERBEROS_KEYTAB_LOCATION`: the file with the principal's keys.
        keytab_location: String,
        /// `XZEPR_KAFKA_SASL_KERBEROS_SERVICE_NAME`; default `kafka`: the first part of the brokers'
        /// principal.
        service_name: String,
    },
}

/// A mechanism that takes a user and a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMechanism {
    /// In clear text: for `SASL_SSL`.
    Plain,
    /// <https://www.rfc-editor.org/rfc/rfc7677>
    ScramSha256,
    /// The same with SHA-512; what Amazon MSK has.
    ScramSha512,
}

/// User and password, or client id and client secret.
#[derive(Debug, Clone)]
pub enum Login {
    /// `XZEPR_KAFKA_SASL_USERNAME` and `XZEPR_KAFKA_SASL_PASSWORD`.
    Given {
        /// The user.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// `XZEPR_KAFKA_SASL_SECRET_ARN`: a secret with `username` and `password`, as Amazon MSK has them.
    ///
    /// <https://docs.aws.amazon.com/msk/latest/developerguide/msk-password-tutorial.html>
    Secret(SecretArn),
}

impl Sasl {
    /// The mechanism's name in the settings.
    pub fn mechanism(&self) -> &'static str {
        match self {
            Self::Password { mechanism, .. } => mechanism.name(),
            Self::OauthBearer { .. } => "OAUTHBEARER",
            Self::MskIam { .. } => "AWS_MSK_IAM",
            Self::Kerberos { .. } => "GSSAPI",
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>, with_tls: bool) -> Option<Self> {
        let Some(mechanism) = reader.text(MECHANISM) else {
            reader.fault(MECHANISM, "is required with SASL_PLAINTEXT and SASL_SSL");
            return None;
        };
        let used: &[Name] = match mechanism.as_str() {
            "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" => &[USERNAME, PASSWORD, SECRET_ARN],
            "OAUTHBEARER" => &[USERNAME, PASSWORD, SECRET_ARN, TOKEN_ENDPOINT, SCOPE],
            "AWS_MSK_IAM" => &[AWS_REGION],
            "GSSAPI" => &[USERNAME, KEYTAB_LOCATION, SERVICE_NAME],
            _ => {
                reader.fault(
                    MECHANISM,
                    "must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM or GSSAPI",
                );
                return None;
            }
        };
        for name in NAMES.iter().filter(|name| **name != MECHANISM && !used.contains(name)) {
            if reader.text(*name).is_some() {
                reader.fault(*name, &format!("has no use with {mechanism}"));
            }
        }
        let password = |mechanism_type, reader: &mut Reader<'_>| {
            Some(Self::Password { mechanism: mechanism_type, login: Login::read(reader, &mechanism)? })
        };
        match mechanism.as_str() {
            "PLAIN" => password(PasswordMechanism::Plain, reader),
            "SCRAM-SHA-256" => password(PasswordMechanism::ScramSha256, reader),
            "SCRAM-SHA-512" => password(PasswordMechanism::ScramSha512, reader),
            "OAUTHBEARER" => oauthbearer(reader),
            "AWS_MSK_IAM" => msk_iam(reader, with_tls),
            _ => kerberos(reader),
        }
    }
}

impl PasswordMechanism {
    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl Login {
    fn read(reader: &mut Reader<'_>, mechanism: &str) -> Option<Self> {
        let (username, password) = (reader.text(USERNAME), reader.text(PASSWORD));
        if let Some(arn) = SecretArn::read(reader, SECRET_ARN) {
            for (name, value) in [(USERNAME, &username), (PASSWORD, &password)] {
                if value.is_some() {
                    reader.fault(name, &format!("cannot stand beside {}", SECRET_ARN.0));
                }
            }
            return Some(Self::Secret(arn));
        }
        for (name, value) in [(USERNAME, &username), (PASSWORD, &password)] {
            if value.is_none() {
                reader.fault(name, &format!("or {} is required with {mechanism}", SECRET_ARN.0));
            }
        }
        Some(Self::Given { username: username?, password: password?.into() })
    }
}

fn oauthbearer(reader: &mut Reader<'_>) -> Option<Sasl> {
    let client = Login::read(reader, "OAUTHBEARER");
    let scope = reader.text(SCOPE);
    let Some(text) = reader.text(TOKEN_ENDPOINT) else {
        reader.fault(TOKEN_ENDPOINT, "is required with OAUTHBEARER");
        return None;
    };
    let Some(token_endpoint) = Url::parse(&text).ok().filter(keeps_secrets) else {
        reader.fault(TOKEN_ENDPOINT, "must be an https URL (http only on loopback)");
        return None;
    };
    Some(Sasl::OauthBearer { token_endpoint, scope, client: client? })
}

fn keeps_secrets(url: &Url) -> bool {
    let on_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && on_loopback)
}

fn msk_iam(reader: &mut Reader<'_>, with_tls: bool) -> Option<Sasl> {
    if !with_tls {
        reader.fault(MECHANISM, "AWS_MSK_IAM needs XZEPR_KAFKA_SECURITY_PROTOCOL SASL_SSL");
    }
    let region = reader.text(AWS_REGION).or_else(|| reader.variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]));
    if region.is_none() {
        reader.fault(AWS_REGION, "or AWS_REGION is required with AWS_MSK_IAM");
    }
    Some(Sasl::MskIam { region: region? })
}

fn kerberos(reader: &mut Reader<'_>) -> Option<Sasl> {
    if !cfg!(feature = "gssapi") {
        reader.fault(
            MECHANISM,
            "GSSAPI is not in this build: it links Cyrus SASL, and comes with `--features gssapi` \
             (README, Kerberos)",
        );
    }
    let principal = reader.text(USERNAME);
    if principal.is_none() {
        reader.fault(USERNAME, "is required with GSSAPI: the client's principal");
    }
    let keytab_location = reader.readable_file(KEYTAB_LOCATION);
    if keytab_location.is_none() {
        reader.fault(KEYTAB_LOCATION, "is required with GSSAPI");
    }
    let service_name = reader.text(SERVICE_NAME).unwrap_or_else(|| "kafka".to_owned());
    Some(Sasl::Kerberos { principal: principal?, keytab_location: keytab_location?, service_name })
}
