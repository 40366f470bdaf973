"""Gradual deployment in the translated template. The emulator has no aliases and no CodeDeploy."""

import json
import unittest
from functools import cache

from cfnlint.api import lint
from cfnlint.config import ManualArgs

from deployment.parameter_sets import DEFAULT, GRADUAL
from deployment.translate import translated

READERS = {"PublishEvents": "PublishingFailsAlarm", "IndexEvents": "IndexingFailsAlarm"}
SHIFTED = {"CreateEvent", "CreateEventReceiver", "CreateEventReceiverGroup", "DescribeApi", "ManageReplays",
           "ModifyEventReceiverGroup", "QueryRegistry", *READERS}


@cache
def resources(name):
    return translated({"gradual": GRADUAL, "default": DEFAULT}[name])["Resources"]


class Gradual(unittest.TestCase):
    def test_codedeploy_moves_the_alias_of_each_function_that_answers_callers_or_publishes(self):
        for function in SHIFTED:
            update = resources("gradual")[f"{function}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
            group = resources("gradual")[update["DeploymentGroupName"]["Ref"]]["Properties"]
            self.assertIn("Canary10Percent5Minutes", json.dumps(group["DeploymentConfigName"]), function)

    def test_an_alarm_takes_each_function_back(self):
        for function in SHIFTED:
            group = resources("gradual")[f"{function}DeploymentGroup"]["Properties"]
            alarms = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
            self.assertIn(READERS.get(function, "ApiFunctionsFailAlarm"), alarms)
            self.assertIn("DEPLOYMENT_STOP_ON_ALARM", group["AutoRollbackConfiguration"]["Events"])

    def test_callers_and_the_stream_reach_the_alias(self):
        gradual = resources("gradual")
        for reader in READERS:
            stream = gradual[f"{reader}Stream"]["Properties"]
            self.assertEqual(stream["FunctionName"], {"Ref": f"{reader}Aliaslive"})
        # Lambda knows the permissions of a function and of its alias apart.
        allowed = [resource["Properties"]["FunctionName"] for resource in gradual.values()
                   if resource["Type"] == "AWS::Lambda::Permission"
                   and resource["Properties"]["Principal"] == "apigateway.amazonaws.com"]
        for function in SHIFTED - set(READERS):
            uri = gradual[f"{function}Integration"]["Properties"]["IntegrationUri"]
            self.assertEqual(uri, {"Ref": f"{function}Aliaslive"})
            self.assertIn({"Ref": f"{function}Aliaslive"}, allowed)
            self.assertNotIn({"Fn::GetAtt": [function, "Arn"]}, allowed)

    def test_without_the_parameter_nothing_of_codedeploy_is_made(self):
        kinds = {resource["Type"] for resource in resources("default").values()}
        self.assertFalse([kind for kind in kinds if kind.startswith("AWS::CodeDeploy")])
        self.assertTrue([kind for resource in resources("gradual").values()
                         if (kind := resource["Type"]).startswith("AWS::CodeDeploy")])

    # Also finds a circle of dependencies, which an alarm on the event source mapping would close.
    def test_the_translated_template_matches_cloud_formations_schemas(self):
        template = translated(GRADUAL)
        for parameter, value in GRADUAL.items():
            template["Parameters"][parameter] = {"Type": template["Parameters"][parameter]["Type"], "Default": value}
        found = lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"], ignore_checks=["W2001"]))
        self.assertEqual([f"{match.rule.id} {match.path}: {match.message}" for match in found], [])
