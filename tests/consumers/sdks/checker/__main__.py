"""Checks one format of messages with the SDKs that read it. ../../check-sdks starts the registry and calls this."""

import argparse
import sys
from pathlib import Path

import cdevents_check
import cloudevents_check
import epr_check
from registry import Registry

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--format", required=True)
arguments.add_argument("--api", required=True, help="URL of the registry")
arguments.add_argument("--brokers", required=True)
arguments.add_argument("--tools", required=True, type=Path, help="folder with the installed SDKs")
arguments = arguments.parse_args()

checks = {
    "cloudevents": cloudevents_check.check,
    "cloudevents-binary": cloudevents_check.check,
    "epr": epr_check.check,
    "cdevents": cdevents_check.check,
}
faults = checks[arguments.format](arguments, Registry(arguments.api))
for fault in faults:
    print(f"{arguments.format}: {fault}", file=sys.stderr)
sys.exit(bool(faults))
