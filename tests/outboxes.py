"""How do the tests run a relay, and see what it publishes?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from libs.delivery.errors import Unavailable
from libs.delivery.messages import OutgoingRecord
from libs.delivery.outbox import OutboxRelay, append
from libs.delivery.publisher import Publisher
from libs.events.cloudevents import decode
from libs.events.envelope import Event
from libs.service.postgres import Database

SCHEMA = "intake"


class Heard(Publisher):
    """Stands where Kafka is, and keeps what it was given in the order it came; may be away."""

    def __init__(self, away_after: int | None = None) -> None:
        self.events: list[Event] = []
        self.is_away = False
        self.away_after = away_after
        self.calls = 0

    async def publish_records(self, records: Sequence[OutgoingRecord]) -> None:
        self.calls += 1
        await asyncio.sleep(0)
        if self.is_away or (self.away_after is not None and len(self.events) >= self.away_after):
            raise Unavailable("Kafka is away")
        self.events += [decode(record.value, record.headers) for record in records]

    @property
    def ids(self) -> list[UUID]:
        return [event.id for event in self.events]


@asynccontextmanager
async def relaying(database: Database, heard: Heard) -> AsyncIterator[OutboxRelay]:
    relay = OutboxRelay(database, SCHEMA, heard)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


async def add(database: Database, *events: Event) -> None:
    async with database.transaction() as conn:
        await append(conn, SCHEMA, events)
