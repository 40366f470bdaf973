//! `kafka.auth`: how the connection to the brokers is secured.

use crate::{
    login::Login,
    mechanism::PasswordMechanism,
    protocol::Protocol,
    reader::Reader,
    sasl::{self, Sasl},
    setting::{Setting, settings},
    tls::{self, ClientCertificate, Tls},
};

settings! {
    SECURITY_PROTOCOL = Setting {
        variable: "XZEPR_KAFKA_SECURITY_PROTOCOL",
        key: "kafka.auth.security_protocol",
        default: Some("PLAINTEXT"),
        rule: "must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
    };
}

/// How the connection to the brokers is secured.
#[derive(Debug, Clone, Default)]
pub struct Security {
    /// With `SSL` and `SASL_SSL`.
    pub tls: Option<Tls>,
    /// With `SASL_PLAINTEXT` and `SASL_SSL`.
    pub sasl: Option<Sasl>,
}

impl Security {
    /// Kafka's name for the combination.
    pub fn protocol(&self) -> &'static str {
        Protocol::with(self.tls.is_some(), self.sasl.is_some()).name()
    }

    /// Whether the network can read the password.
    pub fn sends_password_in_clear(&self) -> bool {
        let plain = matches!(self.sasl, Some(Sasl::Password { mechanism: PasswordMechanism::Plain, .. }));
        plain && self.tls.is_none()
    }

    /// Whether a part of the credentials comes from Secrets Manager, and so may be rotated.
    pub fn reads_secrets(&self) -> bool {
        let certificate = self.tls.as_ref().and_then(|tls| tls.client_certificate.as_ref());
        matches!(certificate, Some(ClientCertificate::Secret(_)))
            || matches!(
                self.sasl,
                Some(
                    Sasl::Password { login: Login::Secret(_), .. }
                        | Sasl::OauthBearer { client: Login::Secret(_), .. }
                )
            )
    }

    /// Whether the connection needs the caller's AWS credentials.
    pub fn uses_aws(&self) -> bool {
        self.reads_secrets() || matches!(self.sasl, Some(Sasl::MskIam { .. }))
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let protocol: Protocol = reader.value(&SECURITY_PROTOCOL)?;
        let tls = if protocol.has_tls() {
            Some(Tls::read(reader))
        } else {
            refuse_unused(reader, tls::SETTINGS.iter().copied(), "SSL or SASL_SSL");
            None
        };
        let sasl = if protocol.has_sasl() {
            Some(Sasl::read(reader, protocol)?)
        } else {
            refuse_unused(reader, sasl::all_settings(), "SASL_PLAINTEXT or SASL_SSL");
            None
        };
        Some(Self { tls, sasl })
    }
}

/// Refuses settings that would be ignored. An operator who sets a certificate expects TLS.
fn refuse_unused(reader: &mut Reader<'_>, settings: impl Iterator<Item = &'static Setting>, protocols: &str) {
    for setting in settings {
        if reader.given(setting).is_some() {
            reader
                .fault(setting, &format!("has no use unless {} is {protocols}", SECURITY_PROTOCOL.variable));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;

    use super::*;
    use crate::{ClientCertificate, Login, Settings, SettingsError};

    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:AmazonMSK_x-AbCdEf";

    fn read(variables: &[(&str, &str)]) -> Result<Security, SettingsError> {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| (name.replace("KAFKA_", "XZEPR_KAFKA_"), (*value).to_owned()))
            .collect();
        let lookup = move |name: &str| {
            variables.iter().find(|(variable, _)| variable == name).map(|(_, value)| value.clone())
        };
        Settings::new(lookup, "")?.kafka().map(|kafka| kafka.security)
    }

    fn faults(variables: &[(&str, &str)]) -> Vec<String> {
        match read(variables) {
            Err(SettingsError::InvalidValues(faults)) => faults
                .iter()
                .map(|fault| {
                    let (name, rest) = fault.split_once(' ').unwrap();
                    let (_key, rule) = rest.split_once(") ").unwrap();
                    format!("{} {rule}", name.replace("XZEPR_", "")).replace("XZEPR_", "")
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_set_is_plaintext() {
        assert_eq!(read(&[]).unwrap().protocol(), "PLAINTEXT");
    }

    #[test]
    fn a_password_mechanism_reads_user_and_password_or_a_secret() {
        let settings = [
            ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
            ("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
            ("KAFKA_SASL_USERNAME", "alice"),
            ("KAFKA_SASL_PASSWORD", "pass, word"),
        ];
        let security = read(&settings).unwrap();
        assert_eq!(security.protocol(), "SASL_SSL");
        let Some(Sasl::Password {
            mechanism: PasswordMechanism::ScramSha512,
            login: Login::Given { username, password },
        }) = &security.sasl
        else {
            panic!("{security:?}");
        };
        assert_eq!((username.as_str(), password.expose_secret()), ("alice", "pass, word"));
        assert!(!format!("{security:?}").contains("pass, word"));

        let secret = [settings[0], settings[1], ("KAFKA_SASL_SECRET_ARN", ARN)];
        let security = read(&secret).unwrap();
        let Some(Sasl::Password { login: Login::Secret(arn), .. }) = security.sasl else { panic!() };
        assert_eq!((arn.to_string().as_str(), arn.region()), (ARN, "eu-central-1"));
    }

    #[test]
    fn a_certificate_comes_with_its_key_and_a_text_may_be_in_one_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.pem");
        fs::write(&path, "a key").unwrap();
        let path = path.to_str().unwrap();
        let security = read(&[
            ("KAFKA_SECURITY_PROTOCOL", "SSL"),
            ("KAFKA_SSL_CA_PEM", "one\\ntwo"),
            ("KAFKA_SSL_CERTIFICATE_LOCATION", path),
            ("KAFKA_SSL_KEY_LOCATION", path),
        ])
        .unwrap();
        let tls = security.tls.unwrap();
        assert_eq!(tls.ca.unwrap().text, "one\ntwo");
        let Some(ClientCertificate::Given { certificate, key }) = tls.client_certificate else { panic!() };
        assert_eq!((certificate.text.as_str(), key.text.expose_secret()), ("a key", "a key"));
        assert!(!format!("{key:?}").contains("a key"));
    }

    #[test]
    fn msk_iam_reads_its_region_from_the_environment() {
        let settings = [
            ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
            ("KAFKA_SASL_MECHANISM", "AWS_MSK_IAM"),
            ("AWS_REGION", "eu-west-1"),
        ];
        let Some(Sasl::MskIam { region }) = read(&settings).unwrap().sasl else { panic!() };
        assert_eq!(region, "eu-west-1");
    }

    #[test]
    fn settings_that_cannot_work_are_refused_with_every_fault() {
        let protocol = |protocol| ("KAFKA_SECURITY_PROTOCOL", protocol);
        let mechanism = |mechanism| ("KAFKA_SASL_MECHANISM", mechanism);
        assert_eq!(
            faults(&[mechanism("PLAIN"), ("KAFKA_SSL_CA_PEM", "x")]),
            [
                "KAFKA_SSL_CA_PEM has no use unless KAFKA_SECURITY_PROTOCOL is SSL or SASL_SSL",
                "KAFKA_SASL_MECHANISM has no use unless KAFKA_SECURITY_PROTOCOL is SASL_PLAINTEXT or SASL_SSL",
            ]
        );
        assert_eq!(
            faults(&[protocol("SASL_SSL")]),
            ["KAFKA_SASL_MECHANISM is required with SASL_PLAINTEXT and SASL_SSL"]
        );
        assert_eq!(
            faults(&[protocol("SASL_SSL"), mechanism("SCRAM")]),
            [
                "KAFKA_SASL_MECHANISM must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM or GSSAPI"
            ]
        );
        assert_eq!(
            faults(&[protocol("SASL_SSL"), mechanism("PLAIN"), ("KAFKA_SASL_OAUTHBEARER_SCOPE", "x")]),
            [
                "KAFKA_SASL_OAUTHBEARER_SCOPE has no use with PLAIN",
                "KAFKA_SASL_USERNAME or KAFKA_SASL_SECRET_ARN is required with PLAIN",
                "KAFKA_SASL_PASSWORD or KAFKA_SASL_SECRET_ARN is required with PLAIN",
            ]
        );
        assert_eq!(
            faults(&[
                protocol("SASL_SSL"),
                mechanism("SCRAM-SHA-512"),
                ("KAFKA_SASL_SECRET_ARN", "AmazonMSK_x"),
                ("KAFKA_SASL_PASSWORD", "x"),
            ]),
            [
                "KAFKA_SASL_SECRET_ARN must be the ARN of a secret in AWS Secrets Manager",
                "KAFKA_SASL_PASSWORD cannot be set together with KAFKA_SASL_SECRET_ARN",
            ]
        );
        assert_eq!(
            faults(&[protocol("SASL_PLAINTEXT"), mechanism("AWS_MSK_IAM")]),
            [
                "KAFKA_SASL_MECHANISM AWS_MSK_IAM needs KAFKA_SECURITY_PROTOCOL SASL_SSL",
                "KAFKA_AWS_REGION or AWS_REGION is required with AWS_MSK_IAM",
            ]
        );
        assert_eq!(
            faults(&[
                protocol("SASL_SSL"),
                mechanism("OAUTHBEARER"),
                ("KAFKA_SASL_SECRET_ARN", ARN),
                ("KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT", "http://idp.example.com/token"),
            ]),
            ["KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT must be an https URL (http only on loopback)"]
        );
        assert_eq!(
            faults(&[protocol("SSL"), ("KAFKA_SSL_SECRET_ARN", ARN), ("KAFKA_SSL_KEY_PASSWORD", "x"),]),
            ["KAFKA_SSL_KEY_PASSWORD cannot be set together with KAFKA_SSL_SECRET_ARN"]
        );
    }

    #[cfg(not(feature = "gssapi"))]
    #[test]
    fn kerberos_names_the_build_that_has_it() {
        let settings = [("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"), ("KAFKA_SASL_MECHANISM", "GSSAPI")];
        assert_eq!(
            faults(&settings),
            [
                "KAFKA_SASL_MECHANISM GSSAPI is not in this build: build with `--features gssapi`, which links \
                 Cyrus SASL (docs/kafka.md, Kerberos)",
                "KAFKA_SASL_USERNAME is required with GSSAPI: the client's principal",
                "KAFKA_SASL_KERBEROS_KEYTAB_LOCATION is required with GSSAPI",
            ]
        );
    }
}
