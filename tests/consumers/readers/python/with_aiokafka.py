"""Prints the first records of a topic, a line each: the key, a tab, the value."""

import asyncio
import sys
import uuid

from aiokafka import AIOKafkaConsumer


async def main(brokers, topic, count):
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=brokers, group_id=f"aiokafka-{uuid.uuid4()}", auto_offset_reset="earliest"
    )
    async with consumer:
        for _ in range(int(count)):
            record = await consumer.getone()
            print(record.key.decode(), record.value.decode(), sep="\t")


asyncio.run(main(*sys.argv[1:]))
