"""Conditions of a template, resolved for a set of parameters.

The emulator keeps AWS::NoValue in a list as null, where CloudFormation leaves the element out. So the conditions are
resolved before it reads the template.
"""

ABSENT = object()
NO_VALUE = {"Ref": "AWS::NoValue"}
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}


class UnknownParameter(Exception):
    """A value is given for a parameter that the template does not have."""


def values_of(template, given):
    """The value of every parameter: the given one, or the default.

    A list is a list here, as a condition sees it.
    """
    declared = template["Parameters"]
    for name in given:
        if name not in declared:
            raise UnknownParameter(name)
    values = dict(PSEUDO_PARAMETERS)
    for name, parameter in declared.items():
        value = str(given.get(name, parameter.get("Default", "")))
        values[name] = value.split(",") if parameter["Type"] == "CommaDelimitedList" else value
    return values


def resolve(template, given):
    """The template without conditions: each Fn::If is its branch, and a resource with a false condition is left out.

    References to the parameters stay, since CloudFormation resolves them.
    """
    conditions = Conditions(template.get("Conditions", {}), values_of(template, given))
    resolved = {}
    for section, content in template.items():
        if section in ("Conditions", "Rules"):
            continue
        if section in ("Resources", "Outputs"):
            content = {name: item for name, item in content.items() if conditions.holds_for(item)}
        resolved[section] = conditions.choose(content)
    for item in [*resolved["Resources"].values(), *resolved.get("Outputs", {}).values()]:
        item.pop("Condition", None)
    return resolved


class Conditions:
    """The named conditions of a template, for a set of values."""

    def __init__(self, definitions, values):
        self.definitions = definitions
        self.values = values

    def holds_for(self, item):
        """Whether a resource or an output exists."""
        name = item.get("Condition")
        return name is None or self.holds(self.definitions[name])

    def holds(self, condition):
        """Whether a condition is true."""
        (function, argument), = condition.items()
        if function == "Condition":
            return self.holds(self.definitions[argument])
        if function == "Fn::Equals":
            left, right = (self.evaluate(side) for side in argument)
            return str(left) == str(right)
        if function == "Fn::Not":
            return not self.holds(argument[0])
        if function == "Fn::And":
            return all(self.holds(part) for part in argument)
        if function == "Fn::Or":
            return any(self.holds(part) for part in argument)
        raise ValueError(f"a condition cannot use {function}")

    def evaluate(self, value):
        """A value in a condition."""
        if not isinstance(value, dict):
            return value
        (function, argument), = value.items()
        if function == "Ref":
            return self.values[argument]
        if function == "Fn::Join":
            return argument[0].join(self.evaluate(argument[1]))
        if function == "Fn::Select":
            return self.evaluate(argument[1])[int(argument[0])]
        if function == "Fn::Split":
            return self.evaluate(argument[1]).split(argument[0])
        raise ValueError(f"a condition cannot use {function}")

    def choose(self, value):
        """A value of the template, with the branch of each Fn::If and without AWS::NoValue."""
        if isinstance(value, list):
            chosen = (self.choose(element) for element in value)
            return [element for element in chosen if element is not ABSENT]
        if not isinstance(value, dict):
            return value
        if value == NO_VALUE:
            return ABSENT
        if list(value) == ["Fn::If"]:
            name, when_true, when_false = value["Fn::If"]
            return self.choose(when_true if self.holds(self.definitions[name]) else when_false)
        chosen = {key: self.choose(element) for key, element in value.items()}
        return {key: element for key, element in chosen.items() if element is not ABSENT}
