"""The sets of parameters that the tests deploy."""

from functools import cache

from deployment.stack import Stack

CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/events/8a6d0c2e-5d53-4a3d-9a4c-2f1f0d6f7c11-3"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1d2b4f6a-0c3e-4b58-9f35-6a7c8d9e0f11"
ALARM_TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:xzepr-settings:3"

DEFAULT = {"KafkaBrokers": "broker-1:9092,broker-2:9092"}
MSK_IAM_VPC = {
    "KafkaBrokers": "b-1.events.kafka.us-east-1.amazonaws.com:9098,b-2.events.kafka.us-east-1.amazonaws.com:9098",
    "KafkaSecurityProtocol": "SASL_SSL",
    "KafkaSaslMechanism": "AWS_MSK_IAM",
    "KafkaClusterArn": CLUSTER,
    "KafkaTopics": "prod.*,audit",
    "KafkaDefaultTopic": "prod.events",
    "SubnetIds": "subnet-0a1b2c3d,subnet-4e5f6a7b",
    "SecurityGroupIds": "sg-0c9d8e7f",
    "LayerArn": LAYER,
    "ConfigFile": "/opt/xzepr.yaml",
}
JWT = {
    **DEFAULT,
    "AuthorizationType": "JWT",
    "JwtIssuer": "https://issuer.example.com/",
    "JwtAudience": "xzepr,other",
}
# The choices of an operator that are off by default.
GUARDED = {
    **DEFAULT,
    "AuthorizationType": "NONE",
    "PermissionsBoundaryArn": BOUNDARY,
    "TableKmsKeyArn": KEY,
    "QueueKmsKeyArn": KEY,
    "LogsKmsKeyArn": KEY,
    "TableMaxReadRequestUnits": 100,
    "TableMaxWriteRequestUnits": 200,
    "DeletionProtection": "false",
    "PublishEventsReservedConcurrency": 20,
    "CreateFunctionsReservedConcurrency": 30,
    "Tracing": "Active",
    "LogLevel": "DEBUG",
    "LogRetentionDays": 90,
    "AlarmTopicArn": ALARM_TOPIC,
    "AlarmEmail": "operators@example.com",
    "RunbookUrl": "https://wiki.example.com/xzepr/operations",
}

SETS = {"default": DEFAULT, "msk": MSK_IAM_VPC, "jwt": JWT, "guarded": GUARDED}


# The emulator has no aliases, so this set is translated alone.
GRADUAL = {**DEFAULT, "GradualDeployment": "Canary10Percent5Minutes", "Release": "v2"}


@cache
def deployed(name):
    """The stack of a set, deployed once for all tests."""
    return Stack(f"xzepr-{name}", SETS[name])
