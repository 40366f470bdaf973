//! The rights of the functions that use Kafka, to Kafka. `role_tests.rs` has the other rights.

use serde_json::{Value, json};
use xzepr_settings::Settings;

use super::stack::{KAFKA_FUNCTIONS, Parameters, Stack};

const CLUSTER: &str = "arn:aws:kafka:eu-central-1:123456789012:cluster/events/0f1e2d3c-3";
const TOPICS: &str = "arn:aws:kafka:eu-central-1:123456789012:topic/events/0f1e2d3c-3";
const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:registry-AbCdEf";
const IAM: [(&str, &str); 3] = [
    ("KafkaSecurityProtocol", "SASL_SSL"),
    ("KafkaSaslMechanism", "AWS_MSK_IAM"),
    ("KafkaClusterArn", CLUSTER),
];
const READ: [&str; 2] = ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"];
const WRITE: [&str; 4] = [
    "kafka-cluster:DescribeTopic",
    "kafka-cluster:WriteData",
    "kafka-cluster:DescribeTopicDynamicConfiguration",
    "kafka-cluster:CreateTopic",
];

fn route_to(topic: &str) -> String {
    format!(r#"[{{"name": "r", "topic": "{topic}"}}]"#)
}

fn accepts_its_routes(settings: &Settings) -> bool {
    settings.messages().is_ok()
}

/// The actions that a function needs on each topic, and the other actions on topics.
fn actions(function: &str) -> (&'static [&'static str], &'static [&'static str]) {
    if function == "ReconcileEvents" { (&READ, &WRITE[1..]) } else { (&WRITE, &READ[1..]) }
}

#[test]
fn the_roles_allow_exactly_the_topics_that_routes_may_name() {
    let candidates = "a b c d e f g h i ab a.x builds. builds.x builds xzepr.dev.events";
    for topics in ["", "a", "builds.*", "a,b", "b,builds.*,a*", "a,b,c,d,e,f,g,h", "xzepr*,a"] {
        for topic in candidates.split(' ') {
            let routes = route_to(topic);
            let stack = Stack::new(&[&IAM[..], &[("KafkaTopics", topics), ("Routes", &routes)]].concat());
            assert_eq!(stack.refusals(), [""; 0], "{topics}");
            for function in KAFKA_FUNCTIONS {
                let is_accepted = accepts_its_routes(&stack.settings(function));
                let resource = format!("{TOPICS}/{topic}");
                let (needed, others) = actions(function);
                for action in needed {
                    assert_eq!(
                        stack.allows(function, action, &resource),
                        is_accepted,
                        "{function} {action} on {topic} with {topics}"
                    );
                }
                for action in others {
                    assert!(!stack.allows(function, action, &resource), "{function} {action} on {topic}");
                }
            }
        }
    }
}

#[test]
fn without_topics_the_default_topic_alone_is_allowed() {
    let stack = Stack::new(&[&IAM[..], &[("KafkaDefaultTopic", "prod.events")]].concat());
    for function in KAFKA_FUNCTIONS {
        assert!(accepts_its_routes(&stack.settings(function)), "{function}");
        let (needed, _) = actions(function);
        for action in needed {
            assert!(stack.allows(function, action, &format!("{TOPICS}/prod.events")), "{function} {action}");
            assert!(
                !stack.allows(function, action, &format!("{TOPICS}/xzepr.dev.events")),
                "{function} {action}"
            );
        }
        assert!(stack.allows(function, "kafka-cluster:Connect", CLUSTER), "{function}");
        // MSK requires them with ReadData: https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
        let group = format!("{}/xzepr-reconcile", TOPICS.replace(":topic/", ":group/"));
        for action in ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"] {
            let reads = function == "ReconcileEvents";
            assert_eq!(stack.allows(function, action, &group), reads, "{function} {action}");
        }
    }
    let stack = Stack::new(&[&IAM[..], &[("Routes", &route_to("{package}"))]].concat());
    assert!(!accepts_its_routes(&stack.settings("PublishEvents")));
}

#[test]
fn a_publisher_that_may_not_create_topics_has_no_right_to() {
    let stack = Stack::new(&[&IAM[..], &[("KafkaCreateTopics", "false")]].concat());
    for function in KAFKA_FUNCTIONS {
        assert!(!stack.allows(function, "kafka-cluster:CreateTopic", &format!("{TOPICS}/xzepr.dev.events")));
    }
}

#[test]
fn other_clusters_have_no_rights_and_allow_every_topic() {
    let stack = Stack::new(&[("Routes", &route_to("{package}"))]);
    for function in KAFKA_FUNCTIONS {
        assert!(accepts_its_routes(&stack.settings(function)), "{function}");
        let statements = serde_json::to_string(&stack.statements(function)).unwrap();
        assert!(!statements.contains("kafka-cluster:"), "{function}: {statements}");
    }
}

#[test]
fn topics_that_would_open_others_are_refused() {
    let entries = |count: usize| vec!["builds.*"; count].join(",");
    for topics in [&entries(1), &entries(8), "a", "a_b-c.1,b*"] {
        let stack = Stack::new(&[("KafkaTopics", topics), ("Routes", &route_to("builds.x"))]);
        assert_eq!(stack.refusals(), [""; 0], "{topics}");
        // The functions know each entry too: the only fault can be that the topic of the route is none of them.
        let fault = stack.settings("PublishEvents").messages().err().map(|error| error.to_string());
        assert!(fault.is_none_or(|fault| fault.contains("does not contain the topic builds.x")), "{topics}");
    }
    let long = "a".repeat(250);
    for topics in [
        "*",
        "a*b",
        "a**",
        "a?",
        "a,*",
        "a,,b",
        "a,",
        ",a",
        "a, b",
        "a b",
        "a/b",
        "a:b",
        "${aws:userid}",
        "[a]",
        &long,
        &entries(9),
    ] {
        let refusals = Stack::new(&[("KafkaTopics", topics), ("Routes", "[]")]).refusals();
        let [refusal] = &refusals[..] else { panic!("{topics}: {refusals:?}") };
        assert!(refusal.starts_with("KafkaTopics must be at most eight names"), "{topics}: {refusal}");
    }
}

/// A managed policy has at most 6,144 characters without white space:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
#[test]
fn the_longest_topics_fit_into_a_policy() {
    let topics = vec!["a".repeat(249); 8].join(",");
    let cluster = format!(
        "arn:aws-us-gov:kafka:us-gov-east-1:123456789012:cluster/{}/{}-10",
        "c".repeat(64),
        "0".repeat(36)
    );
    let stack = Stack::new(
        &[
            &IAM[..2],
            &[
                ("KafkaClusterArn", &cluster),
                ("KafkaTopics", &topics),
                ("Routes", "[]"),
                ("Format", "epr"),
                ("SchemaRegistryUrl", "https://r"),
                ("SchemaRegistrySecretArn", SECRET),
            ],
        ]
        .concat(),
    );
    assert_eq!(stack.refusals(), [""; 0]);
    // More than one policy, so this is more than enough.
    let size = serde_json::to_string(&stack.statements("RedriveDeadLetters")).unwrap().len();
    assert!(size <= 6144, "{size}");
}

#[test]
fn a_role_reads_receivers_only_where_messages_or_routes_need_them() {
    let routes = route_to("t");
    let cases: [(Parameters<'_>, bool, bool); 6] = [
        (&[], false, false),
        (&[("Format", "cloudevents")], false, false),
        (&[("Format", "epr")], true, true),
        (&[("Routes", &routes)], true, true),
        (&[("ConfigFile", "/opt/xzepr.yaml")], true, true),
        (&[("SchemaRegistryUrl", "https://registry")], true, false),
    ];
    for (parameters, publishes, reconciles) in cases {
        let stack = Stack::new(parameters);
        for function in KAFKA_FUNCTIONS {
            let statements = stack.statements(function);
            let statement =
                statements.iter().find(|statement| statement["Action"] == "dynamodb:BatchGetItem");
            let expected = if function == "ReconcileEvents" { reconciles } else { publishes };
            assert_eq!(statement.is_some(), expected, "{function} {parameters:?}");
            if let Some(statement) = statement {
                let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
                assert_eq!(keys, &json!(["RECEIVER#*"]));
            }
        }
    }
}

#[test]
fn the_functions_that_publish_read_the_secret_of_the_schema_registry() {
    let url = ("SchemaRegistryUrl", "https://registry");
    let (with, without) = (Stack::new(&[url, ("SchemaRegistrySecretArn", SECRET)]), Stack::new(&[url]));
    for function in KAFKA_FUNCTIONS {
        let publishes = function != "ReconcileEvents";
        assert_eq!(with.allows(function, "secretsmanager:GetSecretValue", SECRET), publishes, "{function}");
        assert!(!without.allows(function, "secretsmanager:GetSecretValue", SECRET), "{function}");
    }
}

#[test]
fn the_functions_that_use_kafka_alone_have_the_file_and_its_layer() {
    let layer = "arn:aws:lambda:eu-central-1:123456789012:layer:settings:7";
    let stack = Stack::new(&[("ConfigFile", "/opt/xzepr.yaml"), ("LayerArn", layer)]);
    assert_eq!(stack.refusals(), [""; 0]);
    for function in stack.functions() {
        let file = stack.environment(function).get("XZEPR_CONFIG_FILE").cloned();
        let uses_kafka = KAFKA_FUNCTIONS.contains(&function);
        assert_eq!(file.as_deref(), uses_kafka.then_some("/opt/xzepr.yaml"), "{function}");
        let layers = if uses_kafka { json!([layer]) } else { Value::Null };
        assert_eq!(stack.layers(function), layers, "{function}");
        assert_eq!(Stack::new(&[]).layers(function), if uses_kafka { json!([]) } else { Value::Null });
    }
}
