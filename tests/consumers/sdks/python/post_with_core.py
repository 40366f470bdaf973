"""Posts the event on standard input with the SDK's package cloudevents.core, and prints the response."""

import json
import sys
from datetime import datetime

from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from post import post

url, mode = sys.argv[1:]
event = json.load(sys.stdin)
attributes = event["attributes"]
attributes["time"] = datetime.fromisoformat(attributes["time"])
convert = {"binary": to_binary_event, "structured": to_structured_event}[mode]
message = convert(CloudEvent(attributes, event["data"]))
print(post(url, message.headers, message.body))
