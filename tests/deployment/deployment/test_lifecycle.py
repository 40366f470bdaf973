"""Updates, deletion, a second stack, and tables that exist."""

import unittest

from deployment import emulator
from deployment.parameter_sets import DEFAULT
from deployment.stack import Stack

EVENT = {"pk": {"S": "EVENT#1"}, "sk": {"S": "EVENT"}}


class Lifecycle(unittest.TestCase):
    def test_two_stacks_stand_side_by_side(self):
        first, second = Stack("one", DEFAULT), Stack("two", DEFAULT)
        for name, physical in first.physical.items():
            # A permission has no name.
            if physical:
                self.assertNotEqual(physical, second.physical[name], name)

    def test_an_update_reaches_the_functions_and_keeps_the_tables(self):
        stack = Stack("updated", DEFAULT)
        tables = self.tables(stack)
        self.put_event(stack.physical["Table"])
        stack.update({**DEFAULT, "KafkaBrokers": "other:9092", "LogRetentionDays": 90})
        self.assertEqual(self.environment(stack)["XZEPR_KAFKA_BROKERS"], "other:9092")
        self.assertEqual(self.tables(stack), tables)
        self.assert_has_event(stack.physical["Table"])

    def test_a_deleted_stack_leaves_its_tables_and_can_be_deployed_again(self):
        stack = Stack("deleted", DEFAULT)
        tables = self.tables(stack)
        self.put_event(tables[0])
        function, queue = stack.physical["PublishEvents"], stack.physical["UnpublishedQueue"]
        index = stack.physical["IndexTable"]
        stack.delete()
        self.assert_has_event(tables[0])
        emulator.client("dynamodb").describe_table(TableName=tables[1])
        self.assert_is_gone(index)
        with self.assertRaises(emulator.client("lambda").exceptions.ResourceNotFoundException):
            emulator.client("lambda").get_function_configuration(FunctionName=function)
        with self.assertRaises(emulator.client("sqs").exceptions.QueueDoesNotExist):
            emulator.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
        again = Stack("deleted", DEFAULT)
        self.assertNotEqual(self.tables(again), tables)

    # The emulator cannot replace a table in an update.
    def test_the_index_table_has_the_name_of_its_parameter(self):
        stack = Stack("indexed", {**DEFAULT, "IndexTableName": "xzepr-index-2"})
        self.assertEqual(stack.physical["IndexTable"], "xzepr-index-2")
        for function in ("IndexEvents", "QueryRegistry", "ReplayEvents"):
            self.assertEqual(self.environment(stack, function)["XZEPR_INDEX_TABLE_NAME"], "xzepr-index-2", function)
        self.assertTrue(stack.properties("IndexPolicy")["PolicyDocument"]["Statement"][-1]["Resource"]
                        .endswith(":table/xzepr-index-2"))

    def test_a_stack_adopts_the_tables_of_a_deleted_one(self):
        old = Stack("before", DEFAULT)
        tables, stream = self.tables(old), old.table()["LatestStreamArn"]
        self.put_event(tables[0])
        old.delete()
        stack = self.adopt("after", tables, stream)
        self.assert_has_event(tables[0])
        for reader in ("PublishEvents", "IndexEvents"):
            self.assertEqual(stack.mapping(reader)["EventSourceArn"], stream)
        # Its own deletion leaves them too.
        stack.delete()
        self.assert_has_event(tables[0])

    def test_a_stack_adopts_a_table_that_was_restored_to_a_point_in_time(self):
        old = Stack("lost", DEFAULT)
        tables = self.tables(old)
        self.put_event(tables[0])
        dynamodb = emulator.client("dynamodb")
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=tables[0], TargetTableName="restored", UseLatestRestorableTime=True)
        # A restored table has neither stream nor time to live.
        self.assertNotIn("LatestStreamArn", dynamodb.describe_table(TableName="restored")["Table"])
        dynamodb.update_table(
            TableName="restored", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
        dynamodb.update_time_to_live(
            TableName="restored", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"})
        stream = dynamodb.describe_table(TableName="restored")["Table"]["LatestStreamArn"]
        stack = self.adopt("found", ["restored", tables[1]], stream)
        self.assert_has_event("restored")
        self.assertEqual(stack.mapping("PublishEvents")["EventSourceArn"], stream)

    def test_nothing_that_a_rolled_back_creation_can_leave_blocks_the_next_one(self):
        stack = Stack("named", DEFAULT)
        policies = {resource.get("DeletionPolicy") for resource in stack.template["Resources"].values()}
        self.assertNotIn("Retain", policies)
        # A name of the template itself, not a reference to a resource.
        named = {name for name, resource in stack.template["Resources"].items()
                 for key in ("TableName", "RoleName", "FunctionName", "QueueName", "ManagedPolicyName", "TopicName")
                 if isinstance(resource.get("Properties", {}).get(key), str)}
        self.assertEqual(named, set())

    def adopt(self, name, tables, stream):
        stack = Stack(name, {
            **DEFAULT,
            "TableName": tables[0],
            "ExistingTableStreamArn": stream,
            "DeadLettersTableName": tables[1],
            "ExistingDeadLettersTable": "true",
        })
        self.assertEqual(stack.names_of("AWS::DynamoDB::Table"), ["IndexTable"])
        found = self.environment(stack)
        self.assertEqual([found["XZEPR_TABLE_NAME"], found["XZEPR_DEAD_LETTERS_TABLE_NAME"]], tables)
        self.assertEqual(stack.outputs()["TableName"], tables[0])
        return stack

    @staticmethod
    def tables(stack):
        return [stack.physical["Table"], stack.physical["DeadLettersTable"]]

    @staticmethod
    def environment(stack, function="PublishEvents"):
        found = emulator.client("lambda").get_function_configuration(FunctionName=stack.physical[function])
        return found["Environment"]["Variables"]

    def assert_is_gone(self, table):
        with self.assertRaises(emulator.client("dynamodb").exceptions.ResourceNotFoundException):
            emulator.client("dynamodb").describe_table(TableName=table)

    @staticmethod
    def put_event(table):
        emulator.client("dynamodb").put_item(TableName=table, Item=EVENT)

    def assert_has_event(self, table):
        self.assertEqual(emulator.client("dynamodb").get_item(TableName=table, Key=EVENT).get("Item"), EVENT)
