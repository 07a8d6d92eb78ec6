"""What do the topics say about the requests of a demo? Followed without a group, from the moment the demo begins.

A time is the moment at which a record was written: a routed event itself carries the time of the request, so that
deciding twice makes the same bytes.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer

from libs.delivery.kafka import KafkaSettings
from libs.events import InvalidEvent, decode
from libs.events.models import NoticeFailed, NoticeIndeterminate, NoticeSent, RequestHeld, RequestRouted
from libs.events.topics import NOTICES_SENT, REQUESTS_ROUTED, dead_topic
from libs.operate import broker
from libs.operate.demo.figures import Outcome

POLL_MS = 200
LATEST_SHOWN = 8
ABOUT_THE_OWNER = {"routed", "held", "new_request"}  # kinds of notices that say who has the request


@dataclass(slots=True)
class Follower:
    """Writes what it hears into the outcome; keeps the latest decisions for the screen."""

    outcome: Outcome
    latest: deque[tuple[RequestRouted | RequestHeld, int]] = field(default_factory=lambda: deque(maxlen=LATEST_SHOWN))

    async def run(self, reader: AIOKafkaConsumer) -> None:
        """Hear for ever."""
        while True:
            for records in (await reader.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    self.hear(record)

    def hear(self, record: Any) -> None:
        """One record of any followed topic; others' bytes may be anything."""
        if record.topic == dead_topic("router"):
            if (request := _uuid(record.key)) is not None:
                self.outcome.dead.add(request)
            return
        try:
            data = decode(record.value, record.headers).data
        except InvalidEvent:
            return
        if isinstance(data, RequestRouted | RequestHeld):
            found = self.outcome.routed_at if isinstance(data, RequestRouted) else self.outcome.held_at
            if found.setdefault(data.request_id, record.timestamp) == record.timestamp:
                self.latest.append((data, record.timestamp))
        elif isinstance(data, NoticeSent | NoticeFailed | NoticeIndeterminate) and data.kind in ABOUT_THE_OWNER:
            if isinstance(data, NoticeSent):
                self.outcome.notified_at.setdefault(data.request_id, record.timestamp)
            if data.audience == "citizen":
                self.outcome.told.add(data.request_id)


def _uuid(key: bytes | None) -> UUID | None:
    try:
        return UUID((key or b"").decode())
    except ValueError:
        return None


@asynccontextmanager
async def following(settings: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    """A reader at the present end of the topics that tell what becomes of requests."""
    parts = await broker.partitions(settings, (REQUESTS_ROUTED, NOTICES_SENT, dead_topic("router")))
    async with broker.connected(settings) as reader:
        held = await broker.spans(reader, (partition for of in parts.values() for partition in of))
        reader.assign(list(held))
        for partition, span in held.items():
            reader.seek(partition, span.end)
        yield reader
