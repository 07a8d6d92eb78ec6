"""How do the outbox and the inbox stay small? They are partitioned by time; old partitions are dropped whole."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import asyncpg
import structlog

from libs.delivery.connections import Connection

log = structlog.get_logger(__name__)

OUTBOX_DAYS_AHEAD = 3  # a relay that stands still for a weekend leaves none missing; after that the default one serves
OUTBOX_DAYS_KEPT = 2  # published rows, kept for looking things up
INBOX_WEEKS_AHEAD = 3
INBOX_DAYS_KEPT = 120  # the longest retention of a topic (90 days) and a month in which it may be replayed
LOCK_SECONDS = 2  # a partition that is in use is left for the next time rather than making everyone wait

EXISTING = """
SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::regclass AND c.relname <> $2
"""

# The default partition may hold rows of this range; they must move first, or the new partition is refused.
CREATE = """
CREATE TABLE {schema}.{name} (LIKE {schema}.{table} INCLUDING DEFAULTS);
WITH moved AS (DELETE FROM {schema}.{table}_default WHERE {column} >= '{low}' AND {column} < '{high}' RETURNING *)
INSERT INTO {schema}.{name} SELECT * FROM moved;
ALTER TABLE {schema}.{table} ATTACH PARTITION {schema}.{name} FOR VALUES FROM ('{low}') TO ('{high}');
"""

# Asked with the partition locked, so that no transaction can still be adding to it.
UNPUBLISHED = """
SELECT EXISTS (
    SELECT FROM {schema}.{name} o, {schema}.outbox_relay r WHERE NOT pg_visible_in_snapshot(o.xid, r.done)
)
"""


@dataclass(frozen=True, slots=True)
class Span:
    """One partition: from its first day to the day after its last."""

    table: str
    first: date
    after: date

    @property
    def name(self) -> str:
        return f"{self.table}_{self.first:%Y%m%d}"

    @property
    def bounds(self) -> tuple[str, str]:
        if self.table == "inbox":
            return str(_lowest_id(self.first)), str(_lowest_id(self.after))
        return f"{self.first} 00:00:00+00", f"{self.after} 00:00:00+00"


def _lowest_id(day: date) -> UUID:
    """The lowest UUIDv7 or v8 of that day: their first 48 bits are milliseconds since 1970."""
    milliseconds = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def wanted(today: date) -> list[Span]:
    """The partitions that should exist: from yesterday, and some days or weeks ahead."""
    yesterday = today - timedelta(days=1)
    monday = yesterday - timedelta(days=yesterday.weekday())
    days = [yesterday + timedelta(days=n) for n in range(OUTBOX_DAYS_AHEAD + 2)]
    weeks = [monday + timedelta(weeks=n) for n in range(INBOX_WEEKS_AHEAD + 2)]
    return [Span("outbox", day, day + timedelta(days=1)) for day in days] + [
        Span("inbox", week, week + timedelta(weeks=1)) for week in weeks
    ]


def is_expired(name: str, today: date) -> bool:
    """Whether every row of the partition of this name is older than needed; the name tells its first day."""
    table, _, first = name.rpartition("_")
    after = datetime.strptime(first, "%Y%m%d").replace(tzinfo=UTC).date() + timedelta(days=7 if table == "inbox" else 1)
    kept = timedelta(days=INBOX_DAYS_KEPT if table == "inbox" else OUTBOX_DAYS_KEPT)
    return after + kept <= today


async def maintain(conn: Connection, schema: str, today: date | None = None) -> None:
    """Make the partitions of the coming days and drop expired ones. What is in use is left for the next time."""
    today = today or datetime.now(UTC).date()
    for table in ("outbox", "inbox"):
        rows = await conn.fetch(EXISTING, f"{schema}.{table}", f"{table}_default")
        existing = {row["name"] for row in rows}
        for span in wanted(today):
            if span.table == table and span.name not in existing:
                await _try(conn, schema, span.name, _create, span)
        for name in sorted(existing):
            if is_expired(name, today):
                await _try(conn, schema, name, _drop, name)


async def _try(conn: Connection, schema: str, name: str, change: object, what: object) -> None:
    try:
        async with conn.transaction():
            await conn.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            await change(conn, schema, what)  # type: ignore[operator]
    except (asyncpg.LockNotAvailableError, asyncpg.DuplicateTableError) as error:
        log.warning("partition_left", schema=schema, partition=name, error=type(error).__name__)


async def _create(conn: Connection, schema: str, span: Span) -> None:
    column = "event_id" if span.table == "inbox" else "created_at"
    low, high = span.bounds
    await conn.execute(
        CREATE.format(schema=schema, table=span.table, name=span.name, column=column, low=low, high=high)
    )


async def _drop(conn: Connection, schema: str, name: str) -> None:
    await conn.execute(f"LOCK TABLE {schema}.{name} IN ACCESS EXCLUSIVE MODE")
    if name.startswith("outbox") and await conn.fetchval(UNPUBLISHED.format(schema=schema, name=name)):
        log.warning("partition_kept", schema=schema, partition=name, reason="not all of it is published")
        return
    await conn.execute(f"DROP TABLE {schema}.{name}")
    log.info("partition_dropped", schema=schema, partition=name)
