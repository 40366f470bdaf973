//! The roles of the functions: each has its own, with the rights that it uses and no other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::stack::{KAFKA_FUNCTIONS, Parameters, Stack, TEMPLATE};

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

/// A partition key of each kind of items, and one that no item has.
const KEYS: [&str; 12] = [
    "EVENT#2026-11-28#Z",
    "RECEIVER#01HJ1K2M3N4P5Q6R7S8T9V0W1Z",
    "IDENTITY#0f1e",
    "GROUP#01HJ1K2M3N4P5Q6R7S8T9V0W1Z",
    "IDEMPOTENCY#0f1e#key",
    "REPLAY#01HJ1K2M3N4P5Q6R7S8T9V0W1Z",
    "RUNNING-REPLAYS",
    "LIST#RECEIVER",
    "LIST#GROUP",
    "ARTIFACT#0f1e",
    "WARM-UP",
    "OTHER",
];

/// A function, an action, and the kinds of items that it uses the action on: the code of `xzepr_store`.
const ITEMS: [(&str, &str, &[&str]); 39] = [
    ("CreateEvent", "GetItem", &["RECEIVER", "IDEMPOTENCY", "WARM-UP"]),
    ("CreateEvent", "PutItem", &["EVENT", "IDEMPOTENCY"]),
    ("CreateEvent", "UpdateItem", &["ARTIFACT"]),
    ("CreateEventReceiver", "GetItem", &["IDENTITY", "IDEMPOTENCY", "WARM-UP"]),
    ("CreateEventReceiver", "PutItem", &["RECEIVER", "IDENTITY", "LIST#RECEIVER", "EVENT", "IDEMPOTENCY"]),
    ("CreateEventReceiverGroup", "BatchGetItem", &["RECEIVER"]),
    ("CreateEventReceiverGroup", "GetItem", &["IDEMPOTENCY", "WARM-UP"]),
    ("CreateEventReceiverGroup", "PutItem", &["GROUP", "RECEIVER", "LIST#GROUP", "EVENT", "IDEMPOTENCY"]),
    ("ModifyEventReceiverGroup", "GetItem", &["GROUP", "WARM-UP"]),
    ("ModifyEventReceiverGroup", "UpdateItem", &["GROUP"]),
    ("ModifyEventReceiverGroup", "PutItem", &["EVENT", "LIST#GROUP"]),
    ("QueryRegistry", "BatchGetItem", READ_BY_QUERIES),
    (
        "QueryRegistry",
        "GetItem",
        &["EVENT", "RECEIVER", "GROUP", "LIST#RECEIVER", "LIST#GROUP", "ARTIFACT", "WARM-UP"],
    ),
    ("QueryRegistry", "Query", READ_BY_QUERIES),
    ("ManageReplays", "GetItem", &["REPLAY", "RUNNING-REPLAYS", "WARM-UP"]),
    ("ManageReplays", "PutItem", &["REPLAY", "RUNNING-REPLAYS"]),
    ("PublishEvents", "BatchGetItem", &["RECEIVER"]),
    ("IndexEvents", "BatchGetItem", &["GROUP"]),
    ("IndexEvents", "ConditionCheckItem", &["GROUP", "ARTIFACT"]),
    ("IndexEvents", "GetItem", &["RECEIVER", "GROUP", "ARTIFACT"]),
    ("IndexEvents", "PutItem", &["ARTIFACT", "EVENT", "LIST#RECEIVER", "LIST#GROUP"]),
    ("IndexEvents", "Query", &["RECEIVER"]),
    ("IndexEvents", "UpdateItem", &["ARTIFACT"]),
    ("RedriveDeadLetters", "BatchGetItem", &["RECEIVER"]),
    ("RedriveDeadLetters", "GetItem", &["EVENT"]),
    // A replay publishes or indexes.
    ("ReplayEvents", "BatchGetItem", &["RECEIVER", "GROUP"]),
    ("ReplayEvents", "ConditionCheckItem", &["GROUP", "ARTIFACT"]),
    ("ReplayEvents", "Query", &["EVENT", "RECEIVER"]),
    ("ReplayEvents", "GetItem", &["REPLAY", "RUNNING-REPLAYS", "RECEIVER", "GROUP", "ARTIFACT"]),
    (
        "ReplayEvents",
        "PutItem",
        &["REPLAY", "RUNNING-REPLAYS", "ARTIFACT", "EVENT", "LIST#RECEIVER", "LIST#GROUP"],
    ),
    ("ReplayEvents", "UpdateItem", &["REPLAY", "ARTIFACT"]),
    ("ResumeReplays", "GetItem", &["REPLAY", "RUNNING-REPLAYS"]),
    ("ReplayUnpublished", "GetItem", &["REPLAY", "RUNNING-REPLAYS"]),
    ("ReplayUnpublished", "PutItem", &["REPLAY", "RUNNING-REPLAYS"]),
    ("ReconcileEvents", "Query", &["EVENT"]),
    ("ReconcileEvents", "BatchGetItem", &["RECEIVER"]),
    // The health of the registry.
    ("DescribeApi", "GetItem", &["WARM-UP"]),
    ("RefuseUnknownPath", "GetItem", &[]),
    ("RefuseUnknownPath", "PutItem", &[]),
];

const READ_BY_QUERIES: &[&str] = &["EVENT", "RECEIVER", "GROUP", "LIST#RECEIVER", "LIST#GROUP", "ARTIFACT"];

/// The kind of items with a partition key. There is one list of receivers and one of groups.
fn kind(key: &str) -> &str {
    match key.split_once('#') {
        Some((kind, _)) if kind != "LIST" => kind,
        _ => key,
    }
}

/// All actions on items.
const ACTIONS: [&str; 10] = [
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheckItem",
    "DeleteItem",
    "GetItem",
    "PartiQLSelect",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
];

#[test]
fn a_function_reads_and_writes_the_kinds_of_items_that_it_uses_and_no_others() {
    let stack = Stack::new(&[("Format", "epr")]);
    for function in stack.functions() {
        for action in ACTIONS {
            let used = ITEMS.iter().find(|(name, of, _)| *name == function && *of == action);
            for key in KEYS {
                let uses = used.is_some_and(|(_, _, kinds)| kinds.contains(&kind(key)));
                let allows = stack.allows_key(function, &format!("dynamodb:{action}"), "<Table.Arn>", key);
                assert_eq!(allows, uses, "{function} {action} {key}");
            }
        }
    }
}

#[test]
fn dead_letters_belong_to_the_functions_that_publish_and_compare() {
    let stack = Stack::new(&[]);
    for function in stack.functions() {
        let used: &[&str] = match function {
            "PublishEvents" | "ReplayEvents" => &["UpdateItem"],
            "RedriveDeadLetters" => &["DeleteItem", "GetItem", "Scan", "UpdateItem"],
            "ReconcileEvents" => &["Scan"],
            _ => &[],
        };
        for action in ACTIONS {
            let allows = stack.allows(function, &format!("dynamodb:{action}"), "<DeadLettersTable.Arn>");
            assert_eq!(allows, used.contains(&action), "{function} {action}");
        }
    }
}

#[test]
fn the_functions_that_index_alone_write_to_the_index_table() {
    let stack = Stack::new(&[]);
    for function in stack.functions() {
        let used: &[&str] = match function {
            "IndexEvents" | "ReplayEvents" => {
                &["BatchGetItem", "BatchWriteItem", "GetItem", "PutItem", "Query", "UpdateItem"]
            }
            "QueryRegistry" => &["BatchGetItem", "GetItem", "Query"],
            _ => &[],
        };
        for action in ACTIONS {
            let allows = stack.allows(function, &format!("dynamodb:{action}"), "<IndexTable.Arn>");
            assert_eq!(allows, used.contains(&action), "{function} {action}");
        }
        let name = stack.environment(function).remove("XZEPR_INDEX_TABLE_NAME");
        assert_eq!(name.as_deref(), (!used.is_empty()).then_some("<IndexTable>"), "{function}");
    }
}

#[test]
fn a_function_uses_its_own_stream_queue_and_functions_alone() {
    let stack = Stack::new(&[("QueueKmsKeyArn", KEY)]);
    let read = [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ];
    let receive = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    for function in stack.functions() {
        let is = |names: &[&str]| names.contains(&function);
        for (resource, actions, uses) in [
            ("<Table.StreamArn>", &read[..], is(&["PublishEvents", "IndexEvents"])),
            ("<UnpublishedQueue.Arn>", &["sqs:SendMessage"], is(&["PublishEvents", "IndexEvents"])),
            ("<UnpublishedQueue.Arn>", &receive, is(&["ReplayUnpublished"])),
            (KEY, &["kms:GenerateDataKey"], is(&["PublishEvents", "IndexEvents"])),
            (KEY, &["kms:Decrypt"], is(&["PublishEvents", "IndexEvents", "ReplayUnpublished"])),
            (
                "<ReplayEvents.Arn>",
                &["lambda:InvokeFunction"],
                is(&["ManageReplays", "ReplayUnpublished", "ResumeReplays"]),
            ),
            ("<FunctionLogs.Arn>", &["logs:CreateLogStream", "logs:PutLogEvents"], true),
        ] {
            for action in actions {
                assert_eq!(stack.allows(function, action, resource), uses, "{function} {action}");
            }
        }
    }
}

#[test]
fn no_role_has_a_wildcard_but_where_the_service_knows_no_resources() {
    let stack = Stack::new(&[("Tracing", "Active"), ("SubnetIds", "subnet-1"), ("SecurityGroupIds", "sg-1")]);
    for function in stack.functions() {
        for statement in stack.statements(function) {
            let actions = texts(&statement["Action"]);
            assert!(actions.iter().all(|action| !action.contains('*')), "{function}: {statement}");
            let is_open = texts(&statement["Resource"]).iter().any(|resource| resource.contains('*'));
            let may_be =
                actions.iter().all(|action| action.starts_with("ec2:") || action.starts_with("xray:"));
            assert!(!is_open || may_be, "{function}: {statement}");
        }
    }
}

#[test]
fn network_interfaces_belong_to_the_functions_in_a_vpc_alone() {
    let vpc = Stack::new(&[("SubnetIds", "subnet-1"), ("SecurityGroupIds", "sg-1")]);
    for function in vpc.functions() {
        let uses_kafka = KAFKA_FUNCTIONS.contains(&function);
        assert_eq!(vpc.allows(function, "ec2:CreateNetworkInterface", "any"), uses_kafka, "{function}");
        assert!(!Stack::new(&[]).allows(function, "ec2:CreateNetworkInterface", "any"), "{function}");
    }
}

#[test]
fn traces_are_written_only_if_they_are_active() {
    for (mode, is_active) in [("Active", true), ("PassThrough", false)] {
        let stack = Stack::new(&[("Tracing", mode)]);
        for function in stack.functions() {
            assert_eq!(stack.allows(function, "xray:PutTraceSegments", "any"), is_active, "{function}");
        }
    }
}

#[test]
fn the_functions_that_use_a_table_use_its_key_through_dynamodb() {
    let (with, without) = (Stack::new(&[("TableKmsKeyArn", KEY)]), Stack::new(&[]));
    for function in with.functions() {
        let statements = with.statements(function);
        let statement = statements.iter().find(|statement| statement["Resource"] == KEY);
        assert_eq!(statement.is_some(), function != "RefuseUnknownPath", "{function}");
        if let Some(statement) = statement {
            let via = &statement["Condition"]["StringEquals"]["kms:ViaService"];
            assert_eq!(via, "dynamodb.<AWS::Region>.<AWS::URLSuffix>");
        }
        assert!(!without.allows(function, "kms:Decrypt", KEY), "{function}");
    }
}

#[test]
fn each_function_has_a_role_of_its_own() {
    let stack = Stack::new(&[]);
    let functions = stack.resources("AWS::Serverless::Function");
    let roles: BTreeSet<_> = functions.values().map(|function| function["Role"].to_string()).collect();
    assert_eq!(roles.len(), functions.len());
    for (name, function) in functions {
        assert_eq!(function["Role"], format!("<{name}Role.Arn>"));
        assert_eq!(function["Policies"], Value::Null, "{name}");
    }
}

#[test]
fn every_role_has_the_permissions_boundary() {
    let boundary = "arn:aws:iam::123456789012:policy/boundaries/applications";
    let given: Parameters<'_> = &[("PermissionsBoundaryArn", boundary)];
    assert_eq!(Stack::new(given).refusals(), [""; 0]);
    for (parameters, expected) in [(given, json!(boundary)), (&[], Value::Null)] {
        let stack = Stack::new(parameters);
        let roles = stack.resources("AWS::IAM::Role");
        assert!(roles.len() >= stack.functions().len());
        for (name, role) in roles {
            assert_eq!(role["PermissionsBoundary"], expected, "{name}");
        }
    }
}

#[test]
fn no_role_has_a_managed_policy_of_aws() {
    for (name, resource) in TEMPLATE["Resources"].as_object().unwrap() {
        let text = resource.to_string();
        assert!(!text.contains(":iam::aws:") && !text.contains("service-role/"), "{name}");
    }
}

/// A text or a list of texts.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect(),
        text => vec![text.as_str().unwrap()],
    }
}
