//! The parameters of the template set the settings that `docs/settings.md` lists.

use std::{collections::HashMap, fs};

use serde_json::{Value, json};

use super::stack::{KAFKA_FUNCTIONS, Parameters, Stack, TEMPLATE};
use crate::workspace;

/// A row of a table of variables in `docs/settings.md`.
struct Row {
    variable: String,
    /// Empty without one, and for a variable that is no setting.
    default: String,
    meaning: String,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(workspace::root().join("docs/settings.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let rows: Vec<_> = rows
        .map(|row| {
            let cells: Vec<_> = row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
            let default = if cells.len() > 4 { cells[3].clone() } else { String::new() };
            Row {
                variable: cells[1].clone(),
                default: if default == "none" { String::new() } else { default },
                meaning: cells[cells.len() - 2].clone(),
            }
        })
        .collect();
    assert!(rows.len() > 40);
    rows
}

/// The parameter of a variable, as the document describes the names.
fn parameter_of(variable: &str) -> String {
    let words = variable.strip_prefix("XZEPR_").unwrap_or(variable).split_terminator('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_owned() + &rest.to_lowercase()
    });
    words.collect::<String>().replace("SaslOauthbearer", "Oauth")
}

/// The variables of all functions.
fn variables(parameters: Parameters<'_>) -> HashMap<String, String> {
    let stack = Stack::new(parameters);
    stack.functions().into_iter().flat_map(|function| stack.environment(function)).collect()
}

#[test]
fn each_setting_has_a_variable_or_the_document_says_that_it_has_none() {
    let (rows, variables) = (rows(), variables(&[]));
    for Row { variable, meaning, .. } in rows.iter().filter(|row| row.variable.starts_with("XZEPR_")) {
        let is_absent = meaning.contains("The stack has no parameter for it.");
        assert_eq!(variables.contains_key(variable), !is_absent, "{variable}");
    }
    for variable in variables.keys() {
        assert!(rows.iter().any(|row| row.variable == *variable), "{variable} is no setting");
    }
}

#[test]
fn each_default_of_the_stack_is_the_one_that_the_document_names() {
    let (stack, variables) = (Stack::new(&[]), variables(&[]));
    for Row { variable, default, meaning } in rows() {
        let default = match meaning.split_once("The stack's default is ") {
            Some((_, rest)) => rest.trim_end_matches('.'),
            None => &default,
        };
        let Some(value) = variables.get(&variable) else { continue };
        if !variable.starts_with("XZEPR_") {
            assert!(meaning.contains(&format!("`{value}`")), "{variable} is {value}");
            continue;
        }
        if meaning.contains("The stack has no default.") || value.starts_with('<') {
            continue;
        }
        // An empty variable counts as absent.
        assert!(value.is_empty() || value == default, "{variable} is {value}");
        let parameter = parameter_of(&variable);
        assert_eq!(stack.parameter(&parameter), Some(default), "{parameter}");
    }
}

#[test]
fn each_parameter_reaches_its_variable() {
    // Some variables are empty in a stack that has no use for them.
    let base = [("SchemaRegistryUrl", "https://registry")];
    for Row { variable, .. } in rows() {
        let parameter = parameter_of(&variable);
        if Stack::new(&[]).parameter(&parameter).is_some() {
            let changed = variables(&[&base[..], &[(&parameter, "changed")]].concat());
            assert_eq!(changed[&variable], "changed", "{parameter}");
        }
    }
}

const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:xzepr/events-AbCdEf";
const IAM: [(&str, &str); 3] = [
    ("KafkaSecurityProtocol", "SASL_SSL"),
    ("KafkaSaslMechanism", "AWS_MSK_IAM"),
    (
        "KafkaClusterArn",
        "arn:aws:kafka:eu-central-1:123456789012:cluster/events/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-3",
    ),
];

/// Lambda measures the variables as JSON, with the names of the empty ones:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
#[test]
fn routes_of_the_documented_length_fit_beside_the_other_variables() {
    let routes =
        r#"{"name": "failed-builds", "topic": "{environment}.failed", "when": {"type": "build.*"}},"#;
    let routes = &routes.repeat(20)[..1500];
    let brokers = ["b-1.events.abcdef.c3.kafka.eu-central-1.amazonaws.com:9098"; 3].join(",");
    let parameters = [
        ("KafkaBrokers", brokers.as_str()),
        ("Routes", routes),
        ("Environment", "production"),
        ("KafkaTopics", "production.*"),
        ("PublicBaseUrl", "https://events.example.com"),
        ("SchemaRegistryUrl", "https://registry.example.com"),
        ("SchemaRegistrySecretArn", SECRET),
    ];
    let stack = Stack::new(&[&IAM[..], &parameters].concat());
    for function in KAFKA_FUNCTIONS {
        let size = serde_json::to_string(&stack.environment(function)).unwrap().len();
        assert!(size <= 4096, "{function} has variables of {size} bytes");
    }
}

#[test]
fn a_topic_that_the_publisher_creates_has_the_replication_of_the_cluster() {
    let stack = Stack::new(&[]);
    for function in KAFKA_FUNCTIONS {
        let environment = stack.environment(function);
        assert_eq!(environment["XZEPR_KAFKA_DEFAULT_TOPIC_REPLICATION_FACTOR"], "-1", "{function}");
    }
}

#[test]
fn the_level_of_the_log_and_the_traces_are_parameters() {
    let globals = &TEMPLATE["Globals"]["Function"];
    assert_eq!(globals["LoggingConfig"]["ApplicationLogLevel"], json!({"Ref": "LogLevel"}));
    assert_eq!(globals["LoggingConfig"]["LogFormat"], "JSON");
    // Above INFO, Lambda would drop the lines with metrics. At TRACE, the runtime logs payloads and tokens.
    assert_eq!(TEMPLATE["Parameters"]["LogLevel"]["AllowedValues"], json!(["DEBUG", "INFO"]));
    assert_eq!(globals["Tracing"], json!({"Ref": "Tracing"}));
}

#[test]
fn no_concurrency_is_reserved_unless_a_parameter_says_so() {
    let (without, with) = (
        Stack::new(&[]),
        Stack::new(&[
            ("PublishEventsReservedConcurrency", "5"),
            ("CreateFunctionsReservedConcurrency", "40"),
        ]),
    );
    let reserved = |stack: &Stack, function: &str| {
        stack.resources("AWS::Serverless::Function")[function]["ReservedConcurrentExecutions"].clone()
    };
    for function in without.functions() {
        assert_eq!(reserved(&without, function), Value::Null, "{function}");
        let expected = match function {
            "PublishEvents" => json!("5"),
            "CreateEvent" | "CreateEventReceiver" | "CreateEventReceiverGroup" => json!("40"),
            _ => Value::Null,
        };
        assert_eq!(reserved(&with, function), expected, "{function}");
    }
}
