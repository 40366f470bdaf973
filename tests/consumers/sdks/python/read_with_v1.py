"""Prints the topic's events as the SDK's package cloudevents.v1 gives them back, a line of JSON each.

The SDK parses the data. The line has Python's own serialization of it.
"""

import json
import sys

from cloudevents.v1.kafka import KafkaMessage, from_binary, from_structured
from records import records

brokers, topic, count = sys.argv[1:]
for record in records(brokers, topic, int(count)):
    line = {"key": record.key().decode()}
    message = KafkaMessage(dict(record.headers() or []), record.key(), record.value())
    # This package leaves the choice of the mode to its caller.
    structured = message.headers["content-type"].startswith(b"application/cloudevents")
    try:
        event = from_structured(message) if structured else from_binary(message)
        line["attributes"] = dict(event.get_attributes()) | {"partitionkey": event["partitionkey"].decode()}
        line["data"] = json.dumps(event.get_data())
    except Exception as error:
        line["refused"] = repr(error)
    print(json.dumps(line))
