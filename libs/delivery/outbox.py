"""How does what a transaction announces reach Kafka, exactly if the transaction commits?

`append` adds rows in the caller's transaction. One leader publishes them with the *two-snapshot* method: a batch is
every row visible in the new snapshot and not in the old one, in `seq` order. A cursor on `seq` would skip late commits;
waiting for the oldest open transaction would let any idle one, in any database of the cluster, stop everything.
"""

import asyncio
import time
from collections.abc import Sequence

import orjson
import structlog

from libs.delivery import outbox_store as store
from libs.delivery.backoff import Backoff
from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Unavailable
from libs.delivery.messages import OutgoingRecord
from libs.delivery.partitions import maintain
from libs.delivery.publisher import Publisher, outgoing
from libs.events.envelope import Event

log = structlog.get_logger(__name__)

PAGE_ROWS = 1000  # published together; at a few KiB each this is what one leader holds in memory
LISTED_ROWS_MAX = 50_000  # row numbers listed at once after an outage; 50,000 integers are 2 MB
POLL_SECONDS_MIN = 0.005
POLL_SECONDS_MAX = 0.05  # the longest that an idle relay adds to a request's way
STANDBY_SECONDS = 1.0  # how long a second process takes to see that the leader is gone
SAVE_SECONDS = 10.0  # how old the saved snapshot of an idle relay may get
MAINTAIN_SECONDS = 3600.0  # partitions are made three days ahead


async def append(conn: Connection, schema: str, events: Sequence[Event]) -> None:
    """Announce these events if and when the caller's transaction commits.

    Lock the request's own row first: `seq` order is then the request's order, which transaction ids alone are not.
    """
    if events:
        await store.append_rows(conn, schema, [_row(event) for event in events])


def _row(event: Event) -> store.Appended:
    record = outgoing(event)
    pairs = [(name, (value or b"").decode()) for name, value in record.headers]
    return store.Appended(event.id, orjson.dumps(pairs).decode(), record)


class OutboxRelay:
    """Publishes the outbox of one schema. Any number may run; one leads, the others wait for it to end.

    A crash between Kafka's acknowledgement and the move of the state row sends at most one page again.
    """

    def __init__(self, database: Connections, schema: str, publisher: Publisher) -> None:
        self._database = database
        self._schema = schema
        self._publisher = publisher
        self._backoff = Backoff(base_seconds=0.1, max_seconds=5.0)
        self._saved_at = 0.0
        self._maintained_at: float | None = None
        self.is_leader = False
        self.published_total = 0

    async def run(self) -> None:
        """Lead, or wait to lead, until cancelled. Ends with `ClusterChanged` when an operator must decide first."""
        trouble = Backoff(base_seconds=0.1, max_seconds=5.0)
        while True:
            try:
                async with self._database.connection() as conn:
                    if await store.may_lead(conn, self._schema):
                        trouble.reset()
                        await self._lead(conn)
            except store.Fenced as fenced:
                log.warning("relay_fenced", schema=self._schema, reason=str(fenced))
            except Unavailable as away:
                log.warning("relay_waits", schema=self._schema, slug=away.slug)
                await asyncio.sleep(trouble.next_seconds())
            finally:
                self.is_leader = False
            await asyncio.sleep(STANDBY_SECONDS)

    async def _lead(self, conn: Connection) -> None:
        """Everything goes through the connection that holds the lock: when it breaks, so does the leading."""
        at = await store.take_over(conn, self._schema)
        self.is_leader = True
        log.info("relay_leads", schema=self._schema, epoch=at.epoch)
        pause = POLL_SECONDS_MIN
        while True:
            await self._maintain_at_times(conn)
            has_published = await self._publish_batch(conn, at)
            pause = POLL_SECONDS_MIN if has_published else min(POLL_SECONDS_MAX, pause * 1.5)
            await asyncio.sleep(pause)

    async def _publish_batch(self, conn: Connection, at: store.Position) -> bool:
        """Publish what became visible since `at.done`; the pair of snapshots stays fixed until all of it is out."""
        is_empty = at.doing is None
        at.doing, seqs = await store.batch(conn, self._schema, at, LISTED_ROWS_MAX)
        while seqs:
            is_empty = False
            for start in range(0, len(seqs), PAGE_ROWS):
                page = seqs[start : start + PAGE_ROWS]
                await self._publish(_records(await store.page(conn, self._schema, page)))
                at.doing_seq = page[-1]
                if start + PAGE_ROWS < len(seqs):
                    await store.move(conn, self._schema, at)
            if len(seqs) < LISTED_ROWS_MAX:
                break
            _, seqs = await store.batch(conn, self._schema, at, LISTED_ROWS_MAX)
        at.done, at.doing, at.doing_seq = at.doing, None, 0
        if not is_empty or time.monotonic() - self._saved_at > SAVE_SECONDS:
            await store.move(conn, self._schema, at)
            self._saved_at = time.monotonic()
        return not is_empty

    async def _publish(self, records: Sequence[OutgoingRecord]) -> None:
        """Try for as long as Kafka is away: nothing after these may go first."""
        while True:
            try:
                await self._publisher.publish_records(records)
            except Unavailable:
                await asyncio.sleep(self._backoff.next_seconds())
            else:
                self._backoff.reset()
                self.published_total += len(records)
                return

    async def _maintain_at_times(self, conn: Connection) -> None:
        now = time.monotonic()
        if self._maintained_at is None or now - self._maintained_at > MAINTAIN_SECONDS:
            await maintain(conn, self._schema)
            self._maintained_at = now

    async def backlog(self) -> tuple[int, float]:
        """How many rows wait to be published (at most 100,000 are counted), and for how long the oldest has."""
        async with self._database.connection() as conn:
            return await store.backlog(conn, self._schema)


def _records(rows: Sequence[store.Row]) -> list[OutgoingRecord]:
    return [
        OutgoingRecord(
            row["topic"],
            row["key"],
            row["value"],
            [(name, value.encode()) for name, value in orjson.loads(row["headers"])],
        )
        for row in rows
    ]
