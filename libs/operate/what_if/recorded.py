"""Which requests are recorded, and where does each stand? Read from the topics, once, up to their present ends.

What people said comes first: a request that was refused or assigned is asked as it stands now. Delivery is at least
once, so a request that was written twice is taken once.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.delivery.kafka import KafkaSettings
from libs.directory import question_of
from libs.directory.what_if import Recorded
from libs.events import Event, InvalidEvent, decode
from libs.events.models import RequestAccepted, RequestAssigned, RequestRefused
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED
from libs.operate import broker
from libs.operate.broker import Spans
from libs.operate.output import WrongUse

RECORDS_MAX = 1_000_000  # the ids of so many take 150 MB of memory, and deciding them some minutes
BATCH_REQUESTS = 5_000  # decided in half a second, so that the bar moves
# Clocks of two machines differ; a record is looked at this much before its moment, and then by its own time.
CLOCKS_DIFFER_MAX = timedelta(minutes=5)
ABOUT_OWNERS = {one.TYPE.encode() for one in (RequestRefused, RequestAssigned)}

Reason = Literal["other_territory", "erased", "undecidable", "unreadable"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A recorded request, and the release that it is decided by."""

    release: str
    recorded: Recorded


@dataclass(slots=True)
class Read:
    """What was read so far. requests = those handed on + all that were skipped."""

    requests: int = 0
    skipped: Counter[Reason] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    def saw(self, accepted_at: datetime) -> None:
        """One more request."""
        self.requests += 1
        self.first = min(self.first or accepted_at, accepted_at)
        self.last = max(self.last or accepted_at, accepted_at)


async def recorded(
    settings: KafkaSettings, territory: str, since: datetime, read: Read, progress: Progress
) -> AsyncIterator[list[Asked]]:
    """All requests of a territory that were accepted since, in batches. Joins no group and commits nothing.

    Raises `WrongUse` when there are more than `RECORDS_MAX`, before any is read.
    """
    parts = await broker.partitions(settings, (REQUESTS_ACCEPTED, REQUESTS_PROGRESSED))
    async with broker.connected(settings) as reader:
        accepted = await _since(reader, parts.get(REQUESTS_ACCEPTED, []), since)
        progressed = await _since(reader, parts.get(REQUESTS_PROGRESSED, []), since)
        total = _records(accepted)
        if total > RECORDS_MAX:
            raise WrongUse(
                f"{total:,} requests are recorded since then, {RECORDS_MAX:,} are read: use a later --since."
            )
        total += _records(progressed)
        behind = _records(progressed)
        standing = await _standing(reader, progressed, lambda done: progress(done, total))
        batch: list[Asked] = []
        seen: set[bytes] = set()
        async for record in broker.read(reader, accepted, lambda done: progress(behind + done, total)):
            asked = _asked(record, territory, since, standing, read, seen)
            if asked is not None:
                batch.append(asked)
            if len(batch) >= BATCH_REQUESTS:
                yield batch
                batch = []
        if batch:
            yield batch


async def _since(reader: AIOKafkaConsumer, partitions: list[TopicPartition], since: datetime) -> Spans:
    return await broker.spans_since(reader, partitions, since - CLOCKS_DIFFER_MAX)


def _records(spans: Spans) -> int:
    return sum(span.records for span in spans.values())


async def _standing(reader: AIOKafkaConsumer, spans: Spans, done: Callable[[int], None]) -> dict[bytes, Asked]:
    """By request, the last that was said about its owner. Other progress is not even parsed: most of it is other."""
    found: dict[bytes, Asked] = {}
    async for record in broker.read(reader, spans, done):
        if dict(record.headers).get("ce_type") in ABOUT_OWNERS:
            try:
                asked = _after_progress(decode(record.value, record.headers))
            except InvalidEvent:
                continue  # nobody else can read it either; the router has put it among its dead letters
            if asked is not None:
                found[asked.recorded.request_id.bytes] = asked
    return found


def _after_progress(event: Event) -> Asked | None:
    data = event.data
    if event.directory_version is None or not isinstance(data, RequestRefused | RequestAssigned):
        return None
    was_assigned = isinstance(data, RequestRefused) and bool(data.was_assigned)
    recorded = Recorded(
        data.request_id,
        question_of(data.accepted, data.refusers),
        hops=data.hops,
        chosen=data.department if isinstance(data, RequestAssigned) else None,
        is_for_a_person=was_assigned,
    )
    return Asked(event.directory_version, recorded)


def _asked(
    record: Any, territory: str, since: datetime, standing: Mapping[bytes, Asked], read: Read, seen: set[bytes]
) -> Asked | None:
    """The question of one record; None when it asks none, and then the reason is counted."""
    try:
        event = decode(record.value, record.headers)
    except InvalidEvent:
        is_since = record.timestamp >= since.timestamp() * 1000  # it has no other time
        read.requests += is_since
        read.skipped["unreadable"] += is_since
        return None
    data = event.data
    if not isinstance(data, RequestAccepted) or data.accepted_at < since or data.request_id.bytes in seen:
        return None
    seen.add(data.request_id.bytes)
    read.saw(data.accepted_at)
    if data.territory != territory:
        read.skipped["other_territory"] += 1
        return None
    if known := standing.get(data.request_id.bytes):
        return known
    if event.directory_version is None:
        read.skipped["undecidable"] += 1
        return None
    return Asked(event.directory_version, Recorded(data.request_id, question_of(data)))


def ids_of(batch: list[Asked]) -> list[UUID]:
    """The requests of a batch."""
    return [asked.recorded.request_id for asked in batch]
