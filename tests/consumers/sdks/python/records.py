"""The records of a topic, read with confluent-kafka."""

import uuid

from confluent_kafka import Consumer, KafkaException


def records(brokers, topic, count):
    """The first `count` records of a topic."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"sdks-{uuid.uuid4()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "topic.metadata.refresh.interval.ms": 500,
        }
    )
    consumer.subscribe([topic])
    read = 0
    while read < count:
        record = consumer.poll(1)
        if record is None:
            continue
        if record.error():
            raise KafkaException(record.error())
        yield record
        read += 1
    consumer.close()
