"""What does Kafka hold now? Read without a group, so that looking changes nothing."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    KafkaError,
    NotCoordinatorForGroupError,
    for_code,
)
from pydantic import ValidationError

from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_admin, make_reader, within
from libs.events.topics import consumer_group
from libs.operate.output import Away, WrongUse
from libs.operate.where import Addresses
from libs.service.settings import SharedSettings

POLL_MS = 500
POLL_RECORDS_MAX = 5_000  # without it a poll unpacks all that was fetched: hundreds of MB of records in one list
READ_SECONDS_MAX = 20.0  # without a record although there are some: then Kafka is called away
NO_ERROR = 0
COORDINATOR_SECONDS_MAX = 30.0  # it takes one or two
COORDINATOR_PAUSE_SECONDS = 0.3
COORDINATOR_STARTS = (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError)

T = TypeVar("T")
Record = Any
"""aiokafka's ConsumerRecord; it ships no types."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a partition holds: from `first` up to and without `end`."""

    first: int
    end: int

    @property
    def records(self) -> int:
        """How many offsets; compaction may have removed some of them."""
        return self.end - self.first


Spans = dict[TopicPartition, Span]


def settings_for(system: Addresses) -> KafkaSettings:
    """How this system's Kafka is reached, with the user and the certificates that the environment names."""
    try:
        return replace(SharedSettings().kafka("guichet-command"), bootstrap_servers=system.kafka)
    except ValidationError as error:
        raise WrongUse(f"a GUICHET_ variable is wrong: {error.errors(include_url=False)[0]['loc']}") from error


@asynccontextmanager
async def connected(settings: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    """A reader without partitions. Whatever Kafka refuses meanwhile is said as `Away`."""
    reader = make_reader(settings)
    try:
        await reader.start()
        yield reader
    except (KafkaError, OSError, TimeoutError) as error:
        raise Away(f"Kafka at {settings.bootstrap_servers} does not answer ({error}); is it running?") from error
    finally:
        await within(STOP_SECONDS_MAX, reader.stop(), "a reader")


@asynccontextmanager
async def administered(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administration client, with the same promise."""
    admin = make_admin(settings)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError, TimeoutError) as error:
        raise Away(f"Kafka at {settings.bootstrap_servers} does not answer ({error}); is it running?") from error
    finally:
        await within(STOP_SECONDS_MAX, admin.close(), "an administration client")


async def partitions(settings: KafkaSettings, topics: Iterable[str]) -> dict[str, list[TopicPartition]]:
    """The partitions of each topic that exists."""
    wanted = set(topics)
    async with administered(settings) as admin:
        present = sorted(wanted & set(await admin.list_topics()))
        described = await admin.describe_topics(present) if present else []
    return {
        topic["topic"]: [TopicPartition(topic["topic"], part["partition"]) for part in topic["partitions"]]
        for topic in described
        if topic["error_code"] == NO_ERROR
    }


async def cluster_id(settings: KafkaSettings) -> str:
    """Which Kafka this is: another one has another id, also at the same address."""
    async with administered(settings) as admin:
        found = await admin.describe_cluster()
    return str(found["cluster_id"])


async def members(settings: KafkaSettings, service: str) -> int:
    """How many processes read for a service now. One group a question: aiokafka misreads an answer about several."""
    async with administered(settings) as admin:
        return await _patiently(lambda: _members(admin, consumer_group(service)))


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Asking a Kafka that has never had a group makes it begin to keep groups, which takes it a moment."""
    deadline = asyncio.get_running_loop().time() + COORDINATOR_SECONDS_MAX
    while True:
        try:
            return await ask()
        except COORDINATOR_STARTS:
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(COORDINATOR_PAUSE_SECONDS)


async def _members(admin: AIOKafkaAdminClient, group: str) -> int:
    (answer,) = await admin.describe_consumer_groups([group])
    ((code, _, _, _, _, members, *_),) = answer.groups
    if code != NO_ERROR:
        raise for_code(code)(f"group {group} cannot be described")
    return len(members)


async def spans(reader: AIOKafkaConsumer, of: Iterable[TopicPartition]) -> Spans:
    """What each partition holds at this moment."""
    wanted: dict[str, list[TopicPartition]] = {}
    for partition in of:
        wanted.setdefault(partition.topic, []).append(partition)
    found = await asyncio.gather(*(_spans(reader, own) for own in wanted.values()))
    return {partition: span for own in found for partition, span in own.items()}


async def _spans(reader: AIOKafkaConsumer, own: list[TopicPartition]) -> Spans:
    """Of one topic: about several, aiokafka waits a tenth of a second for each one that it has not heard of."""
    first, end = await reader.beginning_offsets(own), await reader.end_offsets(own)
    return {partition: Span(first[partition], end[partition]) for partition in own}


async def spans_since(reader: AIOKafkaConsumer, partitions: list[TopicPartition], moment: datetime) -> Spans:
    """From the first record written at that moment or later to the present end."""
    held = await spans(reader, partitions)
    if not held:
        return {}
    first = await reader.offsets_for_times(dict.fromkeys(held, int(moment.timestamp() * 1000)))
    return {
        partition: Span(first[partition].offset if first[partition] else span.end, span.end)
        for partition, span in held.items()
    }


async def committed(settings: KafkaSettings, service: str) -> dict[TopicPartition, int]:
    """How far a service's group has come."""
    async with administered(settings) as admin:
        offsets = await _patiently(lambda: admin.list_consumer_group_offsets(consumer_group(service)))
    return {partition: found.offset for partition, found in offsets.items() if found.offset >= 0}


async def read(
    reader: AIOKafkaConsumer, wanted: Mapping[TopicPartition, Span], read_so_far: Callable[[int], None]
) -> AsyncGenerator[Record, None]:
    """Every record of these spans, and nothing that comes later. Reports how many offsets are behind us."""
    open_spans = {partition: span for partition, span in wanted.items() if span.records > 0}
    reader.assign(list(open_spans))
    for partition, span in open_spans.items():
        reader.seek(partition, span.first)
    behind = dict.fromkeys(open_spans, 0)
    silent_ms = 0
    while open_spans:
        records = await reader.getmany(*open_spans, timeout_ms=POLL_MS, max_records=POLL_RECORDS_MAX)
        silent_ms = 0 if records else silent_ms + POLL_MS
        if silent_ms > READ_SECONDS_MAX * 1000:
            raise TimeoutError("records that are there were not delivered")
        for partition, found in records.items():
            for record in found:
                if record.offset < wanted[partition].end:
                    yield record
        for partition, span in list(open_spans.items()):
            position = await reader.position(partition)
            behind[partition] = min(position, span.end) - span.first
            if position >= span.end:
                del open_spans[partition]
        read_so_far(sum(behind.values()))
