"""How far is a topic written, and how far has a group read it? Looked at without joining the group."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from libs.delivery.errors import KafkaAway
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_admin, make_reader, within
from libs.events.topics import consumer_group

NO_ERROR = 0
POLL_MS = 200
POLL_RECORDS_MAX = 1000  # at once in memory; a dead letter may have a megabyte, and few have more than some kilobytes

Record = Any
"""aiokafka's ConsumerRecord; it ships no types."""
Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Gap:
    """Records that were deleted, or expired, before a group had read them: from `first` up to and without `after`."""

    topic: str
    partition: int
    first: int
    after: int

    @property
    def records(self) -> int:
        return self.after - self.first

    def sentence(self, service: str) -> str:
        """For logs and people."""
        return (
            f"records of topic {self.topic} partition {self.partition} offsets {self.first}-{self.after - 1} "
            f"were deleted or expired before group {consumer_group(service)} read them"
        )


def next_to_read(committed: int | None, first: int, end: int) -> int:
    """Where a group goes on in a partition that holds `first` up to `end`, whether or not it runs at this moment.

    What is gone cannot be read any more, and who has read beyond the end had another topic before: it begins anew.
    """
    return first if committed is None or committed > end else max(committed, first)


class Positions:
    """One look at Kafka; made by `looking_at`."""

    def __init__(self, reader: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        self._reader = reader
        self._admin = admin

    async def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Of those topics that exist; asking for one by name could create it."""
        present = sorted(set(topics) & set(await self._admin.list_topics()))
        described = await self._admin.describe_topics(present) if present else []
        return [
            TopicPartition(topic["topic"], part["partition"])
            for topic in described
            if topic["error_code"] == NO_ERROR
            for part in topic["partitions"]
        ]

    async def ends(self, topics: Iterable[str]) -> Offsets:
        """Where the next record will be written."""
        return await self._of_each_topic(self._reader.end_offsets, await self.partitions(topics))

    async def beginnings(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Where the oldest record is that is still there."""
        return await self._of_each_topic(self._reader.beginning_offsets, list(partitions))

    async def have_been_read(self, service: str, up_to: Offsets) -> bool:
        """Whether nothing before these offsets is left to be read by the service."""
        if not up_to:
            return True
        found = await self._admin.list_consumer_group_offsets(consumer_group(service))
        committed = {at: one.offset for at, one in found.items() if one.offset >= 0}
        first = await self.beginnings(up_to)
        ends = await self._of_each_topic(self._reader.end_offsets, list(up_to))
        return all(next_to_read(committed.get(at), first[at], ends[at]) >= offset for at, offset in up_to.items())

    async def written_since(self, topic: str, moment: datetime) -> AsyncIterator[Record]:
        """The topic's records from that moment up to its present end; none when there is no such topic."""
        partitions = await self.partitions([topic])
        if not partitions:
            return
        ends = await self._reader.end_offsets(partitions)
        found = await self._reader.offsets_for_times(dict.fromkeys(partitions, int(moment.timestamp() * 1000)))
        starts = {at: one.offset for at, one in found.items() if one is not None and one.offset < ends[at]}
        self._reader.assign(list(starts))
        for at, offset in starts.items():
            self._reader.seek(at, offset)
        while starts:
            for records in (await self._reader.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS_MAX)).values():
                for record in records:
                    yield record
            starts = {at: 0 for at in starts if await self._reader.position(at) < ends[at]}

    async def _of_each_topic(self, ask: object, partitions: list[TopicPartition]) -> Offsets:
        """Topic by topic: about several, aiokafka waits a tenth of a second for each one that it has not heard of."""
        by_topic: dict[str, list[TopicPartition]] = {}
        for each in partitions:
            by_topic.setdefault(each.topic, []).append(each)
        answers = await asyncio.gather(*(ask(own) for own in by_topic.values()))  # type: ignore[operator]
        return {at: offset for answer in answers for at, offset in answer.items()}


@asynccontextmanager
async def looking_at(settings: KafkaSettings) -> AsyncIterator[Positions]:
    """Raises `Unavailable` when Kafka is away, or does not let us look."""
    reader, admin = make_reader(settings), make_admin(settings)
    try:
        async with asyncio.timeout(settings.admin_seconds_max):
            await reader.start()
            await admin.start()
            yield Positions(reader, admin)
    except (KafkaError, OSError, TimeoutError) as error:
        raise KafkaAway(f"Kafka does not say how far its topics are read: {error!r}") from error
    finally:
        await within(STOP_SECONDS_MAX, reader.stop(), "a reader of positions")
        await within(STOP_SECONDS_MAX, admin.close(), "an administration client")
