"""The SAM template as CloudFormation deploys it."""

import copy
import logging
import os
from pathlib import Path

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from deployment.conditions import PSEUDO_PARAMETERS, resolve, values_of

ROOT = Path(__file__).resolve().parents[3]
CODE_BUCKET = "code"
CODE_KEY = "function.zip"
# It warns of its own usage figures and features.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


class ManagedPolicies(dict):
    """ARNs of AWS's managed policies by their names, which the translator would ask IAM for."""

    def __contains__(self, name):
        return isinstance(name, str) and name.startswith(("AWS", "Amazon"))

    def get(self, name, default=None):
        return f"arn:aws:iam::aws:policy/service-role/{name}" if name in self else default

    def __getitem__(self, name):
        return self.get(name)


def sam_template():
    """template.yaml."""
    return yaml_parse((ROOT / "template.yaml").read_text())


def translated(given):
    """template.yaml for a set of parameters: conditions resolved, then translated as SAM's transform does."""
    os.environ["AWS_DEFAULT_REGION"] = PSEUDO_PARAMETERS["AWS::Region"]
    template = resolve(sam_template(), given)
    # `sam package` replaces each folder with the place of its upload.
    template["Globals"]["Function"]["CodeUri"] = f"s3://{CODE_BUCKET}/{CODE_KEY}"
    values = {name: ",".join(value) if isinstance(value, list) else value
              for name, value in values_of(template, given).items()}
    return Translator(ManagedPolicies(), Parser()).translate(copy.deepcopy(template), values)
