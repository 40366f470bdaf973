//! `schema_registry`: the registry that the schemas of messages and of receivers are registered in.

use std::{fmt, str::FromStr};

use crate::{
    Login, Pem, Settings, SettingsError, SubjectNameStrategy,
    login::LoginSettings,
    public_base_url::{InvalidBaseUrl, base_url},
    reader::Reader,
    secret_arn::SECRET_ARN_RULE,
    setting::{ANY_TEXT, READABLE_FILE, Setting, settings},
};

settings! {
    URL = Setting {
        variable: "XZEPR_SCHEMA_REGISTRY_URL",
        key: "schema_registry.url",
        default: None,
        rule: InvalidBaseUrl::RULE,
    };
    SUBJECT_NAME_STRATEGY = Setting {
        variable: "XZEPR_SCHEMA_REGISTRY_SUBJECT_NAME_STRATEGY",
        key: "schema_registry.subject_name_strategy",
        default: Some("topic"),
        rule: "must be topic, record or topic-record",
    };
    USERNAME = Setting {
        variable: "XZEPR_SCHEMA_REGISTRY_USERNAME",
        key: "schema_registry.username",
        default: None,
        rule: ANY_TEXT,
    };
    PASSWORD = Setting {
        variable: "XZEPR_SCHEMA_REGISTRY_PASSWORD",
        key: "schema_registry.password",
        default: None,
        rule: ANY_TEXT,
    };
    SECRET_ARN = Setting {
        variable: "XZEPR_SCHEMA_REGISTRY_SECRET_ARN",
        key: "schema_registry.secret_arn",
        default: None,
        rule: SECRET_ARN_RULE,
    };
    CA_LOCATION = Setting {
        variable: "XZEPR_SCHEMA_REGISTRY_CA_LOCATION",
        key: "schema_registry.ca_location",
        default: None,
        rule: READABLE_FILE,
    };
    CA_PEM = Setting {
        variable: "XZEPR_SCHEMA_REGISTRY_CA_PEM",
        key: "schema_registry.ca_pem",
        default: None,
        rule: ANY_TEXT,
    };
}

const LOGIN: LoginSettings =
    LoginSettings { username: &USERNAME, password: &PASSWORD, secret_arn: &SECRET_ARN };

/// A schema registry with Confluent's API.
///
/// <https://docs.confluent.io/platform/current/schema-registry/develop/api.html>
#[derive(Debug, Clone)]
pub struct SchemaRegistrySettings {
    /// Where it is.
    pub url: SchemaRegistryUrl,
    /// How subjects are named.
    pub subject_name_strategy: SubjectNameStrategy,
    /// User and password for basic authentication, if the registry requires them.
    pub login: Option<Login>,
    /// The CAs that may sign its certificate. Without a setting they are the system's.
    pub ca: Option<Pem>,
}

/// The absolute URL of a schema registry, for http or https, without a trailing slash. It may have a path, as those of
/// Apicurio and of proxies do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaRegistryUrl(String);

impl SchemaRegistrySettings {
    /// Whether the network can read the password.
    pub fn sends_password_in_clear(&self) -> bool {
        self.login.is_some() && !self.url.has_tls()
    }

    pub(crate) fn read(settings: &Settings) -> Result<Option<Self>, SettingsError> {
        let mut reader = Reader::new(settings);
        if reader.given(&URL).is_none() {
            refuse_unused(&mut reader, &SETTINGS[1..], &format!("has no use without {}", URL.variable));
            return reader.finish(|| Some(None));
        }
        let url: Option<SchemaRegistryUrl> = reader.value(&URL);
        let subject_name_strategy = reader.value(&SUBJECT_NAME_STRATEGY);
        let login = LOGIN.read_if_set(&mut reader);
        let ca = Pem::read(&mut reader, &CA_LOCATION, &CA_PEM);
        if url.as_ref().is_some_and(|url| !url.has_tls()) {
            let fault = format!("has no use unless {} begins with https", URL.variable);
            refuse_unused(&mut reader, &[&CA_LOCATION, &CA_PEM], &fault);
        }
        reader.finish(|| {
            Some(Some(Self { url: url?, subject_name_strategy: subject_name_strategy?, login, ca }))
        })
    }
}

/// Refuses settings that would be ignored. An operator who sets a CA expects TLS.
fn refuse_unused(reader: &mut Reader<'_>, settings: &[&Setting], fault: &str) {
    for setting in settings {
        if reader.given(setting).is_some() {
            reader.fault(setting, fault);
        }
    }
}

impl SchemaRegistryUrl {
    fn has_tls(&self) -> bool {
        // A scheme's case does not matter: RFC 3986, section 3.1.
        self.0.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }
}

impl FromStr for SchemaRegistryUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        base_url(text).map(Self)
    }
}

impl fmt::Display for SchemaRegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;

    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:registry-AbCdEf";

    /// Names of variables without `XZEPR_SCHEMA_REGISTRY_`.
    type Variables<'a> = &'a [(&'a str, &'a str)];

    fn read(variables: Variables<'_>) -> Result<Option<SchemaRegistrySettings>, SettingsError> {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| (format!("XZEPR_SCHEMA_REGISTRY_{name}"), (*value).to_owned()))
            .collect();
        let lookup = move |name: &str| {
            variables.iter().find(|(variable, _)| variable == name).map(|(_, value)| value.clone())
        };
        Settings::new(lookup, "")?.schema_registry()
    }

    fn faults(variables: Variables<'_>) -> Vec<String> {
        match read(variables) {
            Err(SettingsError::InvalidValues(faults)) => faults
                .iter()
                .map(|fault| {
                    let (name, rest) = fault.split_once(' ').unwrap();
                    let (_key, rule) = rest.split_once(") ").unwrap();
                    format!("{name} {rule}").replace("XZEPR_SCHEMA_REGISTRY_", "")
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_a_url_there_is_no_registry() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[("URL", "")]).unwrap().is_none());
    }

    #[test]
    fn a_url_alone_is_enough_and_keeps_its_path() {
        let registry = read(&[("URL", "http://localhost:8080/apis/ccompat/v7/")]).unwrap().unwrap();
        assert_eq!(registry.url.to_string(), "http://localhost:8080/apis/ccompat/v7");
        assert_eq!(registry.subject_name_strategy, SubjectNameStrategy::Topic);
        assert!(registry.login.is_none() && registry.ca.is_none());
        assert!(!registry.sends_password_in_clear());
    }

    #[test]
    fn a_login_and_a_ca_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        fs::write(&path, "a CA").unwrap();
        let registry = read(&[
            ("URL", "HTTPS://registry"),
            ("SUBJECT_NAME_STRATEGY", "topic-record"),
            ("USERNAME", "alice"),
            ("PASSWORD", "pass word"),
            ("CA_LOCATION", path.to_str().unwrap()),
        ]);
        let registry = registry.unwrap().unwrap();
        assert!(!format!("{registry:?}").contains("pass word"));
        assert!(!registry.sends_password_in_clear());
        assert_eq!(registry.subject_name_strategy, SubjectNameStrategy::TopicRecord);
        assert_eq!(registry.ca.unwrap().text, "a CA");
        let Some(Login::Given { username, password }) = registry.login else { panic!() };
        assert_eq!((username.as_str(), password.expose_secret()), ("alice", "pass word"));
    }

    #[test]
    fn a_secret_replaces_user_and_password() {
        let registry = read(&[("URL", "http://registry"), ("SECRET_ARN", ARN)]).unwrap().unwrap();
        assert!(registry.sends_password_in_clear());
        let Some(Login::Secret(arn)) = registry.login else { panic!() };
        assert_eq!((arn.to_string().as_str(), arn.setting), (ARN, SECRET_ARN.variable));
    }

    #[test]
    fn settings_without_a_url_are_refused_with_every_name() {
        assert_eq!(
            faults(&[
                ("SUBJECT_NAME_STRATEGY", "record"),
                ("USERNAME", "alice"),
                ("PASSWORD", "x"),
                ("SECRET_ARN", "x"),
                ("CA_LOCATION", "/nowhere"),
                ("CA_PEM", "x"),
            ]),
            ["SUBJECT_NAME_STRATEGY", "USERNAME", "PASSWORD", "SECRET_ARN", "CA_LOCATION", "CA_PEM"]
                .map(|name| format!("{name} has no use without URL"))
        );
    }

    #[test]
    fn settings_that_cannot_work_are_refused_with_every_fault() {
        let url = InvalidBaseUrl::RULE;
        for wrong in
            ["registry:8081", "ftp://registry", "http://alice:x@registry", "http://r?a=b", "http://r#a"]
        {
            assert_eq!(faults(&[("URL", wrong)]), [format!("URL {url}")], "{wrong}");
        }
        assert_eq!(
            faults(&[("URL", "registry"), ("SUBJECT_NAME_STRATEGY", "Topic"), ("USERNAME", "alice")]),
            [
                format!("URL {url}"),
                "SUBJECT_NAME_STRATEGY must be topic, record or topic-record".to_owned(),
                "PASSWORD or SECRET_ARN is required with USERNAME".to_owned(),
            ]
        );
        assert_eq!(
            faults(&[("URL", "https://r"), ("PASSWORD", "x"), ("CA_LOCATION", "/dev/null"), ("CA_PEM", "x")]),
            [
                "USERNAME or SECRET_ARN is required with PASSWORD",
                "CA_PEM cannot be set together with CA_LOCATION",
            ]
        );
        assert_eq!(
            faults(&[("URL", "http://r"), ("CA_PEM", "x"), ("SECRET_ARN", "registry"), ("PASSWORD", "x")]),
            [
                "SECRET_ARN must be the ARN of a secret in AWS Secrets Manager",
                "PASSWORD cannot be set together with SECRET_ARN",
                "CA_PEM has no use unless URL begins with https",
            ]
        );
    }
}
