"""The bills of materials that supply-chain/sbom has written to target/sbom."""

import json
import os
import subprocess
import unittest
from functools import cache
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "sbom"
FUNCTIONS = sorted(path.name for path in (ROOT / "functions").iterdir())


@cache
def metadata():
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def reachable(names, kinds):
    """Names and versions of the packages that dependencies of some kinds lead to."""
    packages = {package["id"]: package for package in metadata()["packages"]}
    nodes = {node["id"]: node for node in metadata()["resolve"]["nodes"]}
    waiting = [identity for identity, package in packages.items() if package["name"] in names]
    found = set()
    while waiting:
        identity = waiting.pop()
        if identity not in found:
            found.add(identity)
            waiting += [dependency["pkg"] for dependency in nodes[identity]["deps"]
                        if kinds.intersection(kind["kind"] for kind in dependency["dep_kinds"])]
    return {(packages[identity]["name"], packages[identity]["version"]) for identity in found}


class Sbom(unittest.TestCase):
    def setUp(self):
        self.texts = {path.name.removesuffix(".cdx.json"): path.read_text() for path in FOLDER.glob("*.cdx.json")}
        self.bills = {name: json.loads(text) for name, text in self.texts.items()}

    def test_each_function_has_one(self):
        self.assertEqual(sorted(self.bills), FUNCTIONS)
        for function, bill in self.bills.items():
            self.assertEqual(bill["metadata"]["component"]["name"], function)

    # The validator takes many seconds for a bill, and this one has the most.
    def test_the_one_of_publish_events_matches_the_schema_of_cyclone_dx(self):
        self.assertIsNone(JsonStrictValidator(SchemaVersion.V1_5).validate_str(self.texts["publish-events"]))

    def test_each_has_the_crates_and_the_c_code_that_the_function_contains(self):
        create, publish = self.components("create-event"), self.components("publish-events")
        self.assertLessEqual({"lambda_http", "aws-sdk-dynamodb", "xzepr-store"}, create)
        self.assertLessEqual({"rdkafka-sys", "openssl-src", "zstd-sys"}, publish)
        self.assertFalse({"rdkafka-sys", "openssl-src", "zstd-sys"} & create)

    def test_none_has_a_dependency_of_the_tests_alone(self):
        shipped = reachable(set(FUNCTIONS), {None, "build"})
        of_tests = reachable(set(FUNCTIONS), {None, "build", "dev"}) - shipped
        self.assertIn("insta", {name for name, _ in of_tests})
        for function, bill in self.bills.items():
            components = {(part["name"], part["version"]) for part in bill["components"]}
            self.assertLessEqual(components, shipped, function)

    def test_none_has_a_crate_that_deny_toml_bans(self):
        for function in FUNCTIONS:
            self.assertFalse({"ring", "native-tls"} & self.components(function), function)

    def test_none_names_a_folder_of_this_machine(self):
        for function, text in self.texts.items():
            for folder in (str(ROOT), str(Path.home())):
                self.assertNotIn(folder + "/", text, function)

    def components(self, function):
        return {part["name"] for part in self.bills[function]["components"] if part["scope"] == "required"}
