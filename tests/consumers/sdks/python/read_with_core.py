"""Prints the topic's events as the SDK's package cloudevents.core gives them back, a line of JSON each.

The SDK parses the data. The line has Python's own serialization of it.
"""

import json
import sys

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from records import records

brokers, topic, count = sys.argv[1:]
for record in records(brokers, topic, int(count)):
    line = {"key": record.key().decode()}
    try:
        event = from_kafka_event(KafkaMessage(dict(record.headers() or []), record.key(), record.value()))
        line["attributes"] = event.get_attributes() | {"time": event.get_time().isoformat()}
        line["data"] = json.dumps(event.get_data())
    except Exception as error:
        line["refused"] = repr(error)
    print(json.dumps(line))
