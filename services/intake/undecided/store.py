"""What is remembered about requests without a decision? Every statement about `undecided`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.delivery.connections import Connection
from libs.events.cloudevents import encode_structured
from libs.events.envelope import Event
from services.intake.undecided.rules import Asked, Key, Snapshot, Undecided


@dataclass(frozen=True, slots=True)
class Question:
    """What is kept of the event by which the router was asked about one request."""

    request_id: UUID
    cause: UUID
    announced_at: datetime | None
    event_id: UUID
    accepted: str
    accepted_at: datetime
    directory_version: str
    question: str | None

    @property
    def key(self) -> Key:
        return self.request_id, self.cause, self.announced_at


# The longest undecided first, by the index.
LIST = """
    SELECT u.request_id, r.cause, u.since, u.announced_at,
           r.accepted ->> 'reference' AS reference, r.accepted ->> 'territory' AS territory,
           r.cause = r.event_id OR u.question IS NOT NULL AS is_known
    FROM intake.undecided u JOIN intake.requests r USING (request_id)
    WHERE r.state = 'accepted' AND (u.since, u.request_id) > ($1, $2)
    ORDER BY u.since, u.request_id LIMIT $3
"""
# One statement, so that the snapshot is the one in which the rows are seen, and with them what announces them.
SNAPSHOT = (
    "SELECT pg_current_snapshot()::text AS snapshot, u.* FROM (SELECT 1) AS always LEFT JOIN ({rows}) AS u ON true"
)
MARK = SNAPSHOT.format(
    rows="""
    SELECT u.request_id, r.cause, u.since, u.announced_at
    FROM intake.undecided u JOIN intake.requests r USING (request_id)
    WHERE r.state = 'accepted' ORDER BY u.since, u.request_id LIMIT $1
"""
)
STILL = """
    SELECT u.request_id, r.cause, u.since, u.announced_at
    FROM intake.undecided u JOIN intake.requests r USING (request_id)
    WHERE u.request_id = ANY($1::uuid[]) AND r.state = 'accepted'
"""
OLDEST = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8 FROM intake.undecided
"""
# Locked, so that what is announced is what the request still waits for.
QUESTIONS = """
    SELECT r.request_id, r.cause, u.announced_at, r.event_id, r.accepted, r.accepted_at, r.directory_version, u.question
    FROM intake.requests r JOIN intake.undecided u USING (request_id)
    WHERE r.request_id = ANY($1::uuid[]) AND r.state = 'accepted'
    ORDER BY r.request_id FOR NO KEY UPDATE OF r
"""
KEEP_QUESTION = "UPDATE intake.undecided SET question = $2 WHERE request_id = $1"
ANNOUNCED = """
    UPDATE intake.undecided SET announced_at = clock_timestamp() WHERE request_id = ANY($1::uuid[])
"""


async def see_one_moment(conn: Connection) -> None:
    """All that this transaction reads is of one snapshot."""
    await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


async def keep_question(conn: Connection, request_id: UUID, event: Event) -> None:
    """The event by which the router is asked, while the request has no decision: nobody else keeps it for good."""
    await conn.execute(KEEP_QUESTION, request_id, encode_structured(event).value.decode())


async def mark(conn: Connection, requests_max: int) -> Snapshot:
    """Those that are undecided longest, and the database's snapshot in which they are."""
    rows = await conn.fetch(MARK, requests_max)
    return Snapshot(rows[0]["snapshot"], _asked(row for row in rows if row["request_id"] is not None))


async def still(conn: Connection, request_ids: Iterable[UUID]) -> Mapping[Key, Asked]:
    """Those of them that are undecided now."""
    return _asked(await conn.fetch(STILL, list(request_ids)))


async def page(conn: Connection, after: tuple[datetime, UUID], requests_max: int) -> Sequence[Undecided]:
    """Those that are undecided, the longest first."""
    rows = await conn.fetch(LIST, *after, requests_max)
    return [Undecided(**{**row, "request_id": _id(row["request_id"]), "cause": _id(row["cause"])}) for row in rows]


async def oldest_seconds(conn: Connection) -> float:
    """How long the one has waited that waits longest; 0 when none does."""
    return float(await conn.fetchval(OLDEST))


async def questions(conn: Connection, request_ids: Sequence[UUID]) -> list[Question]:
    """What the router is asked about them; until the transaction ends nobody decides them."""
    rows = await conn.fetch(QUESTIONS, list(request_ids))
    ids = ("request_id", "cause", "event_id")
    return [Question(**{**row, **{name: _id(row[name]) for name in ids}}) for row in rows]


async def keep_announced(conn: Connection, request_ids: Sequence[UUID]) -> None:
    """They were announced again just now."""
    await conn.execute(ANNOUNCED, list(request_ids))


def _asked(rows: Iterable[Mapping[str, Any]]) -> Mapping[Key, Asked]:
    found = (Asked(_id(row["request_id"]), _id(row["cause"]), row["since"], row["announced_at"]) for row in rows)
    return {one.key: one for one in found}


def _id(given: Any) -> UUID:
    """asyncpg's own kind of UUID equals the standard one, but no JSON encoder knows it."""
    return UUID(int=given.int)
