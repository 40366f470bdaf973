"""The records of the topic as they are."""

import sys
import time
import uuid
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

TOPIC = "xzepr.dev.events"
TIMEOUT_SECONDS = 60
# A record that nobody expects has this time to arrive.
QUIET_SECONDS = 1


@dataclass
class Record:
    """A record."""

    key: str
    value: str
    headers: dict


def read(brokers, is_complete):
    """The topic's records, once `is_complete` is true of them."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"sdks-{uuid.uuid4()}", "enable.auto.commit": False})
    partitions = consumer.list_topics(TOPIC, timeout=30).topics[TOPIC].partitions
    consumer.assign([TopicPartition(TOPIC, partition, OFFSET_BEGINNING) for partition in partitions])
    records = []
    until = time.monotonic() + TIMEOUT_SECONDS
    while True:
        record = consumer.poll(QUIET_SECONDS)
        if record is None and is_complete(records):
            break
        if time.monotonic() > until:
            sys.exit(f"the topic has only {len(records)} records after {TIMEOUT_SECONDS} s")
        if record is None:
            continue
        if record.error():
            raise KafkaException(record.error())
        if record.value() is None:
            sys.exit(f"{record.key()} is a tombstone")
        headers = {name: value.decode() for name, value in record.headers() or []}
        records.append(Record(record.key().decode(), record.value().decode(), headers))
    consumer.close()
    return records
