"""The tables."""

import unittest

from deployment.parameter_sets import deployed

KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]


class Tables(unittest.TestCase):
    def test_all_have_the_keys_and_are_paid_per_request(self):
        for table in ("Table", "DeadLettersTable", "IndexTable"):
            found = deployed("default").table(table)
            self.assertEqual(found["KeySchema"], KEYS)
            self.assertEqual(found["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")

    def test_the_events_table_alone_has_a_stream_of_new_images(self):
        stack = deployed("default")
        self.assertEqual(stack.table()["StreamSpecification"], {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
        self.assertNotIn("StreamSpecification", stack.table("DeadLettersTable"))
        self.assertNotIn("StreamSpecification", stack.table("IndexTable"))

    def test_both_are_protected_against_deletion_unless_the_operator_turns_it_off(self):
        for table in ("Table", "DeadLettersTable"):
            self.assertEqual(str(deployed("default").table(table)["DeletionProtectionEnabled"]).lower(), "true")
            self.assertEqual(str(deployed("guarded").table(table)["DeletionProtectionEnabled"]).lower(), "false")

    def test_both_outlive_the_stack_and_not_a_creation_that_is_rolled_back(self):
        for name in ("default", "guarded"):
            resources = deployed(name).template["Resources"]
            for table in ("Table", "DeadLettersTable"):
                self.assertEqual(resources[table]["DeletionPolicy"], "RetainExceptOnCreate")
                self.assertEqual(resources[table]["UpdateReplacePolicy"], "Retain")

    def test_the_index_table_goes_with_the_stack_since_a_replay_fills_another_one(self):
        for name in ("default", "guarded"):
            stack = deployed(name)
            resource = stack.template["Resources"]["IndexTable"]
            self.assertEqual((resource["DeletionPolicy"], resource["UpdateReplacePolicy"]), ("Delete", "Delete"))
            self.assertEqual(str(stack.table("IndexTable")["DeletionProtectionEnabled"]).lower(), "false")
            self.assertEqual(stack.outputs()["IndexTableName"], stack.physical["IndexTable"])

    # The emulator's CloudFormation does not have the properties below.

    def test_both_can_be_restored_to_a_point_in_time(self):
        for table in ("Table", "DeadLettersTable"):
            properties = deployed("default").properties(table)
            self.assertEqual(properties["PointInTimeRecoverySpecification"], {"PointInTimeRecoveryEnabled": True})

    def test_items_of_the_events_table_expire(self):
        self.assertEqual(deployed("default").properties("Table")["TimeToLiveSpecification"],
                         {"AttributeName": "expires_at", "Enabled": True})

    def test_the_operator_caps_the_throughput_and_chooses_the_key(self):
        for table in ("Table", "IndexTable"):
            properties = deployed("guarded").properties(table)
            self.assertEqual(properties["OnDemandThroughput"],
                             {"MaxReadRequestUnits": "100", "MaxWriteRequestUnits": "200"})
        for table in ("Table", "DeadLettersTable", "IndexTable"):
            key = deployed("guarded").properties(table)["SSESpecification"]
            self.assertEqual(key["KMSMasterKeyId"], deployed("guarded").values["TableKmsKeyArn"])
        self.assertNotIn("OnDemandThroughput", deployed("default").properties("Table"))
        self.assertNotIn("SSESpecification", deployed("default").properties("Table"))
