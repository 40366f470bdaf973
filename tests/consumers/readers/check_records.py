"""Checks that records, a line each (the key, a tab, the value), hold the events with these ids, each under its id."""

import json
import sys

name, ids, records = sys.argv[1:]
with open(ids) as file:
    missing = set(file.read().split())
with open(records, encoding="utf-8") as file:
    lines = file.read().splitlines()
for line in lines:
    key, value = line.split("\t")
    event = json.loads(value)
    if event["id"] != key:
        sys.exit(f"{name}: the key {key} is not the id of {value}")
    if key in missing and event["data"]["description"] != "Unicode: Überprüfung ✓":
        sys.exit(f"{name}: the text of {key} changed: {value}")
    missing.discard(key)
if missing:
    sys.exit(f"{name}: {len(missing)} events are missing in {len(lines)} records: {sorted(missing)[:3]}")
print(f"{name}: {len(lines)} records")
