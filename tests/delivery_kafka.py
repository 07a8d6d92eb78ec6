"""How do the tests of delivery get a topic, a group and a running consumer of their own?"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from libs.delivery.consumer import Consumer, ConsumerSettings
from libs.delivery.kafka import KafkaSettings, PatientBroker, make_reader
from libs.delivery.messages import Handler, OutgoingRecord
from libs.delivery.provision import provision
from libs.delivery.publisher import Publisher, outgoing
from libs.events.envelope import Event
from libs.events.topics import Topic, dead_topic
from tests.brokers import Kafka


@dataclass
class Lane:
    """A topic, its dead letters and the service that reads it, used by one test alone."""

    bootstrap: str
    service: str
    topic: str
    publisher: Publisher

    @property
    def settings(self) -> KafkaSettings:
        return KafkaSettings(bootstrap_servers=self.bootstrap, publish_seconds_max=5.0, admin_seconds_max=3.0)

    async def send(self, *events: Event) -> None:
        await self.send_raw(*(outgoing(event) for event in events))

    async def send_raw(self, *records: OutgoingRecord) -> None:
        await self.publisher.publish_records(
            [OutgoingRecord(self.topic, each.key, each.value, each.headers) for each in records]
        )

    @asynccontextmanager
    async def consuming(
        self, handler: Handler, settings: ConsumerSettings | None = None, beside: Mapping[str, Handler] | None = None
    ) -> AsyncIterator[Consumer]:
        """`beside`: handlers of further topics of the same service."""
        broker = PatientBroker(self.settings)
        handlers = {self.topic: handler, **(beside or {})}
        consumer = Consumer(broker, self.service, handlers, self.publisher, settings)
        starting = asyncio.create_task(broker.start())
        try:
            yield consumer
        finally:
            starting.cancel()
            await asyncio.wait([starting])
            await broker.stop()

    async def committed(self) -> int:
        """The sum over all partitions of what the service's group has committed."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(f"guichet-{self.service}")
        finally:
            await admin.close()
        return sum(max(0, at.offset) for partition, at in offsets.items() if partition.topic == self.topic)

    async def dead(self) -> list[OutgoingRecord]:
        """Every dead letter of the service."""
        return await read_all(self.settings, dead_topic(self.service))


async def a_lane(kafka: Kafka, partitions: int = 1) -> Lane:
    service = f"t{uuid4().hex[:10]}"
    lane = Lane(kafka.bootstrap, service, f"{service}.things.v1", Publisher(KafkaSettings(bootstrap_servers="")))
    lane.publisher = Publisher(lane.settings)
    await make_topics(kafka, {lane.topic: partitions, dead_topic(service): 1})
    return lane


async def make_topics(kafka: Kafka, partitions: dict[str, int]) -> None:
    topics = {
        name: Topic(name, (), "tests", ("tests",), 1, False, number, "any", "for one test")
        for name, number in partitions.items()
    }
    await provision(kafka.bootstrap, topics)


async def read_all(settings: KafkaSettings, topic: str) -> list[OutgoingRecord]:
    reader = make_reader(settings, topic)
    await reader.start()
    try:
        partitions = [TopicPartition(topic, each) for each in reader.partitions_for_topic(topic)]
        ends = await reader.end_offsets(partitions)
        found: list[OutgoingRecord] = []
        while [each for each in partitions if await reader.position(each) < ends[each]]:
            for records in (await reader.getmany(timeout_ms=200)).values():
                found += [OutgoingRecord(topic, each.key, each.value, each.headers) for each in records]
        return found
    finally:
        await reader.stop()


def ids(events: Sequence[Event]) -> list[str]:
    return sorted(str(event.id) for event in events)
