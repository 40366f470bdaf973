"""The builds for a deployment use Cargo.lock as it is."""

import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Locked(unittest.TestCase):
    def test_cargo_lambda_and_so_sam_build_with_the_lock_file(self):
        manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
        self.assertIs(manifest["workspace"]["metadata"]["lambda"]["build"]["locked"], True)
