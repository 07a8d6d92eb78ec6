"""What stands at the end of a topic? Read without a group, so that looking changes nothing."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.delivery.errors import KafkaAway
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_reader, topics_present, within

POLL_MS = 500
POLL_RECORDS_MAX = 5_000  # unpacked at once; of a kilobyte each, 5 MB


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest records of a topic. `begun`: it has held records at some time; `is_whole`: these are all it holds."""

    records: list[Any]
    has_begun: bool
    is_whole: bool


async def newest(settings: KafkaSettings, topic: str, records_max: int, seconds_max: float) -> Newest:
    """The last `records_max` of each partition, as aiokafka has them. Raises `Unavailable`."""
    try:
        async with asyncio.timeout(seconds_max):
            if not await topics_present(settings, [topic]):
                raise KafkaAway(f"there is no topic {topic}; make it: python -m libs.delivery.provision")
            reader = make_reader(settings, topic)
            try:
                await reader.start()
                return await _read(reader, records_max)
            finally:
                await within(STOP_SECONDS_MAX, reader.stop(), "the reader of a topic's end")
    except (KafkaError, OSError, TimeoutError) as error:
        raise KafkaAway(f"the end of {topic} cannot be read: {type(error).__name__}") from error


async def _read(reader: AIOKafkaConsumer, records_max: int) -> Newest:
    partitions = list(reader.assignment())  # without a group these are all of the topic's
    first, end = await reader.beginning_offsets(partitions), await reader.end_offsets(partitions)
    start = {one: max(first[one], end[one] - records_max) for one in partitions}
    for partition, offset in start.items():
        reader.seek(partition, offset)
    records: list[Any] = []
    while not await _has_reached(reader, end):
        found = await reader.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS_MAX)
        records += (record for part in found.values() for record in part if record.offset < end[_place(record)])
    return Newest(records, any(end.values()), start == first)


async def _has_reached(reader: AIOKafkaConsumer, end: Mapping[TopicPartition, int]) -> bool:
    return all([await reader.position(partition) >= offset for partition, offset in end.items()])


def _place(record: Any) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
