//! The roles of the functions: each has its own, with the rights that it uses and no other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::stack::{KAFKA_FUNCTIONS, Parameters, Stack, TEMPLATE};

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

/// A partition key of each kind of items, and one that no item has.
const KEYS: [&str; 9] = [
    "EVENT#2026-11-28#Z",
    "RECEIVER#01HJ1K2M3N4P5Q6R7S8T9V0W1Z",
    "IDENTITY#0f1e",
    "GROUP#01HJ1K2M3N4P5Q6R7S8T9V0W1Z",
    "IDEMPOTENCY#0f1e#key",
    "REPLAY#01HJ1K2M3N4P5Q6R7S8T9V0W1Z",
    "RUNNING-REPLAYS",
    "WARM-UP",
    "OTHER",
];

/// A function, an action, and the kinds of items that it uses the action on: the code of `xzepr_store`.
const ITEMS: [(&str, &str, &[&str]); 25] = [
    ("CreateEvent", "GetItem", &["RECEIVER", "IDEMPOTENCY", "WARM-UP"]),
    ("CreateEvent", "PutItem", &["EVENT", "IDEMPOTENCY"]),
    ("CreateEventReceiver", "GetItem", &["IDENTITY", "IDEMPOTENCY", "WARM-UP"]),
    ("CreateEventReceiver", "PutItem", &["RECEIVER", "IDENTITY", "EVENT", "IDEMPOTENCY"]),
    ("CreateEventReceiverGroup", "BatchGetItem", &["RECEIVER"]),
    ("CreateEventReceiverGroup", "GetItem", &["IDEMPOTENCY", "WARM-UP"]),
    ("CreateEventReceiverGroup", "PutItem", &["GROUP", "RECEIVER", "EVENT", "IDEMPOTENCY"]),
    ("ManageReplays", "GetItem", &["REPLAY", "RUNNING-REPLAYS", "WARM-UP"]),
    ("ManageReplays", "PutItem", &["REPLAY", "RUNNING-REPLAYS"]),
    ("PublishEvents", "BatchGetItem", &["RECEIVER"]),
    ("RedriveDeadLetters", "BatchGetItem", &["RECEIVER"]),
    ("RedriveDeadLetters", "GetItem", &["EVENT"]),
    ("ReplayEvents", "BatchGetItem", &["RECEIVER"]),
    ("ReplayEvents", "Query", &["EVENT"]),
    ("ReplayEvents", "GetItem", &["REPLAY", "RUNNING-REPLAYS"]),
    ("ReplayEvents", "PutItem", &["REPLAY", "RUNNING-REPLAYS"]),
    ("ReplayEvents", "UpdateItem", &["REPLAY"]),
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
                let kind = key.split_once('#').map_or(key, |(kind, _)| kind);
                let uses = used.is_some_and(|(_, _, kinds)| kinds.contains(&kind));
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
            ("<Table.StreamArn>", &read[..], is(&["PublishEvents"])),
            ("<UnpublishedQueue.Arn>", &["sqs:SendMessage"], is(&["PublishEvents"])),
            ("<UnpublishedQueue.Arn>", &receive, is(&["ReplayUnpublished"])),
            (KEY, &["kms:GenerateDataKey"], is(&["PublishEvents"])),
            (KEY, &["kms:Decrypt"], is(&["PublishEvents", "ReplayUnpublished"])),
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
