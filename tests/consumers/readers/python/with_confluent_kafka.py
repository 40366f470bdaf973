"""Prints the first records of a topic, a line each: the key, a tab, the value."""

import sys
import uuid

from confluent_kafka import Consumer, KafkaException

brokers, topic, count = sys.argv[1:]
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": f"confluent-kafka-{uuid.uuid4()}",
        "auto.offset.reset": "earliest",
    }
)
consumer.subscribe([topic])
read = 0
while read < int(count):
    record = consumer.poll(1)
    if record is None:
        continue
    if record.error():
        raise KafkaException(record.error())
    print(record.key().decode(), record.value().decode(), sep="\t")
    read += 1
consumer.close()
