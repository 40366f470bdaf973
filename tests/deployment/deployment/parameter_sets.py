"""The sets of parameters that the tests deploy. The deployment chapter has the first two as environments."""

from functools import cache

from deployment.stack import Stack

CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/events/8a6d0c2e-5d53-4a3d-9a4c-2f1f0d6f7c11-3"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:xzepr-settings:3"

DEFAULT = {"KafkaBrokers": "broker-1:9092,broker-2:9092"}
MSK_IAM_VPC = {
    "KafkaBrokers": "b-1.events.kafka.us-east-1.amazonaws.com:9098,b-2.events.kafka.us-east-1.amazonaws.com:9098",
    "KafkaSecurityProtocol": "SASL_SSL",
    "KafkaSaslMechanism": "AWS_MSK_IAM",
    "KafkaClusterArn": CLUSTER,
    "KafkaTopics": "prod.*,audit",
    "KafkaDefaultTopic": "prod.events",
    "SubnetIds": "subnet-1,subnet-2",
    "SecurityGroupIds": "sg-1",
    "LayerArn": LAYER,
    "ConfigFile": "/opt/xzepr.yaml",
}
JWT = {
    **DEFAULT,
    "AuthorizationType": "JWT",
    "JwtIssuer": "https://issuer.example.com/",
    "JwtAudience": "xzepr,other",
}

SETS = {"default": DEFAULT, "msk": MSK_IAM_VPC, "jwt": JWT}


@cache
def deployed(name):
    """The stack of a set, deployed once for all tests."""
    return Stack(f"xzepr-{name}", SETS[name])
