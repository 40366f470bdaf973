"""Prints the first records of a topic, a line each: the key, a tab, the value."""

import itertools
import sys
import uuid

from kafka import KafkaConsumer

brokers, topic, count = sys.argv[1:]
consumer = KafkaConsumer(
    topic, bootstrap_servers=brokers, group_id=f"kafka-python-{uuid.uuid4()}", auto_offset_reset="earliest"
)
for record in itertools.islice(consumer, int(count)):
    print(record.key.decode(), record.value.decode(), sep="\t")
consumer.close()
