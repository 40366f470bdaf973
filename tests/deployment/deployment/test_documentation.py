"""The deployment chapter: its ready environments, and the rights of the deployer."""

import re
import tomllib
import unittest

from deployment.parameter_sets import SETS, deployed
from deployment.stack import Stack
from deployment.translate import ROOT, sam_template

CHAPTER = (ROOT / "docs/deploy.md").read_text()
# The second part of a kind and the name that IAM has for the service.
SERVICES = {
    "ApiGatewayV2": "apigateway",
    "CloudWatch": "cloudwatch",
    "CodeDeploy": "codedeploy",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "IAM": "iam",
    "Lambda": "lambda",
    "Logs": "logs",
    "SNS": "sns",
    "SQS": "sqs",
}


def environments():
    """The parameters of each environment of SAM in the chapter."""
    found = {}
    for block in re.findall(r"```toml\n(.*?)```", CHAPTER, re.DOTALL):
        for name, commands in tomllib.loads(block).items():
            if name != "version":
                overrides = commands["deploy"]["parameters"]["parameter_overrides"]
                found[name] = dict(override.split("=", 1) for override in overrides)
    return found


class Environments(unittest.TestCase):
    def test_the_chapter_has_three(self):
        self.assertEqual(set(environments()), {"msk", "confluent", "own"})

    def test_each_can_be_deployed(self):
        for name, parameters in environments().items():
            stack = Stack(f"documented-{name}", parameters)
            self.assertIn("PublishEvents", stack.physical)

    def test_each_value_matches_the_pattern_of_its_parameter(self):
        declared = sam_template()["Parameters"]
        for parameters in environments().values():
            for name, value in parameters.items():
                values = value.split(",") if declared[name]["Type"] == "CommaDelimitedList" else [value]
                for each in values:
                    self.assertRegex(each, f"^(?:{declared[name].get('AllowedPattern', '.*')})$", name)
                    self.assertIn(each, declared[name].get("AllowedValues", [each]), name)


class Rights(unittest.TestCase):
    def test_the_deployer_has_rights_on_each_service_of_the_template(self):
        section = CHAPTER.split("### Rights of the deployer")[1].split("\n#")[0]
        kinds = {resource["Type"] for name in SETS for resource in deployed(name).template["Resources"].values()}
        for kind in kinds:
            self.assertIn(f"`{SERVICES[kind.split('::')[1]]}:", section, kind)
