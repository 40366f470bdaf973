"""Posts the event on standard input with the SDK's package cloudevents.v1, and prints the response."""

import json
import sys

from cloudevents.v1.http import CloudEvent, to_binary, to_structured
from post import post

url, mode = sys.argv[1:]
event = json.load(sys.stdin)
convert = {"binary": to_binary, "structured": to_structured}[mode]
print(post(url, *convert(CloudEvent(event["attributes"], event["data"]))))
