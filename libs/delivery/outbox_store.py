"""What does the relay ask of the database? Every statement about the outbox, and none elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from libs.delivery.connections import Connection
from libs.delivery.messages import OutgoingRecord

Row = Any  # an asyncpg record

BACKLOG_ROWS_MAX = 100_000  # counting more would cost more than anyone gains by the figure

APPEND = """
INSERT INTO {schema}.outbox (event_id, topic, key, headers, value)
SELECT event_id, topic, key, headers::jsonb, value
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::bytea[])
     WITH ORDINALITY AS t (event_id, topic, key, headers, value, position)
ORDER BY position
"""

# A row belongs to the batch when it is visible in the new snapshot and was not in the old one. It then was either begun
# after the old snapshot or in progress in it: two index ranges. One statement, so that `doing` is the snapshot that
# the rows are read in. It must run outside of a writing transaction: a snapshot does not list the reader's own id.
BATCH = """
WITH span AS (
    SELECT $1::text::pg_snapshot AS done, coalesce($2::text::pg_snapshot, pg_current_snapshot()) AS doing
)
SELECT (SELECT doing::text FROM span) AS doing,
       ARRAY(
           SELECT seq FROM (
               SELECT seq, xid FROM {schema}.outbox
               WHERE xid >= (SELECT pg_snapshot_xmax(done) FROM span)
                 AND xid < (SELECT pg_snapshot_xmax(doing) FROM span)
               UNION ALL
               SELECT seq, xid FROM {schema}.outbox
               WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip(done) FROM span))
           ) AS candidates
           WHERE seq > $3 AND pg_visible_in_snapshot(xid, (SELECT doing FROM span))
           ORDER BY seq LIMIT $4
       ) AS seqs
"""

PAGE = """
SELECT topic, key, headers::text, value FROM {schema}.outbox WHERE seq = ANY ($1::bigint[]) ORDER BY seq
"""

LEAD = "SELECT pg_try_advisory_lock(hashtextextended('guichet outbox ' || $1, 0))"

TAKE_OVER = """
UPDATE {schema}.outbox_relay SET epoch = epoch + 1, cluster = coalesce(cluster, $1)
RETURNING epoch, cluster, done::text, doing::text, doing_seq,
          pg_snapshot_xmax(done) > pg_snapshot_xmax(pg_current_snapshot()) AS is_ahead
"""

MOVE = """
UPDATE {schema}.outbox_relay
SET done = $2::text::pg_snapshot, doing = $3::text::pg_snapshot, doing_seq = $4
WHERE epoch = $1
"""

BACKLOG = """
SELECT count(*) AS rows, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS age_seconds
FROM (
    SELECT o.created_at FROM {schema}.outbox_relay r JOIN {schema}.outbox o ON o.xid >= pg_snapshot_xmin(r.done)
    WHERE NOT pg_visible_in_snapshot(o.xid, r.done)
      AND NOT (r.doing IS NOT NULL AND o.seq <= r.doing_seq AND pg_visible_in_snapshot(o.xid, r.doing))
    LIMIT $1
) AS waiting
"""

WAITING_IN = """
SELECT EXISTS (
    SELECT FROM {schema}.outbox_relay r JOIN {schema}.outbox o ON o.xid >= pg_snapshot_xmin(r.done)
    WHERE NOT pg_visible_in_snapshot(o.xid, r.done)
      AND NOT (r.doing IS NOT NULL AND o.seq <= r.doing_seq AND pg_visible_in_snapshot(o.xid, r.doing))
      AND pg_visible_in_snapshot(o.xid, $1::text::pg_snapshot)
)
"""

CLUSTER = "SELECT system_identifier::text FROM pg_control_system()"
DATABASE = "SELECT 'database ' || oid FROM pg_database WHERE datname = current_database()"

RESTORING = "restoring"  # begins what stands for the cluster's id until a restore has come to its end


class ClusterChanged(Exception):
    """The outbox comes from another database cluster, whose transaction ids mean nothing here."""


class Fenced(Exception):
    """Another relay has taken over since."""


@dataclass(slots=True)
class Position:
    """How far a leader has come: all of `done`, and of `doing` everything up to `doing_seq`."""

    epoch: int
    done: str
    doing: str | None
    doing_seq: int


@dataclass(frozen=True, slots=True)
class Appended:
    """One row to be appended, as columns."""

    event_id: object
    headers: str
    record: OutgoingRecord


async def append_rows(conn: Connection, schema: str, rows: Sequence[Appended]) -> None:
    await conn.execute(
        APPEND.format(schema=schema),
        [row.event_id for row in rows],
        [row.record.topic for row in rows],
        [row.record.key for row in rows],
        [row.headers for row in rows],
        [row.record.value for row in rows],
    )


async def may_lead(conn: Connection, schema: str) -> bool:
    """Take the session's advisory lock, or find it taken. It ends with the connection."""
    return bool(await conn.fetchval(LEAD, schema))


async def cluster_of(conn: Connection) -> str:
    """Which cluster this is. A role that may not ask gets its database's id: a restored dump has another one."""
    try:
        return str(await conn.fetchval(CLUSTER))
    except asyncpg.InsufficientPrivilegeError:
        return str(await conn.fetchval(DATABASE))


async def take_over(conn: Connection, schema: str) -> Position:
    """Raise the epoch, so that whoever led before can move nothing. Raises `ClusterChanged`."""
    cluster = await cluster_of(conn)
    row = await conn.fetchrow(TAKE_OVER.format(schema=schema), cluster)
    if row["cluster"].startswith(RESTORING):
        raise ClusterChanged(f"a restore did not come to its end in {schema}: run the same `guichet restore` again")
    if row["cluster"] != cluster or row["is_ahead"]:
        raise ClusterChanged(
            f"the outbox of {schema} was written in another database cluster (a restored dump?); "
            f"what it has published cannot be told: run `python -m libs.delivery.rebase {schema}` once"
        )
    return Position(row["epoch"], row["done"], row["doing"], row["doing_seq"])


async def batch(conn: Connection, schema: str, at: Position, limit: int) -> tuple[str, list[int]]:
    """The snapshot of the batch (the one at hand, or the present one) and the next rows of it, in `seq` order."""
    row = await conn.fetchrow(BATCH.format(schema=schema), at.done, at.doing, at.doing_seq, limit)
    return row["doing"], row["seqs"]


async def page(conn: Connection, schema: str, seqs: Sequence[int]) -> list[Row]:
    rows: list[Row] = await conn.fetch(PAGE.format(schema=schema), seqs)
    return rows


async def move(conn: Connection, schema: str, to: Position) -> None:
    """Compare and set on the epoch: a leader that slept through its end changes nothing. Raises `Fenced`."""
    moved = await conn.execute(MOVE.format(schema=schema), to.epoch, to.done, to.doing, to.doing_seq)
    if moved != "UPDATE 1":
        raise Fenced(f"the relay of {schema} was taken over by another process")


async def backlog(conn: Connection, schema: str) -> tuple[int, float]:
    row = await conn.fetchrow(BACKLOG.format(schema=schema), BACKLOG_ROWS_MAX)
    return row["rows"], row["age_seconds"]


async def has_published(conn: Connection, schema: str, snapshot: str) -> bool:
    """Whether every row that is visible in this snapshot has reached Kafka."""
    return not await conn.fetchval(WAITING_IN.format(schema=schema), snapshot)
