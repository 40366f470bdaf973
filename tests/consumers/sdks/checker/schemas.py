"""The JSON Schemas of the formats, which every message must match."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[4] / "shared/messages/schemas"


def mismatches(format, records):
    """A sentence for each record that does not match the schema of its format."""
    schema = json.loads((SCHEMAS / f"{format}.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for record in records:
        # In binary mode the value is the payload, so the schema describes the headers.
        value = record.headers if format == "cloudevents-binary" else json.loads(record.value)
        for error in validator.iter_errors(value):
            yield f"{record.key} does not match its JSON Schema: {error.json_path}: {error.message[:300]}"
