"""Writes a record to a new topic: the wire header of another topic's first record before a value that no schema of a
message accepts."""

import sys
import uuid

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

brokers, topic, new_topic = sys.argv[1:]
consumer = Consumer(
    {"bootstrap.servers": brokers, "group.id": f"first-record-{uuid.uuid4()}", "auto.offset.reset": "earliest"}
)
consumer.subscribe([topic])
record = None
while record is None or record.error():
    record = consumer.poll(1)
consumer.close()
admin = AdminClient({"bootstrap.servers": brokers})
admin.create_topics([NewTopic(new_topic, 1, 1)])[new_topic].result()
producer = Producer({"bootstrap.servers": brokers})
producer.produce(new_topic, key="invalid", value=record.value()[:5] + b"[]")
if producer.flush(30):
    sys.exit(f"the record did not reach {new_topic}")
