"""Every resource of the template."""

import copy
import json
import unittest

from cfnlint.api import lint
from cfnlint.config import ManualArgs

from deployment import emulator
from deployment.parameter_sets import SETS, deployed


class Resources(unittest.TestCase):
    def test_every_resource_of_a_kind_that_the_emulator_knows_exists(self):
        for name in SETS:
            stack = deployed(name)
            for logical, resource in stack.template["Resources"].items():
                if emulator.knows(resource["Type"]):
                    self.assertIn(logical, stack.physical, name)

    def test_the_emulator_knows_the_kinds_that_hold_data_rights_and_code(self):
        kinds = {resource["Type"] for resource in deployed("guarded").template["Resources"].values()}
        unknown = {kind for kind in kinds if not emulator.knows(kind)}
        # Their properties are compared with CloudFormation's schemas below, and with the template in other tests.
        self.assertLessEqual(unknown, {
            "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration",
            "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage", "AWS::CloudWatch::Alarm",
            "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup", "AWS::Lambda::Alias",
            "AWS::Lambda::EventInvokeConfig", "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy",
        })

    def test_the_translated_template_of_each_set_matches_cloud_formations_schemas(self):
        # No set uses each parameter.
        settings = ManualArgs(regions=["us-east-1"], ignore_checks=["W2001"])
        for name, given in SETS.items():
            template = copy.deepcopy(deployed(name).template)
            for parameter, value in given.items():
                kind = template["Parameters"][parameter]["Type"]
                # Without the limits of the other values, such as 0 for no cap.
                template["Parameters"][parameter] = {"Type": kind, "Default": value}
            found = lint(json.dumps(template), config=settings)
            self.assertEqual([f"{match.rule.id} {match.path}: {match.message}" for match in found], [], name)

    def test_no_absent_value_is_left(self):
        for name in SETS:
            text = json.dumps(deployed(name).template)
            for word in ("Fn::If", "AWS::NoValue", "null"):
                self.assertNotIn(word, text, name)


class Queue(unittest.TestCase):
    def test_it_keeps_messages_for_14_days(self):
        stack = deployed("default")
        attributes = emulator.client("sqs").get_queue_attributes(
            QueueUrl=stack.physical["UnpublishedQueue"], AttributeNames=["All"])["Attributes"]
        self.assertEqual(attributes["MessageRetentionPeriod"], "1209600")
        self.assertEqual(attributes["VisibilityTimeout"], "120")
        self.assertEqual(attributes["SqsManagedSseEnabled"], "true")

    def test_a_key_replaces_the_key_of_sqs(self):
        stack = deployed("guarded")
        attributes = emulator.client("sqs").get_queue_attributes(
            QueueUrl=stack.physical["UnpublishedQueue"], AttributeNames=["All"])["Attributes"]
        self.assertEqual(attributes["KmsMasterKeyId"], stack.values["QueueKmsKeyArn"])


class Logs(unittest.TestCase):
    def test_each_group_has_the_retention_and_the_key_of_its_parameters(self):
        for name, days, key in (("default", 30, None), ("guarded", 90, "LogsKmsKeyArn")):
            stack = deployed(name)
            for group in stack.names_of("AWS::Logs::LogGroup"):
                (found,) = emulator.client("logs").describe_log_groups(
                    logGroupNamePrefix=stack.physical[group])["logGroups"]
                self.assertEqual(found["retentionInDays"], days)
                self.assertEqual(stack.properties(group).get("KmsKeyId"), key and stack.values[key])


class Schedules(unittest.TestCase):
    def test_each_schedule_invokes_its_function(self):
        stack = deployed("default")
        expected = {
            "RedriveDeadLetters": ("rate(5 minutes)", '{"action":"redrive"}'),
            "ResumeReplays": ("rate(1 minute)", None),
            "ReconcileEvents": ("rate(1 hour)", '{"action":"reconcile-past-hour"}'),
        }
        self.assertEqual(set(stack.names_of("AWS::Events::Rule")), {f"{name}Schedule" for name in expected})
        for function, (rate, request) in expected.items():
            rule = stack.physical[f"{function}Schedule"]
            events = emulator.client("events")
            found = events.describe_rule(Name=rule)
            self.assertEqual((found["State"], found["ScheduleExpression"]), ("ENABLED", rate))
            (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
            self.assertTrue(target["Arn"].endswith(f":function:{stack.physical[function]}"))
            self.assertEqual(target.get("Input"), request)


class Alarms(unittest.TestCase):
    def test_each_alarm_watches_resources_of_the_stack_and_names_its_runbook(self):
        stack = deployed("guarded")
        names = stack.names_of("AWS::CloudWatch::Alarm")
        self.assertTrue(names)
        for name in names:
            # <…> is a resource that is not in the stack. The emulator does not create the API.
            dimensions = json.dumps(self.dimensions(stack, name)).replace("<Api>", "")
            self.assertNotIn("<", dimensions, name)
            link = f"See {stack.values['RunbookUrl']}#{name.lower()}"
            self.assertTrue(stack.properties(name)["AlarmDescription"].endswith(link), name)

    def test_each_alarm_and_its_end_notify_the_address_and_the_topic(self):
        stack = deployed("guarded")
        topics = emulator.client("sns").list_topics()["Topics"]
        self.assertIn({"TopicArn": stack.physical["AlarmTopic"]}, topics)
        subscription = stack.properties("AlarmSubscription")
        self.assertEqual(subscription, {
            "TopicArn": stack.physical["AlarmTopic"], "Protocol": "email", "Endpoint": stack.values["AlarmEmail"],
        })
        receivers = {stack.physical["AlarmTopic"], stack.values["AlarmTopicArn"]}
        for name in stack.names_of("AWS::CloudWatch::Alarm"):
            for actions in ("AlarmActions", "OKActions"):
                self.assertEqual(set(stack.properties(name)[actions]), receivers, name)

    def test_without_a_receiver_no_alarm_has_an_action_and_no_topic_is_made(self):
        stack = deployed("default")
        self.assertEqual(stack.names_of("AWS::SNS::Topic"), [])
        for name in stack.names_of("AWS::CloudWatch::Alarm"):
            self.assertEqual(stack.properties(name).get("AlarmActions", []), [], name)

    def test_the_dashboard_is_json(self):
        stack = deployed("default")
        (name,) = stack.names_of("AWS::CloudWatch::Dashboard")
        found = emulator.client("cloudwatch").get_dashboard(DashboardName=stack.physical[name])
        self.assertTrue(json.loads(found["DashboardBody"])["widgets"])

    @staticmethod
    def dimensions(stack, name):
        alarm = stack.properties(name)
        metrics = [metric["MetricStat"]["Metric"] for metric in alarm.get("Metrics", []) if "MetricStat" in metric]
        return [metric.get("Dimensions", []) for metric in [alarm, *metrics]]
