//! The walk through the parameters, gradual deployments, and the commands that the outputs print.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use super::stack::{Parameters, Stack, TEMPLATE};
use crate::workspace;

const GRADUAL: Parameters<'_> = &[("GradualDeployment", "Canary10Percent5Minutes"), ("Release", "abc-7")];

/// The functions that callers and the stream wait for. ReplayEvents is invoked by its name, and the others by the clock.
const GRADUALLY: [&str; 9] = [
    "CreateEvent",
    "CreateEventReceiver",
    "CreateEventReceiverGroup",
    "DescribeApi",
    "IndexEvents",
    "ManageReplays",
    "ModifyEventReceiverGroup",
    "PublishEvents",
    "QueryRegistry",
];

/// The names of the parameters, in the order of the template, which is the order in which SAM asks for them.
fn parameters() -> Vec<String> {
    let text = fs::read_to_string(workspace::root().join("template.yaml")).unwrap();
    let lines = text.lines().skip_while(|line| *line != "Parameters:").skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    names.filter(|name| !name.starts_with([' ', '#'])).map(str::to_owned).collect()
}

#[test]
fn the_console_and_sam_ask_for_the_parameters_in_one_order() {
    let interface = &TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"];
    let groups = interface["ParameterGroups"].as_array().unwrap();
    let grouped: Vec<_> = groups.iter().flat_map(|group| group["Parameters"].as_array().unwrap()).collect();
    let parameters = parameters();
    assert_eq!(
        grouped,
        parameters.iter().map(|name| json!(name)).collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
    let labels: BTreeSet<_> = interface["ParameterLabels"].as_object().unwrap().keys().collect();
    assert_eq!(labels, parameters.iter().collect());
}

#[test]
fn the_brokers_are_the_first_question_and_the_only_one_without_an_answer() {
    let open = TEMPLATE["Parameters"].as_object().unwrap().iter();
    let open: Vec<_> = open.filter(|(_, parameter)| parameter["Default"].is_null()).collect();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].0.as_str(), parameters()[0].as_str()), ("KafkaBrokers", "KafkaBrokers"));
}

#[test]
fn callers_and_the_stream_reach_the_alias_only_in_a_gradual_deployment() {
    for (parameters, is_gradual) in [(GRADUAL, true), (&[("Release", "abc-7")], false)] {
        let stack = Stack::new(parameters);
        assert_eq!(stack.refusals(), [""; 0]);
        let invoked = |kind: &str, property: &str| -> Vec<String> {
            let resources = stack.resources(kind);
            resources.into_values().map(|properties| properties[property].as_str().unwrap().into()).collect()
        };
        let integrations = invoked("AWS::ApiGatewayV2::Integration", "IntegrationUri");
        let permissions = invoked("AWS::Lambda::Permission", "FunctionName");
        let mappings = invoked("AWS::Lambda::EventSourceMapping", "FunctionName");
        for function in GRADUALLY {
            let (used, unused) = if is_gradual { ("Alias", "Arn") } else { ("Arn", "Alias") };
            let (used, unused) = (format!("<{function}.{used}>"), format!("<{function}.{unused}>"));
            let all = [&integrations[..], &permissions, &mappings].concat();
            let uses = all.iter().filter(|text| **text == used).count();
            let expected = if ["PublishEvents", "IndexEvents"].contains(&function) { 1 } else { 2 };
            assert!(uses >= expected, "{function}: {uses}");
            assert!(!all.contains(&unused), "{function}");
        }
    }
}

#[test]
fn a_gradual_deployment_moves_the_aliases_with_a_role_of_the_stack() {
    let (stack, at_once) = (Stack::new(GRADUAL), Stack::new(&[]));
    let functions = stack.resources("AWS::Serverless::Function");
    for (name, function) in &functions {
        let preference = &function["DeploymentPreference"];
        if !GRADUALLY.contains(name) {
            assert_eq!((preference, &function["AutoPublishAlias"]), (&Value::Null, &Value::Null), "{name}");
            continue;
        }
        assert_eq!(function["AutoPublishAlias"], "live", "{name}");
        assert_eq!(function["VersionDescription"], "abc-7", "{name}");
        // Lambda publishes a version only of a function that has changed.
        assert!(function["Description"].as_str().unwrap().ends_with("abc-7"), "{name}");
        assert_eq!(preference["Enabled"], "Canary10Percent5Minutes", "{name}");
        assert_eq!(preference["Type"], "Canary10Percent5Minutes", "{name}");
        assert_eq!(preference["Role"], "<DeploymentRole.Arn>", "{name}");
        let alarms = preference["Alarms"].as_array();
        for alarm in alarms.unwrap_or_else(|| panic!("no alarm takes {name} back")) {
            let alarm = alarm.as_str().unwrap().trim_matches(['<', '>']);
            assert!(stack.resources("AWS::CloudWatch::Alarm").contains_key(alarm), "{name}: {alarm}");
        }
        // SAM reads an empty text as false.
        assert_eq!(
            at_once.resources("AWS::Serverless::Function")[name]["DeploymentPreference"]["Enabled"],
            ""
        );
    }
    let statement =
        &stack.resources("AWS::IAM::Role")["DeploymentRole"]["Policies"][0]["PolicyDocument"]["Statement"][0];
    for function in GRADUALLY {
        let arn = json!(format!("<{function}.Arn>:*"));
        assert!(statement["Resource"].as_array().unwrap().contains(&arn), "{function}");
    }
    assert!(!at_once.resources("AWS::IAM::Role").contains_key("DeploymentRole"));
}

#[test]
fn the_command_of_the_first_event_logs_in_as_the_api_requires() {
    let jwt = [("AuthorizationType", "JWT"), ("JwtIssuer", "https://login"), ("JwtAudience", "xzepr")];
    for (parameters, login) in [
        (&[][..], "--aws-sigv4 aws:amz:<AWS::Region>:execute-api --user"),
        (&jwt, "-H \"authorization: Bearer $TOKEN\""),
        (&[("AuthorizationType", "NONE")], "curl -sS  -H"),
    ] {
        let command = Stack::new(parameters).output("FirstEventCommand");
        assert!(command.contains(login), "{command}");
        assert!(command.contains("\"<Api.ApiEndpoint>/api/v1/$1\""), "{command}");
        assert_eq!(command.contains("sigv4"), parameters.is_empty(), "{command}");
    }
}

#[test]
fn the_command_of_the_topic_logs_in_as_the_functions_do() {
    let topic = ("KafkaDefaultTopic", "prod.events");
    let sasl = |mechanism| [topic, ("KafkaSecurityProtocol", "SASL_SSL"), ("KafkaSaslMechanism", mechanism)];
    let command = |parameters: Parameters<'_>| Stack::new(parameters).output("TopicCommand");
    let plaintext = command(&[topic]);
    assert!(plaintext.starts_with("kcat -b broker:9092 -t prod.events -C -o beginning -e"), "{plaintext}");
    assert!(plaintext.contains("security.protocol=PLAINTEXT") && !plaintext.contains("sasl"), "{plaintext}");
    let password = command(&sasl("SCRAM-SHA-512"));
    assert!(
        password.contains("sasl.mechanism=SCRAM-SHA-512 -X sasl.username=\"$KAFKA_USERNAME\""),
        "{password}"
    );
    let token =
        command(&[&sasl("OAUTHBEARER")[..], &[("KafkaOauthTokenEndpoint", "https://idp/t")]].concat());
    assert!(token.contains("sasl.oauthbearer.token.endpoint.url=https://idp/t"), "{token}");
    let cluster = "arn:aws:kafka:eu-central-1:123456789012:cluster/events/0f1e2d3c-3";
    let iam = command(&[&sasl("AWS_MSK_IAM")[..], &[("KafkaClusterArn", cluster)]].concat());
    assert!(
        iam.starts_with("kafka-console-consumer.sh --bootstrap-server broker:9092 --topic prod.events"),
        "{iam}"
    );
    assert!(iam.contains("software.amazon.msk.auth.iam.IAMLoginModule"), "{iam}");
}

#[test]
fn the_command_of_the_stack_policy_names_the_file_of_the_repository() {
    let command = Stack::new(&[]).output("StackPolicyCommand");
    let (_, file) = command.split_once("--stack-policy-body file://").unwrap();
    assert!(workspace::root().join(file).is_file(), "{command}");
}
