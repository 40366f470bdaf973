"""The roles."""

import ast
import json
import unittest

from deployment import emulator
from deployment.parameter_sets import BOUNDARY, SETS, deployed


class Rights(unittest.TestCase):
    def test_each_function_has_a_role_of_its_own(self):
        stack = deployed("default")
        functions = stack.names_of("AWS::Lambda::Function")
        roles = [emulator.client("lambda").get_function_configuration(FunctionName=stack.physical[name])["Role"]
                 for name in functions]
        self.assertEqual(len(set(roles)), len(functions))

    def test_lambda_alone_assumes_the_roles(self):
        stack = deployed("default")
        for role in self.roles_of_functions(stack):
            document = self.role(stack, role)["AssumeRolePolicyDocument"]
            self.assertEqual(document["Statement"], [{
                "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
            }], role)

    def test_the_boundary_is_on_every_role(self):
        for role in deployed("guarded").names_of("AWS::IAM::Role"):
            found = self.role(deployed("guarded"), role)["PermissionsBoundary"]
            self.assertEqual(found["PermissionsBoundaryArn"], BOUNDARY, role)
            self.assertNotIn("PermissionsBoundary", self.role(deployed("default"), role), role)

    def test_the_emulator_has_the_policies_of_the_template(self):
        for name in SETS:
            stack = deployed(name)
            for role in stack.names_of("AWS::IAM::Role"):
                for policy in stack.properties(role).get("Policies", []):
                    found = emulator.client("iam").get_role_policy(
                        RoleName=stack.physical[role], PolicyName=policy["PolicyName"])
                    # The emulator's CloudFormation keeps the document as Python's text.
                    self.assertEqual(ast.literal_eval(found["PolicyDocument"]), policy["PolicyDocument"], role)
            for policy in stack.names_of("AWS::IAM::ManagedPolicy"):
                self.assertEqual(self.managed(stack, policy), stack.properties(policy)["PolicyDocument"], policy)

    def test_each_role_has_policies_of_the_stack_alone(self):
        for name in SETS:
            stack = deployed(name)
            own = {stack.physical[policy] for policy in stack.names_of("AWS::IAM::ManagedPolicy")}
            for role in self.roles_of_functions(stack):
                self.assertLessEqual(set(stack.properties(role).get("ManagedPolicyArns", [])), own, role)

    def test_no_right_has_a_wildcard_for_actions(self):
        for name in SETS:
            for statement in self.statements(deployed(name)):
                self.assertNotIn("*", json.dumps(statement["Action"]), name)

    def test_only_the_network_interfaces_of_a_vpc_and_traces_need_any_resource(self):
        allowed = {"default": set(), "jwt": set(), "msk": {"ec2"}, "guarded": {"xray"}}
        for name in SETS:
            wide = [statement for statement in self.statements(deployed(name))
                    if "*" in self.list(statement["Resource"])]
            services = {action.split(":")[0] for statement in wide for action in self.list(statement["Action"])}
            self.assertEqual(services, allowed[name], name)

    def test_msk_rights_are_on_the_clusters_topics_of_the_parameter(self):
        writes = [statement for statement in self.statements(deployed("msk"))
                  if "kafka-cluster:WriteData" in self.list(statement["Action"])]
        topics = {topic.rsplit("/", 1)[1] for statement in writes for topic in self.list(statement["Resource"])}
        # CloudFormation cannot leave the six others out. Kafka refuses the name.
        self.assertEqual(topics, {"prod.*", "audit", "."})

    def test_the_functions_without_kafka_have_no_rights_on_it_nor_on_a_network(self):
        stack = deployed("msk")
        kafka = stack.physical["KafkaPolicy"]
        holders = {role for role in stack.names_of("AWS::IAM::Role")
                   if kafka in stack.properties(role).get("ManagedPolicyArns", [])}
        self.assertEqual(holders, {
            "PublishEventsRole", "RedriveDeadLettersRole", "ReplayEventsRole", "ReconcileEventsRole",
        })

    def test_the_route_without_an_authorizer_has_a_function_without_rights_on_data(self):
        self.assertEqual(deployed("default").properties("RefuseUnknownPathRole").get("Policies", []), [])

    @staticmethod
    def roles_of_functions(stack):
        return [stack.template["Resources"][function]["Properties"]["Role"]["Fn::GetAtt"][0]
                for function in stack.names_of("AWS::Lambda::Function")]

    @staticmethod
    def role(stack, name):
        return emulator.client("iam").get_role(RoleName=stack.physical[name])["Role"]

    @staticmethod
    def managed(stack, name):
        iam, arn = emulator.client("iam"), stack.physical[name]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    @staticmethod
    def list(value):
        return value if isinstance(value, list) else [value]

    @staticmethod
    def statements(stack):
        documents = [policy["PolicyDocument"] for role in stack.names_of("AWS::IAM::Role")
                     for policy in stack.properties(role).get("Policies", [])]
        documents += [stack.properties(policy)["PolicyDocument"]
                      for policy in stack.names_of("AWS::IAM::ManagedPolicy")]
        return [statement for document in documents for statement in document["Statement"]]
