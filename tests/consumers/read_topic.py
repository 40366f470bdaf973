"""Prints the records of a topic from its beginning, a line each, and checks their keys."""

import argparse
import json
import sys
import time
import uuid

from confluent_kafka import Consumer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--timeout", type=float, required=True, help="seconds")
    arguments = parser.parse_args()

    consumer = Consumer(
        {
            "bootstrap.servers": arguments.bootstrap,
            "group.id": f"read-topic-{uuid.uuid4()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "allow.auto.create.topics": False,
            "topic.metadata.refresh.interval.ms": 500,
            "log_level": 0,
        }
    )
    consumer.subscribe([arguments.topic])
    until = time.monotonic() + arguments.timeout
    arrived = 0
    while arrived < arguments.count:
        if time.monotonic() > until:
            sys.exit(f"{arrived} of {arguments.count} records arrived within {arguments.timeout} s")
        record = consumer.poll(0.5)
        # A broker or a topic that is not there yet is waited for.
        if record is None or record.error():
            continue
        value = record.value().decode()
        if "\n" in value:
            sys.exit(f"the record at offset {record.offset()} has more than one line")
        try:
            matches = json.loads(value)["id"].encode() == record.key()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            sys.exit(f"the record at offset {record.offset()} has no id: {error!r}")
        if not matches:
            sys.exit(f"the key {record.key()!r} is not the id of {value}")
        print(value, flush=True)
        arrived += 1
    consumer.close()


main()
