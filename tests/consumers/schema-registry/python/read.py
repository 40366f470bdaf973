"""Prints the first records of a topic, a JSON line each with key and value. Each value is deserialized and validated
with its schema in the registry."""

import json
import sys
import uuid

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, topic, registry, count = sys.argv[1:]
deserialize = JSONDeserializer(None, schema_registry_client=SchemaRegistryClient({"url": registry}))
context = SerializationContext(topic, MessageField.VALUE)
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
    value = deserialize(record.value(), context)
    print(json.dumps({"key": record.key().decode(), "value": value}))
    read += 1
consumer.close()
