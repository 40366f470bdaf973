"""A deployed stack: its template, its resources in the emulator, and the values of its template."""

import re

from deployment import emulator
from deployment.conditions import values_of
from deployment.translate import sam_template, translated


class Stack:
    """A stack in the emulator."""

    def __init__(self, name, given):
        self.name = name
        self.given = given
        self.template = translated(given)
        emulator.create(name, self.template, given)
        self._read()

    def update(self, given):
        """Deploys other parameters."""
        self.given = given
        self.template = translated(given)
        emulator.update(self.name, self.template, given)
        self._read()

    def delete(self):
        """Deletes the stack, as `sam delete` does."""
        emulator.delete(self.name)

    def _read(self):
        self.values = values_of(sam_template(), self.given)
        self.values["AWS::StackName"] = self.name
        pages = emulator.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        self.physical = {resource["LogicalResourceId"]: resource["PhysicalResourceId"]
                         for page in pages for resource in page["StackResourceSummaries"]}

    def names_of(self, kind):
        """The logical ids of a kind in the template."""
        return [name for name, resource in self.template["Resources"].items() if resource["Type"] == kind]

    def properties(self, name):
        """The properties of a resource in the template, with references resolved."""
        return self.value(self.template["Resources"][name].get("Properties", {}))

    def outputs(self):
        """The outputs, as the emulator gives them."""
        (stack,) = emulator.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def table(self, name="Table"):
        """The description of a table."""
        return emulator.client("dynamodb").describe_table(TableName=self.physical[name])["Table"]

    def mapping(self, function):
        """The event source mapping of a function."""
        # The emulator does not find it by the function's name if the function has a version.
        name = f":function:{self.physical[function]}"
        (found,) = [mapping for page in emulator.client("lambda").get_paginator("list_event_source_mappings").paginate()
                    for mapping in page["EventSourceMappings"] if mapping["FunctionArn"].endswith(name)]
        return found

    def value(self, value):
        """A value of the template, as CloudFormation resolves it."""
        if isinstance(value, list):
            return [self.value(element) for element in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            if function == "Ref":
                return self._reference(argument)
            if function == "Fn::GetAtt":
                return self._attribute(*argument)
            if function == "Fn::Join":
                return argument[0].join(self.value(argument[1]))
            if function == "Fn::Split":
                return self.value(argument[1]).split(argument[0])
            if function == "Fn::Select":
                return self.value(argument[1])[int(argument[0])]
            if function == "Fn::Sub":
                return self._substituted(argument)
        return {key: self.value(element) for key, element in value.items()}

    def _reference(self, name):
        return self.values[name] if name in self.values else self.physical.get(name, f"<{name}>")

    def _substituted(self, argument):
        text, values = argument if isinstance(argument, list) else (argument, {})
        values = {name: self.value(value) for name, value in values.items()}

        def replace(match):
            name = match[1]
            if name in values:
                return values[name]
            return self._attribute(*name.split(".", 1)) if "." in name else str(self._reference(name))

        return re.sub(r"\$\{([^!}]+)\}", replace, text)

    def _attribute(self, name, attribute):
        physical = self.physical.get(name)
        kind = self.template["Resources"][name]["Type"]
        account, region = self.values["AWS::AccountId"], self.values["AWS::Region"]
        if kind == "AWS::DynamoDB::Table":
            return self.table(name)[{"Arn": "TableArn", "StreamArn": "LatestStreamArn"}[attribute]]
        if kind == "AWS::SQS::Queue":
            queue = physical.rsplit("/", 1)[1]
            return queue if attribute == "QueueName" else f"arn:aws:sqs:{region}:{account}:{queue}"
        if kind == "AWS::IAM::Role":
            return f"arn:aws:iam::{account}:role/{physical}"
        if kind == "AWS::Lambda::Function":
            return f"arn:aws:lambda:{region}:{account}:function:{physical}"
        if kind == "AWS::Logs::LogGroup":
            # AWS's own ARN ends in :*, and the emulator's does not.
            return f"arn:aws:logs:{region}:{account}:log-group:{physical}"
        return f"<{name}.{attribute}>"
