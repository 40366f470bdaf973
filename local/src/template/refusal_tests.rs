//! The sets of parameters that CloudFormation refuses, and the sets that the functions start with.

use xzepr_settings::Settings;

use super::stack::{KAFKA_FUNCTIONS, Parameters, Stack};

const CLUSTER: &str =
    "arn:aws:kafka:eu-central-1:123456789012:cluster/events/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-3";
const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:xzepr/events-AbCdEf";
const LAYER: (&str, &str) = ("LayerArn", "arn:aws:lambda:eu-central-1:123456789012:layer:files:7");
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const STREAM: &str =
    "arn:aws:dynamodb:eu-central-1:123456789012:table/registry/stream/2026-11-28T19:39:31.123";
const SASL_SSL: (&str, &str) = ("KafkaSecurityProtocol", "SASL_SSL");
const SSL: (&str, &str) = ("KafkaSecurityProtocol", "SSL");
const REGISTRY: (&str, &str) = ("SchemaRegistryUrl", "https://registry");
const ENDPOINT: (&str, &str) = ("KafkaOauthTokenEndpoint", "https://idp.example.com/oauth2/token");
const IAM: [(&str, &str); 3] =
    [SASL_SSL, ("KafkaSaslMechanism", "AWS_MSK_IAM"), ("KafkaClusterArn", CLUSTER)];
const PLAIN: [(&str, &str); 3] = [SASL_SSL, ("KafkaSaslMechanism", "PLAIN"), ("KafkaSaslSecretArn", SECRET)];
const OAUTH: [(&str, &str); 4] =
    [SASL_SSL, ("KafkaSaslMechanism", "OAUTHBEARER"), ("KafkaSaslSecretArn", SECRET), ENDPOINT];

/// The faults of the settings that a function which publishes reads at its start.
fn faults(settings: &Settings) -> Vec<String> {
    let faults = [
        settings.kafka().err(),
        settings.messages().err(),
        settings.schema_registry().err(),
        settings.table().err(),
        settings.dead_letters().err(),
        settings.replay().err(),
    ];
    faults.into_iter().flatten().map(|fault| fault.to_string()).collect()
}

#[test]
fn the_functions_start_with_the_settings_of_an_accepted_stack() {
    let routes = r#"[{"name": "failed", "topic": "{environment}.failed", "when": {"success": false}}]"#;
    let routes = [("Environment", "prod"), ("Routes", routes)];
    let accepted: [&[Parameters<'_>]; 18] = [
        &[],
        &[&IAM],
        &[&PLAIN],
        &[
            &PLAIN[..1],
            &[("KafkaSaslMechanism", "SCRAM-SHA-512")],
            &PLAIN[2..],
            &[("KafkaSecretsKmsKeyArn", KEY)],
        ],
        &[&OAUTH, &[("KafkaOauthScope", "kafka")]],
        &[&[SSL, LAYER, ("KafkaSslCaLocation", "/opt/ca.pem")]],
        &[&[SSL, ("KafkaSslCaPem", "-----BEGIN CERTIFICATE-----"), ("KafkaSslSecretArn", SECRET)]],
        &[&[("KafkaBrokers", "b-1.example.com:9096,[2001:db8::1]:65535,10.0.0.1:1")]],
        &[&[("Format", "epr"), ("PublicBaseUrl", "https://events.example.com/registry")]],
        &[&routes],
        &[&routes, &[("KafkaTopics", "other,prod.*")]],
        &[&[("SchemaRegistryUrl", "http://registry:8081/apis/ccompat/v7")]],
        &[&[
            REGISTRY,
            ("SchemaRegistrySubjectNameStrategy", "topic-record"),
            ("SchemaRegistrySecretArn", SECRET),
            ("SchemaRegistryCaPem", "-----BEGIN CERTIFICATE-----"),
        ]],
        &[&[REGISTRY, LAYER, ("SchemaRegistryCaLocation", "/opt/registry.pem")]],
        &[&[LAYER, ("ConfigFile", "/opt/xzepr.yaml"), ("KafkaTopics", "xzepr.*")]],
        &[&[
            ("KafkaDefaultTopic", "..."),
            ("KafkaDefaultTopicPartitions", "-1"),
            ("KafkaCreateTopics", "false"),
        ]],
        &[&[("TableName", "registry"), ("ExistingTableStreamArn", STREAM), ("TableKmsKeyArn", KEY)]],
        &[&[
            ("KafkaDebug", "broker,security"),
            ("LogLevel", "DEBUG"),
            ("SubnetIds", "a,b"),
            ("SecurityGroupIds", "c"),
        ]],
    ];
    for parameters in accepted {
        let parameters = parameters.concat();
        let stack = Stack::new(&parameters);
        assert_eq!(stack.refusals(), [""; 0], "{parameters:?}");
        for function in KAFKA_FUNCTIONS {
            assert_eq!(faults(&stack.settings(function)), [""; 0], "{function} {parameters:?}");
        }
    }
}

/// Each set with the reason that CloudFormation shows.
#[test]
fn a_set_that_cannot_work_is_refused_with_its_reason() {
    let queue = "arn:aws:sqs:eu-central-1:123456789012:alarms";
    let refused: [(&[Parameters<'_>], &str); 62] = [
        (&[&[("KafkaBrokers", "broker")]], "KafkaBrokers must be host:port, several separated by commas"),
        (&[&[("KafkaBrokers", "")]], "KafkaBrokers must be host:port"),
        (&[&[("KafkaBrokers", "a:1,b")]], "KafkaBrokers must be host:port"),
        (&[&[("KafkaBrokers", "a:0")]], "KafkaBrokers must be host:port"),
        (&[&[("KafkaBrokers", "a:65536")]], "KafkaBrokers must be host:port"),
        (&[&[SASL_SSL, ("KafkaSaslMechanism", "GSSAPI")]], "KafkaSaslMechanism"),
        (&[&[SASL_SSL]], "KafkaSecurityProtocol SASL_PLAINTEXT or SASL_SSL requires KafkaSaslMechanism"),
        (&[&PLAIN[1..]], "KafkaSaslMechanism requires KafkaSecurityProtocol SASL_PLAINTEXT or SASL_SSL"),
        (&[&PLAIN[..2]], "KafkaSaslMechanism PLAIN, SCRAM-* or OAUTHBEARER requires KafkaSaslSecretArn"),
        (&[&IAM[..2]], "KafkaSaslMechanism AWS_MSK_IAM requires KafkaClusterArn"),
        (
            &[&IAM, &[("KafkaSecurityProtocol", "SASL_PLAINTEXT")]],
            "KafkaSaslMechanism AWS_MSK_IAM requires KafkaSecurityProtocol SASL_SSL",
        ),
        (
            &[&IAM, &PLAIN[2..]],
            "KafkaSaslSecretArn requires KafkaSaslMechanism PLAIN, SCRAM-* or OAUTHBEARER",
        ),
        (&[&PLAIN[2..]], "KafkaSaslSecretArn requires KafkaSaslMechanism"),
        (&[&[("KafkaClusterArn", CLUSTER)]], "KafkaClusterArn requires KafkaSaslMechanism AWS_MSK_IAM"),
        (
            &[&PLAIN, &[("KafkaOauthScope", "kafka")]],
            "KafkaOauthScope requires KafkaSaslMechanism OAUTHBEARER",
        ),
        (&[&PLAIN, &[ENDPOINT]], "KafkaOauthTokenEndpoint requires KafkaSaslMechanism OAUTHBEARER"),
        (&[&OAUTH[..3]], "KafkaSaslMechanism OAUTHBEARER requires KafkaOauthTokenEndpoint"),
        (
            &[&OAUTH, &[("KafkaOauthTokenEndpoint", "http://idp.example.com")]],
            "KafkaOauthTokenEndpoint must be an https URL",
        ),
        (
            &[&[LAYER, ("KafkaSslCaLocation", "/opt/ca.pem")]],
            "KafkaSslCaLocation requires KafkaSecurityProtocol SSL or SASL_SSL",
        ),
        (&[&[("KafkaSslCaPem", "x")]], "KafkaSslCaPem requires KafkaSecurityProtocol SSL or SASL_SSL"),
        (
            &[&[("KafkaSslSecretArn", SECRET)]],
            "KafkaSslSecretArn requires KafkaSecurityProtocol SSL or SASL_SSL",
        ),
        (
            &[&PLAIN, &[("KafkaSecurityProtocol", "SASL_PLAINTEXT"), ("KafkaSslCaPem", "x")]],
            "KafkaSslCaPem requires",
        ),
        (
            &[&[SSL, LAYER, ("KafkaSslCaLocation", "/opt/ca.pem"), ("KafkaSslCaPem", "x")]],
            "KafkaSslCaLocation and KafkaSslCaPem cannot be set together",
        ),
        (&[&[SSL, ("KafkaSslCaLocation", "/opt/ca.pem")]], "KafkaSslCaLocation requires LayerArn"),
        (
            &[&[SSL, LAYER, ("KafkaSslCaLocation", "/etc/ca.pem")]],
            "KafkaSslCaLocation must be a path under /opt",
        ),
        (&[&[("ConfigFile", "/opt/xzepr.yaml")]], "ConfigFile requires LayerArn"),
        (&[&[LAYER, ("ConfigFile", "xzepr.yaml")]], "ConfigFile must be a path under /opt"),
        (&[&[("KafkaSecretsKmsKeyArn", KEY)]], "KafkaSecretsKmsKeyArn requires a secret"),
        (&[&[("KafkaDefaultTopic", ".")]], "KafkaDefaultTopic must have 1 to 249 letters"),
        (&[&[("KafkaDefaultTopic", "..")]], "KafkaDefaultTopic must have 1 to 249 letters"),
        (&[&[("KafkaTopics", "a,.."), ("Routes", "[]")]], "KafkaTopics must be at most eight names"),
        (&[&[("KafkaTopics", ".*"), ("Routes", "[]")]], "KafkaTopics must be at most eight names"),
        (&[&[("KafkaTopics", "a")]], "KafkaTopics requires Routes or ConfigFile"),
        (&[&[("KafkaDefaultTopicPartitions", "0")]], "KafkaDefaultTopicPartitions must be a whole number"),
        (
            &[&[("KafkaDefaultTopicReplicationFactor", "99999")]],
            "KafkaDefaultTopicReplicationFactor must be a whole number",
        ),
        (&[&[("KafkaDebug", "broker")]], "KafkaDebug requires LogLevel DEBUG"),
        (
            &[&[("KafkaDebug", "everything"), ("LogLevel", "DEBUG")]],
            "KafkaDebug must be debug contexts of librdkafka",
        ),
        (
            &[&[("PublicBaseUrl", "https://user@events.example.com")]],
            "PublicBaseUrl must be an absolute http or https URL",
        ),
        (
            &[&[("SchemaRegistrySubjectNameStrategy", "record")]],
            "SchemaRegistrySubjectNameStrategy requires SchemaRegistryUrl",
        ),
        (&[&[("SchemaRegistrySecretArn", SECRET)]], "SchemaRegistrySecretArn requires SchemaRegistryUrl"),
        (
            &[&[LAYER, ("SchemaRegistryCaLocation", "/opt/ca.pem")]],
            "SchemaRegistryCaLocation requires SchemaRegistryUrl",
        ),
        (
            &[&[REGISTRY, ("SchemaRegistryCaLocation", "/opt/ca.pem")]],
            "SchemaRegistryCaLocation requires LayerArn",
        ),
        (&[&[("SchemaRegistryCaPem", "x")]], "SchemaRegistryCaPem requires SchemaRegistryUrl"),
        (
            &[&[REGISTRY, LAYER, ("SchemaRegistryCaLocation", "/opt/ca.pem"), ("SchemaRegistryCaPem", "x")]],
            "SchemaRegistryCaLocation and SchemaRegistryCaPem",
        ),
        (
            &[&[("SchemaRegistryUrl", "https://alice:password@registry")]],
            "SchemaRegistryUrl must be an absolute http or https URL",
        ),
        (&[&[("SubnetIds", "subnet-1")]], "SubnetIds requires SecurityGroupIds"),
        (&[&[("SecurityGroupIds", "sg-1")]], "SecurityGroupIds requires SubnetIds"),
        (&[&[("GradualDeployment", "Canary10Percent5Minutes")]], "GradualDeployment requires Release"),
        (&[&[("RequestsPerSecond", "0")]], "RequestsPerSecond"),
        (&[&[("RequestBurst", "0")]], "RequestBurst"),
        (
            &[&[("ReplayMaxEventsPerSecond", "0")]],
            "ReplayMaxEventsPerSecond must be a whole number of at least 1",
        ),
        (
            &[&[("DeadLettersMaxAttempts", "0.5")]],
            "DeadLettersMaxAttempts must be a whole number of at least 1",
        ),
        (&[&[("AlarmTopicArn", queue)]], "AlarmTopicArn must be the ARN of an SNS topic"),
        (
            &[&[("TableName", "registry"), ("DeadLettersTableName", "registry")]],
            "TableName and DeadLettersTableName must differ",
        ),
        (
            &[&[("TableName", "registry"), ("IndexTableName", "registry")]],
            "IndexTableName and TableName must differ",
        ),
        (
            &[&[("IndexTableName", "letters"), ("DeadLettersTableName", "letters")]],
            "IndexTableName and DeadLettersTableName must differ",
        ),
        (&[&[("TableName", "a b")]], "TableName must have 3 to 255 letters"),
        (&[&[("IndexTableName", "a b")]], "IndexTableName must have 3 to 255 letters"),
        (&[&[("ExistingTableStreamArn", STREAM)]], "ExistingTableStreamArn requires TableName"),
        (
            &[&[("TableName", "registry"), ("ExistingTableStreamArn", &STREAM[..60])]],
            "ExistingTableStreamArn must be the ARN of a stream",
        ),
        (
            &[&[("ExistingDeadLettersTable", "true")]],
            "ExistingDeadLettersTable requires DeadLettersTableName",
        ),
        (
            &[&[
                ("TableName", "registry"),
                ("ExistingTableStreamArn", STREAM),
                ("TableMaxReadRequestUnits", "9"),
            ]],
            "TableMaxReadRequestUnits is set on the table itself",
        ),
    ];
    for (parameters, reason) in refused {
        let parameters = parameters.concat();
        let refusals = Stack::new(&parameters).refusals();
        assert!(refusals.iter().any(|text| text.starts_with(reason)), "{parameters:?}: {refusals:?}");
    }
}

/// Every combination of a protocol, a mechanism and the settings that belong to some of them.
#[test]
fn the_stack_accepts_the_combinations_that_the_functions_accept() {
    let protocols = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
    let mechanisms = ["", "PLAIN", "SCRAM-SHA-256", "OAUTHBEARER", "AWS_MSK_IAM"];
    let optional = [
        ("KafkaSaslSecretArn", SECRET),
        ENDPOINT,
        ("KafkaOauthScope", "kafka"),
        ("KafkaSslCaLocation", "/opt/ca.pem"),
        ("KafkaSslCaPem", "-----BEGIN CERTIFICATE-----"),
        ("KafkaSslSecretArn", SECRET),
    ];
    for protocol in protocols {
        for mechanism in mechanisms {
            for chosen in 0..1 << optional.len() {
                let mut parameters =
                    vec![LAYER, ("KafkaSecurityProtocol", protocol), ("KafkaSaslMechanism", mechanism)];
                // The roles need it, and no function reads it.
                parameters.extend((mechanism == "AWS_MSK_IAM").then_some(("KafkaClusterArn", CLUSTER)));
                let set = optional.into_iter().enumerate().filter(|(index, _)| chosen & (1 << index) != 0);
                parameters.extend(set.map(|(_, parameter)| parameter));
                let stack = Stack::new(&parameters);
                let (broken, faults) = (stack.broken_rules(), faults(&stack.settings("PublishEvents")));
                assert_eq!(broken.is_empty(), faults.is_empty(), "{parameters:?}: {broken:?}, {faults:?}");
            }
        }
    }
}

#[test]
fn the_stack_accepts_the_environments_that_the_functions_accept() {
    let long = "a".repeat(250);
    for (name, is_valid) in [
        ("prod", true),
        ("eu-1_x.y", true),
        ("..a", true),
        ("...", true),
        (&long[1..], true),
        (&long, false),
        (".", false),
        ("..", false),
        ("a b", false),
        ("a/b", false),
        ("{package}", false),
    ] {
        for parameter in ["Environment", "KafkaDefaultTopic"] {
            let stack = Stack::new(&[(parameter, name)]);
            assert_eq!(stack.refusals().is_empty(), is_valid, "{parameter} {name}");
            assert_eq!(faults(&stack.settings("PublishEvents")).is_empty(), is_valid, "{parameter} {name}");
        }
    }
}

#[test]
fn every_number_and_every_pattern_has_a_reason_or_its_own_words() {
    // CloudFormation shows the description, or else the pattern itself.
    for (name, parameter) in super::stack::TEMPLATE["Parameters"].as_object().unwrap() {
        let has_pattern = !parameter["AllowedPattern"].is_null();
        assert_eq!(parameter["ConstraintDescription"].is_string(), has_pattern, "{name}");
        assert!(parameter["Description"].is_string(), "{name}");
    }
}
