"""What happened to one request? Read from the topics, which hold every word that was said about it.

None of a request's events is older than the request id, which holds its time; so a trace reads the younger part of each
topic. Of all partitions: which one a key belongs to depends on how many there were when it was written, and by whose
client (librdkafka's own choice is not Kafka's).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from libs.delivery.kafka import KafkaSettings
from libs.events import Event, InvalidEvent, decode, time_of
from libs.events.topics import REQUESTS_ACCEPTED, SERVICES, TOPICS, dead_topic
from libs.operate import broker

DEAD_PREFIX = "guichet-dead-"
BY_REQUEST = tuple(name for name, topic in TOPICS.items() if topic.key == "request_id")
DEAD = tuple(dead_topic(service) for service in SERVICES)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Said:
    """One record about the request. `event` is None for bytes that are none; `dead` says why it was given up on."""

    at: datetime
    topic: str
    partition: int
    offset: int
    event: Event | None
    dead: dict[str, str] | None


async def timeline(settings: KafkaSettings, request_id: UUID, progress: Progress) -> list[Said]:
    """Every different event about the request, in the order in which they were written."""
    key = str(request_id).encode()
    parts = await broker.partitions(settings, (*BY_REQUEST, *DEAD))
    ours = [partition for of in parts.values() for partition in of]
    async with broker.connected(settings) as reader:
        slices = await broker.spans_since(reader, ours, time_of(request_id))
        total = sum(span.records for span in slices.values())
        found = [
            _said(record)
            async for record in broker.read(reader, slices, lambda done: progress(done, total))
            if record.key == key
        ]
    return sorted(_once(found), key=lambda said: said.at)


async def request_id_of(settings: KafkaSettings, reference: str, progress: Progress) -> UUID | None:
    """The request with this reference. Nothing is indexed by it, so all accepted requests are looked through."""
    parts = await broker.partitions(settings, [REQUESTS_ACCEPTED])
    async with broker.connected(settings) as reader:
        held = await broker.spans(reader, parts.get(REQUESTS_ACCEPTED, []))
        total = sum(span.records for span in held.values())
        async for record in broker.read(reader, held, lambda done: progress(done, total)):
            if reference.encode() in (record.value or b""):
                return UUID(record.key.decode())
    return None


def _said(record: Any) -> Said:
    try:
        event = decode(record.value, record.headers)
    except InvalidEvent:
        event = None
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    dead = _why_dead(record.headers) if record.topic in DEAD else None
    return Said(at, record.topic, record.partition, record.offset, event, dead)


def _why_dead(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    return {
        name.removeprefix(DEAD_PREFIX): (value or b"").decode(errors="replace")
        for name, value in headers
        if name.startswith(DEAD_PREFIX)
    }


def _once(found: Iterable[Said]) -> list[Said]:
    """Delivery is at least once: of an event that was written twice on one topic, the first."""
    first: dict[tuple[str, object], Said] = {}
    for said in found:
        first.setdefault((said.topic, said.event.id if said.event else said.offset), said)
    return list(first.values())
