"""The functions and their sources of events."""

import itertools
import unittest

from deployment import emulator
from deployment.parameter_sets import SETS, deployed

# Memory in MB and timeout in seconds.
SIZES = {
    "CreateEvent": (256, 10),
    "CreateEventReceiver": (256, 10),
    "CreateEventReceiverGroup": (256, 10),
    "ModifyEventReceiverGroup": (256, 10),
    "QueryRegistry": (256, 10),
    "RefuseUnknownPath": (256, 10),
    "DescribeApi": (256, 10),
    "ManageReplays": (256, 10),
    "PublishEvents": (512, 60),
    "IndexEvents": (512, 60),
    "RedriveDeadLetters": (512, 60),
    "ReplayEvents": (512, 900),
    "ResumeReplays": (256, 30),
    "ReplayUnpublished": (256, 10),
    "ReconcileEvents": (1024, 900),
}
USES_INDEX = {"QueryRegistry", "IndexEvents", "ReplayEvents"}
USES_KAFKA = {"PublishEvents", "RedriveDeadLetters", "ReplayEvents", "ReconcileEvents"}
# Lambda's limit for the variables of a function, with their names.
MAX_ENVIRONMENT_BYTES = 4096


class Functions(unittest.TestCase):
    def test_each_function_has_its_memory_and_its_timeout(self):
        stack = deployed("default")
        self.assertLessEqual(set(SIZES), set(stack.names_of("AWS::Lambda::Function")))
        for function, size in SIZES.items():
            found = self.configuration(stack, function)
            self.assertEqual((found["MemorySize"], found["Timeout"]), size, function)
            self.assertEqual((found["Runtime"], found["Handler"]), ("provided.al2023", "bootstrap"))

    def test_each_function_has_the_environment_of_the_template_and_it_fits(self):
        for name in SETS:
            stack = deployed(name)
            for function in stack.names_of("AWS::Lambda::Function"):
                found = self.environment(stack, function)
                expected = stack.properties(function)["Environment"]["Variables"]
                self.assertEqual(found, {key: str(value) for key, value in expected.items()}, function)
                size = sum(len(key) + len(value) for key, value in found.items())
                self.assertLess(size, MAX_ENVIRONMENT_BYTES, function)

    def test_the_functions_use_the_tables_and_the_brokers_of_their_stack(self):
        for name, parameters in SETS.items():
            stack = deployed(name)
            for function in SIZES:
                found = self.environment(stack, function)
                self.assertEqual(found["XZEPR_TABLE_NAME"], stack.physical["Table"])
                self.assertEqual(found["XZEPR_DEAD_LETTERS_TABLE_NAME"], stack.physical["DeadLettersTable"])
                self.assertEqual(found["XZEPR_KAFKA_BROKERS"], parameters["KafkaBrokers"])
                index = stack.physical["IndexTable"] if function in USES_INDEX else None
                self.assertEqual(found.get("XZEPR_INDEX_TABLE_NAME"), index, function)

    def test_replay_unpublished_knows_the_function_whose_records_are_indexed(self):
        stack = deployed("default")
        found = self.environment(stack, "ReplayUnpublished")
        self.assertEqual(found["XZEPR_INDEX_EVENTS_FUNCTION_NAME"], stack.physical["IndexEvents"])

    def test_msk_with_iam_sets_the_connection_and_the_topics_that_the_roles_allow(self):
        found = self.environment(deployed("msk"), "PublishEvents")
        self.assertEqual(found["XZEPR_KAFKA_SECURITY_PROTOCOL"], "SASL_SSL")
        self.assertEqual(found["XZEPR_KAFKA_SASL_MECHANISM"], "AWS_MSK_IAM")
        self.assertEqual(found["XZEPR_KAFKA_TOPICS"], "prod.*,audit")
        self.assertEqual(found["XZEPR_CONFIG_FILE"], "/opt/xzepr.yaml")

    def test_the_functions_that_use_kafka_alone_are_in_the_vpc_and_have_the_layer(self):
        stack = deployed("msk")
        for function in SIZES:
            vpc = self.configuration(stack, function).get("VpcConfig", {})
            layers = stack.properties(function).get("Layers", [])
            if function in USES_KAFKA:
                self.assertEqual(vpc["SubnetIds"], stack.values["SubnetIds"], function)
                self.assertEqual(vpc["SecurityGroupIds"], stack.values["SecurityGroupIds"], function)
                self.assertEqual(layers, [stack.values["LayerArn"]], function)
            else:
                self.assertEqual((vpc.get("SubnetIds", []), layers), ([], []), function)

    def test_no_function_is_in_a_vpc_without_subnets(self):
        for function in SIZES:
            found = self.configuration(deployed("default"), function)
            self.assertEqual(found.get("VpcConfig", {}).get("SubnetIds", []), [], function)

    def test_concurrency_is_reserved_for_the_functions_of_the_parameters_alone(self):
        reserved = {"PublishEvents": 20, "CreateEvent": 30, "CreateEventReceiver": 30, "CreateEventReceiverGroup": 30}
        for function in SIZES:
            self.assertEqual(self.reserved(deployed("guarded"), function), reserved.get(function), function)
            self.assertIsNone(self.reserved(deployed("default"), function), function)

    def test_each_function_logs_json_to_the_stacks_group_and_traces_as_the_parameter_says(self):
        for name, level, mode in (("default", "INFO", "PassThrough"), ("guarded", "DEBUG", "Active")):
            stack = deployed(name)
            for function in SIZES:
                properties = stack.properties(function)
                self.assertEqual(properties["LoggingConfig"]["LogFormat"], "JSON")
                self.assertEqual(properties["LoggingConfig"]["ApplicationLogLevel"], level)
                self.assertEqual(properties["LoggingConfig"]["LogGroup"], stack.physical["FunctionLogs"])
                self.assertEqual(properties["TracingConfig"], {"Mode": mode})

    @staticmethod
    def configuration(stack, function):
        return emulator.client("lambda").get_function_configuration(FunctionName=stack.physical[function])

    def environment(self, stack, function):
        variables = self.configuration(stack, function)["Environment"]["Variables"]
        # The emulator keeps a number as one.
        return {name: str(value) for name, value in variables.items()}

    @staticmethod
    def reserved(stack, function):
        found = emulator.client("lambda").get_function_concurrency(FunctionName=stack.physical[function])
        value = found.get("ReservedConcurrentExecutions")
        return None if value is None else int(value)


class EventSources(unittest.TestCase):
    def test_the_stream_of_the_table_invokes_publish_events_and_index_events(self):
        for name, function in itertools.product(SETS, ("PublishEvents", "IndexEvents")):
            stack = deployed(name)
            found = stack.mapping(function)
            expected = {
                "EventSourceArn": stack.table()["LatestStreamArn"],
                "StartingPosition": "TRIM_HORIZON",
                "BatchSize": 500,
                "MaximumBatchingWindowInSeconds": 0,
                "ParallelizationFactor": 1,
                "BisectBatchOnFunctionError": True,
                "MaximumRetryAttempts": -1,
                "MaximumRecordAgeInSeconds": 79200,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "DestinationConfig": {"OnFailure": {"Destination": self.queue(stack)}},
                "MetricsConfig": {"Metrics": ["EventCount"]},
            }
            self.assertEqual({key: found.get(key) for key in expected}, expected)
            (event_filter,) = found["FilterCriteria"]["Filters"]
            self.assertIn('"prefix":"EVENT#"', event_filter["Pattern"])

    def test_the_on_failure_queue_invokes_replay_unpublished(self):
        stack = deployed("default")
        found = stack.mapping("ReplayUnpublished")
        expected = {
            "EventSourceArn": self.queue(stack),
            "BatchSize": 1000,
            "MaximumBatchingWindowInSeconds": 60,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }
        self.assertEqual({key: found.get(key) for key in expected}, expected)

    @staticmethod
    def queue(stack):
        return emulator.client("sqs").get_queue_attributes(
            QueueUrl=stack.physical["UnpublishedQueue"], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
