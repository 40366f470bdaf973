//! The tables, the queue and the logs of the template: names, adoption, protection, encryption, limits.

use std::fs;

use serde_json::{Value, json};

use super::stack::{Parameters, Stack, TEMPLATE};
use crate::workspace;

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const STREAM: &str =
    "arn:aws:dynamodb:eu-central-1:123456789012:table/registry/stream/2026-11-28T19:39:31.123";
const ADOPTED: [(&str, &str); 4] = [
    ("TableName", "registry"),
    ("ExistingTableStreamArn", STREAM),
    ("DeadLettersTableName", "letters"),
    ("ExistingDeadLettersTable", "true"),
];

/// The tables that cannot be made again from others.
const TABLES: [&str; 2] = ["Table", "DeadLettersTable"];

fn tables(parameters: Parameters<'_>) -> Vec<Value> {
    let stack = Stack::new(parameters);
    let mut tables = stack.resources("AWS::DynamoDB::Table");
    let found = TABLES.map(|name| tables.remove(name).unwrap()).into();
    assert_eq!(tables.into_keys().collect::<Vec<_>>(), ["IndexTable"]);
    found
}

fn index_table(parameters: Parameters<'_>) -> Value {
    Stack::new(parameters).resources("AWS::DynamoDB::Table")["IndexTable"].clone()
}

/// Two stacks in one account and region must not meet, and a creation must not find the remains of an earlier one.
#[test]
fn no_resource_has_a_name_that_two_stacks_share() {
    let stack = Stack::new(&[]);
    for (resource, definition) in TEMPLATE["Resources"].as_object().unwrap() {
        let kind = definition["Type"].as_str().unwrap();
        let resources = stack.resources(kind);
        let Some(properties) = resources.get(resource.as_str()) else { continue };
        for name in [
            "Name",
            "TableName",
            "QueueName",
            "FunctionName",
            "RoleName",
            "ManagedPolicyName",
            "AlarmName",
            "DashboardName",
            "TopicName",
            "LogGroupName",
        ] {
            // A value in angle brackets is the stack's own, and so is an authorizer in its API.
            let is_shared = properties[name]
                .as_str()
                .is_some_and(|name| !name.contains('<') && kind != "AWS::ApiGatewayV2::Authorizer");
            assert!(!is_shared, "{resource} has the {name} {}", properties[name]);
        }
    }
}

#[test]
fn a_table_outlives_the_stack_and_is_removed_only_when_its_creation_is_rolled_back() {
    for table in TABLES {
        let resource = &TEMPLATE["Resources"][table];
        assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{table}");
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{table}");
    }
}

/// A replay fills an empty one, so nothing keeps an operator from a new one.
#[test]
fn the_index_table_goes_with_the_stack_or_with_its_name_and_has_no_stream() {
    let resource = &TEMPLATE["Resources"]["IndexTable"];
    assert_eq!(
        (&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]),
        (&json!("Delete"), &json!("Delete"))
    );
    for parameters in [&[][..], &ADOPTED] {
        let table = index_table(parameters);
        assert_eq!(table["DeletionProtectionEnabled"], false);
        for absent in ["StreamSpecification", "TimeToLiveSpecification", "PointInTimeRecoverySpecification"] {
            assert_eq!(table[absent], Value::Null, "{absent}");
        }
        assert_eq!(table["KeySchema"], tables(&[])[0]["KeySchema"]);
    }
    assert_eq!(index_table(&[("IndexTableName", "index")])["TableName"], "index");
    assert_eq!(Stack::new(&[("IndexTableName", "index")]).output("IndexTableName"), "index");
}

#[test]
fn both_tables_have_backups_and_the_chosen_protection() {
    for table in tables(&[]) {
        assert_eq!(table["DeletionProtectionEnabled"], "true");
        assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
        assert_eq!(table["SSESpecification"], Value::Null);
        assert_eq!(table["OnDemandThroughput"], Value::Null);
    }
    for table in tables(&[("DeletionProtection", "false")]) {
        assert_eq!(table["DeletionProtectionEnabled"], "false");
    }
}

#[test]
fn a_table_has_its_parameters_name_or_a_generated_one() {
    for table in tables(&[]) {
        assert_eq!(table["TableName"], Value::Null);
    }
    let tables = tables(&[("TableName", "registry"), ("DeadLettersTableName", "letters")]);
    assert_eq!((&tables[0]["TableName"], &tables[1]["TableName"]), (&json!("registry"), &json!("letters")));
    assert_eq!(index_table(&[])["TableName"], Value::Null);
}

#[test]
fn the_functions_use_the_tables_of_the_stack() {
    let stack = Stack::new(&[]);
    for function in stack.functions() {
        let environment = stack.environment(function);
        assert_eq!(environment["XZEPR_TABLE_NAME"], "<Table>", "{function}");
        assert_eq!(environment["XZEPR_DEAD_LETTERS_TABLE_NAME"], "<DeadLettersTable>", "{function}");
    }
    assert_eq!(streams(&stack), ["<Table.StreamArn>"; 2]);
    assert_eq!(stack.output("TableName"), "<Table>");
}

#[test]
fn an_adopted_table_takes_the_place_of_the_stacks_own_everywhere() {
    let stack = Stack::new(&ADOPTED);
    assert_eq!(stack.refusals(), [""; 0]);
    assert_eq!(stack.resources("AWS::DynamoDB::Table").into_keys().collect::<Vec<_>>(), ["IndexTable"]);
    for function in stack.functions() {
        let environment = stack.environment(function);
        assert_eq!(environment["XZEPR_TABLE_NAME"], "registry", "{function}");
        assert_eq!(environment["XZEPR_DEAD_LETTERS_TABLE_NAME"], "letters", "{function}");
        let statements = serde_json::to_string(&stack.statements(function)).unwrap();
        assert!(!statements.contains("<Table."), "{function}: {statements}");
        assert!(!statements.contains("<DeadLettersTable."), "{function}: {statements}");
    }
    assert!(stack.allows("CreateEvent", "dynamodb:PutItem", STREAM.split_once("/stream/").unwrap().0));
    for reader in ["PublishEvents", "IndexEvents"] {
        assert!(stack.allows(reader, "dynamodb:GetRecords", STREAM), "{reader}");
    }
    for alarm in stack.resources("AWS::CloudWatch::Alarm").into_values() {
        let alarm = alarm.to_string();
        assert!(!alarm.contains("<Table>") && !alarm.contains("<DeadLettersTable>"), "{alarm}");
    }
    assert_eq!(stack.output("TableName"), "registry");
    assert_eq!(stack.output("DeadLettersTableName"), "letters");
}

/// There is no stream of one table with the label of another one's, so the deployment ends with the mapping's error.
#[test]
fn the_stream_of_another_table_is_no_stream_of_the_adopted_one() {
    let stack = Stack::new(&[&ADOPTED[..], &[("TableName", "other")]].concat());
    for stream in streams(&stack) {
        assert!(stream.ends_with(":table/other/stream/2026-11-28T19:39:31.123"), "{stream}");
    }
}

/// The streams that are read: the same by both functions.
fn streams(stack: &Stack) -> Vec<String> {
    let mappings = stack.resources("AWS::Lambda::EventSourceMapping");
    let streams = ["PublishEventsStream", "IndexEventsStream"].map(|name| &mappings[name]["EventSourceArn"]);
    assert_eq!(mappings.len(), streams.len());
    streams.map(|stream| stream.as_str().unwrap().to_owned()).into()
}

#[test]
fn keys_of_the_account_encrypt_the_tables_the_queue_and_the_logs() {
    let keys = [("TableKmsKeyArn", KEY), ("QueueKmsKeyArn", KEY), ("LogsKmsKeyArn", KEY)];
    for table in tables(&keys).into_iter().chain([index_table(&keys)]) {
        let expected = json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": KEY});
        assert_eq!(table["SSESpecification"], expected);
    }
    for (stack, key) in [(Stack::new(&keys), json!(KEY)), (Stack::new(&[]), Value::Null)] {
        for group in stack.resources("AWS::Logs::LogGroup").into_values() {
            assert_eq!(group["KmsKeyId"], key);
        }
        let queue = &stack.resources("AWS::SQS::Queue")["UnpublishedQueue"];
        assert_eq!(queue["KmsMasterKeyId"], key);
        assert_eq!(queue["SqsManagedSseEnabled"].is_null(), !key.is_null());
    }
}

#[test]
fn the_cap_of_the_tables_throughput_has_the_parts_that_are_set() {
    let cap = |parameters: Parameters<'_>| {
        let cap = tables(parameters)[0]["OnDemandThroughput"].clone();
        assert_eq!(cap, index_table(parameters)["OnDemandThroughput"]);
        cap
    };
    let (reads, writes) = (("TableMaxReadRequestUnits", "500"), ("TableMaxWriteRequestUnits", "100"));
    assert_eq!(cap(&[reads]), json!({"MaxReadRequestUnits": "500"}));
    assert_eq!(cap(&[writes]), json!({"MaxWriteRequestUnits": "100"}));
    assert_eq!(cap(&[reads, writes]), json!({"MaxReadRequestUnits": "500", "MaxWriteRequestUnits": "100"}));
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html>
#[test]
fn the_stack_policy_allows_every_update_but_the_replacement_of_a_table() {
    let text = fs::read_to_string(workspace::root().join("stack-policy.json")).unwrap();
    let policy: Value = serde_json::from_str(&text).unwrap();
    let tables = TABLES.map(|table| format!("LogicalResourceId/{table}"));
    let expected = json!([
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "Update:Replace", "Principal": "*", "Resource": tables},
    ]);
    assert_eq!(policy["Statement"], expected);
}
