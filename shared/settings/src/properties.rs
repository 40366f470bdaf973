//! Properties that hold for every input.

use std::collections::HashMap;

use proptest::{collection::hash_map, prelude::*, sample::select, string::string_regex};

use crate::{Brokers, Settings, SettingsError, registry, setting::Setting};

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:kafka-AbCdEf";

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

const KNOWN: [&str; 18] = [
    "SSL",
    "SASL_PLAINTEXT",
    "SASL_SSL",
    "PLAIN",
    "SCRAM-SHA-512",
    "OAUTHBEARER",
    "AWS_MSK_IAM",
    "GSSAPI",
    "a:1",
    "topic",
    "-1",
    "0",
    "3",
    "true",
    "zstd",
    "https://localhost/",
    "/dev/null",
    ARN,
];

/// Texts that follow a rule of some setting, and any others.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![2 => select(KNOWN.as_slice()).prop_map(str::to_owned), 1 => any::<String>()]
}

/// Values of any settings.
fn values() -> impl Strategy<Value = HashMap<&'static Setting, String>> {
    hash_map(select(registry::all().collect::<Vec<_>>()), value(), 0..12)
}

/// The values by variable.
fn environment(values: HashMap<&'static Setting, String>) -> impl Fn(&str) -> Option<String> {
    move |name| values.iter().find(|(setting, _)| setting.variable == name).map(|(_, value)| value.clone())
}

/// A file with the values, each as a document of its own.
fn file(values: &HashMap<&'static Setting, String>) -> String {
    let document = |(setting, value): (&&Setting, &String)| {
        let path: String = setting.key.split('.').map(|name| format!("{{{name}: ")).collect();
        format!("---\n{path}'{}'{}\n", value.replace('\'', "''"), "}".repeat(setting.key.split('.').count()))
    };
    values.iter().map(document).collect()
}

/// Reads every section. The errors' texts.
fn read_all(settings: &Settings) -> Vec<String> {
    let errors = [
        settings.table().err(),
        settings.dead_letters().err(),
        settings.index().err(),
        settings.replay().err(),
        settings.kafka().err(),
        settings.messages().err(),
        settings.schema_registry().err(),
    ];
    errors.into_iter().flatten().map(|error| error.to_string()).collect()
}

fn topic(name: &str) -> Result<String, SettingsError> {
    let name = name.to_owned();
    let settings =
        Settings::new(move |variable| (variable == "XZEPR_KAFKA_DEFAULT_TOPIC").then(|| name.clone()), "")?;
    settings.kafka().map(|kafka| kafka.default_topic)
}

fn secret_arn(text: &str) -> Result<(String, String), SettingsError> {
    let text = text.to_owned();
    let lookup = move |variable: &str| match variable {
        "XZEPR_KAFKA_SECURITY_PROTOCOL" => Some("SSL".to_owned()),
        "XZEPR_KAFKA_SSL_SECRET_ARN" => Some(text.clone()),
        _ => None,
    };
    let tls = Settings::new(lookup, "")?.kafka()?.security.tls;
    match tls.and_then(|tls| tls.client_certificate) {
        Some(crate::ClientCertificate::Secret(arn)) => Ok((arn.to_string(), arn.region().to_owned())),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_values_are_read_or_refused_with_the_name_of_a_setting(values in values(), in_file in values()) {
        let text = file(&in_file);
        if let Ok(settings) = Settings::new(environment(values), &text) {
            for error in read_all(&settings) {
                prop_assert!(registry::all().any(|setting| error.starts_with(setting.variable)), "{error}");
            }
        }
    }

    #[test]
    fn any_file_is_read_or_refused(text in "\\PC{0,200}") {
        let settings = Settings::new(|_| None, &text);
        prop_assert!(matches!(settings, Ok(_) | Err(SettingsError::InvalidFile(_))));
    }

    #[test]
    fn a_value_in_the_file_is_the_same_as_in_the_environment(name in "[a-zA-Z0-9._-]{3,20}") {
        let setting = registry::all().find(|setting| setting.key == "table.name");
        let values: HashMap<_, _> = setting.map(|setting| (setting, name.clone())).into_iter().collect();
        let in_file = Settings::new(|_| None, &file(&values)).unwrap();
        let in_environment = Settings::new(environment(values), "").unwrap();
        prop_assert_eq!(&in_file.table().unwrap().name, &name);
        prop_assert_eq!(in_file.table().unwrap(), in_environment.table().unwrap());
    }

    #[test]
    fn no_error_contains_a_password(values in values()) {
        const SECRETS: [&str; 3] = [
            "XZEPR_KAFKA_SASL_PASSWORD",
            "XZEPR_KAFKA_SSL_KEY_PASSWORD",
            "XZEPR_SCHEMA_REGISTRY_PASSWORD",
        ];
        const PASSWORD: &str = "a password of nobody";
        let others = environment(values);
        let lookup = move |name: &str| {
            if SECRETS.contains(&name) { Some(PASSWORD.to_owned()) } else { others(name) }
        };
        for error in read_all(&Settings::new(lookup, "").unwrap()) {
            prop_assert!(!error.contains(PASSWORD), "{error}");
        }
    }

    #[test]
    fn brokers_keep_their_text(text in any::<String>()) {
        if let Ok(brokers) = text.parse::<Brokers>() {
            prop_assert_eq!(brokers.to_string(), text);
        }
    }

    #[test]
    fn brokers_are_hosts_with_ports(brokers in prop::collection::vec(("[a-z0-9.-]{1,12}", any::<u16>()), 1..4)) {
        let text = brokers.iter().map(|(host, port)| format!("{host}:{port}")).collect::<Vec<_>>().join(", ");
        prop_assert_eq!(text.parse::<Brokers>().is_ok(), brokers.iter().all(|(_, port)| *port > 0));
    }

    #[test]
    fn a_topic_has_up_to_249_letters_digits_dots_underscores_and_hyphens(name in "[a-zA-Z0-9._-]{1,260}") {
        let is_valid = name.len() <= 249 && name != "." && name != "..";
        prop_assert_eq!(topic(&name).ok(), is_valid.then_some(name));
    }

    #[test]
    fn a_topic_has_no_other_character(
        before in "[a-z]{0,9}", other in string_regex("[^a-zA-Z0-9._-]").unwrap(), after in "[a-z]{0,9}"
    ) {
        let name = before + &other + &after;
        prop_assert!(topic(&name).is_err());
    }

    #[test]
    fn the_arn_of_a_secret_keeps_its_text_and_its_region(
        partition in "aws(-cn|-us-gov)?", region in "[a-z]{2}-[a-z]{4,9}-[1-9]", account in "[0-9]{12}",
        name in "[a-zA-Z0-9/_+=.@:-]{1,40}",
    ) {
        let text = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}");
        prop_assert_eq!(secret_arn(&text).unwrap(), (text, region));
    }

    #[test]
    fn an_arn_is_refused_without_one_of_its_parts(part in 0_usize..7) {
        let mut parts: Vec<_> = ARN.splitn(7, ':').collect();
        parts[part] = "";
        prop_assert!(secret_arn(&parts.join(":")).is_err());
    }

    #[test]
    fn any_arn_is_read_or_refused(text in "[a-z:]{1,60}|\\PC{1,60}") {
        let _ = secret_arn(&text);
    }
}
