"""Checks that files with a JSON line for each record hold the same records, as many as expected."""

import json
import sys

count, *files = sys.argv[1:]


def records(file):
    """The records in the order of their text. JavaScript and Go read every number as a float."""
    with open(file, encoding="utf-8") as lines:
        return sorted(json.dumps(json.loads(line, parse_int=float), sort_keys=True) for line in lines)


expected = records(files[0])
if len(expected) != int(count):
    sys.exit(f"{files[0]} has {len(expected)} records, not {count}")
for file in files[1:]:
    for one, other in zip(expected, records(file), strict=True):
        if one != other:
            sys.exit(f"{files[0]} and {file} differ:\n{one}\n{other}")
