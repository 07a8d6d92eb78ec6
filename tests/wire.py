"""How does another system talk to the topics? With plain aiokafka, knowing nothing of our code."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete


@dataclass(frozen=True)
class Raw:
    """One record, as bytes."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    def header(self, name: str) -> str | None:
        for key, value in self.headers:
            if key == name and value is not None:
                return value.decode(errors="replace")
        return None


def send(bootstrap: str, records: Sequence[Raw]) -> None:
    async def sending() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            waits = [await producer.send(r.topic, r.value, r.key, headers=list(r.headers)) for r in records]
            await asyncio.gather(*waits)

    asyncio.run(sending())


def read_all(bootstrap: str, topic: str) -> list[Raw]:
    """Every record that is on the topic now."""

    async def reading() -> list[Raw]:
        async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
            partitions = list(consumer.assignment())  # without a group: all of the topic's
            assert partitions, f"{topic} does not exist"
            ends = await consumer.end_offsets(partitions)
            found: list[Raw] = []
            while any([await consumer.position(one) < ends[one] for one in partitions]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [Raw(r.topic, r.key, r.value, tuple(r.headers)) for r in records]
            return found

    return asyncio.run(reading())


def delete_all(bootstrap: str, topic: str) -> int:
    """Delete every record of the topic, as an operator's tool or the end of its time does; how many there were."""

    async def deleting() -> int:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap) as consumer:
            partitions = list(consumer.assignment())
            first, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        await admin.start()
        await admin.delete_records({one: RecordsToDelete(before_offset=end) for one, end in ends.items()})
        await admin.close()
        return int(sum(ends[one] - first[one] for one in partitions))

    return asyncio.run(deleting())


def binary_submission(source: str, event_id: str, data: Any) -> Raw:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": "guichet.RequestSubmitted.v1",
        "ce_source": source,
        "ce_time": "2026-05-04T08:30:00Z",
        "content-type": "application/json",
    }
    return Raw(
        "requests.inbound.v1",
        event_id.encode(),
        json.dumps(data).encode(),
        tuple((name, value.encode()) for name, value in headers.items()),
    )


def structured_submission(source: str, event_id: str, data: Any) -> Raw:
    event = {
        "specversion": "1.0",
        "id": event_id,
        "type": "guichet.RequestSubmitted.v1",
        "source": source,
        "time": "2026-05-04T08:30:00Z",
        "datacontenttype": "application/json",
        "data": data,
    }
    headers = (("content-type", b"application/cloudevents+json; charset=utf-8"),)
    return Raw("requests.inbound.v1", event_id.encode(), json.dumps(event).encode(), headers)
