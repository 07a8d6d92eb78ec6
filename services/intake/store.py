"""What does intake remember? Every SQL statement of the service; callers bring the connection and the transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson

from libs.delivery.connections import Connection
from services.intake.sentences import Texts
from services.intake.standing import Standing

SCHEMA = "intake"
COUNT_SHARDS = 64  # far more than there are connections, so that two rarely share a row


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request that is about to be kept. `accepted` is the event's body as JSON."""

    request_id: UUID
    source: str
    source_id: str | None
    fingerprint: bytes
    token_sha256: bytes
    event_id: UUID
    accepted: str
    directory_version: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """A request that was handed in before under the same source and number."""

    request_id: UUID
    fingerprint: bytes
    accepted: str
    directory_version: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One request as it is remembered."""

    standing: Standing
    source: str
    token_sha256: bytes
    accepted: str
    directory_version: str
    accepted_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a request's history."""

    request_id: UUID
    event_id: UUID
    at: datetime
    kind: str
    sentence: Texts
    note: str | None = None
    """What a department wrote to the person with it, sealed."""


INSERT_REQUESTS = """
    INSERT INTO intake.requests (request_id, source, source_id, fingerprint, token_sha256, event_id, accepted,
                                 directory_version, accepted_at, changed_at, cause)
    SELECT request_id, source, source_id, fingerprint, token_sha256, event_id, accepted,
           directory_version, accepted_at, accepted_at, event_id
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::uuid[], $7::json[], $8::text[],
                $9::timestamptz[])
         AS new (request_id, source, source_id, fingerprint, token_sha256, event_id, accepted,
                 directory_version, accepted_at)
    ON CONFLICT (source, source_id) WHERE source_id IS NOT NULL DO NOTHING
    RETURNING request_id
"""
FIND_EARLIER = """
    SELECT source, source_id, request_id, fingerprint, accepted, directory_version
    FROM intake.requests JOIN unnest($1::text[], $2::text[]) AS asked (source, source_id) USING (source, source_id)
"""
# Locked in the order of the key, so that two batches with the same requests cannot wait for each other.
LOCK_STANDINGS = """
    SELECT request_id, state, cause, hops, refusers, department, outcome, decision, assigned, service, proposal,
           expected, place
    FROM intake.requests WHERE request_id = ANY($1::uuid[])
    ORDER BY request_id FOR NO KEY UPDATE
"""
UPDATE_DECIDED = """
    UPDATE intake.requests AS kept
    SET state = new.state, cause = new.cause, department = new.department, decision = new.decision,
        proposal = new.proposal, changed_at = greatest(kept.changed_at, new.changed_at)
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::json[], $6::json[], $7::timestamptz[])
         AS new (request_id, state, cause, department, decision, proposal, changed_at)
    WHERE kept.request_id = new.request_id
"""
UPDATE_MOVED = """
    UPDATE intake.requests
    SET state = $2, cause = $3, hops = $4, refusers = $5, department = $6, outcome = $7, decision = $8, assigned = $9,
        service = $10, proposal = $11, changed_at = $12, directory_version = coalesce($13, directory_version),
        expected = $14, place = $15
    WHERE request_id = $1
"""
INSERT_HISTORY = """
    INSERT INTO intake.history (request_id, event_id, at, kind, sentence, note)
    SELECT request_id, event_id, at, kind, sentence, note
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::json[], $6::text[])
         WITH ORDINALITY AS new (request_id, event_id, at, kind, sentence, note, position)
    ORDER BY position
    ON CONFLICT DO NOTHING
"""
# Rows of one shard are always taken in the order of their state, and last in the transaction: no two can deadlock.
ADD_TO_COUNTS = f"""
    INSERT INTO intake.state_counts AS kept (state, shard, requests)
    SELECT state, pg_backend_pid() % {COUNT_SHARDS}, change
    FROM unnest($1::text[], $2::bigint[]) AS moved (state, change) ORDER BY state
    ON CONFLICT (state, shard) DO UPDATE SET requests = kept.requests + excluded.requests
"""  # noqa: S608  a constant of this file
SUM_COUNTS = "SELECT state, sum(requests)::bigint AS requests FROM intake.state_counts GROUP BY state"
READ_REQUEST = """
    SELECT request_id, state, cause, hops, refusers, department, outcome, decision, assigned, service, proposal,
           expected, place, source, token_sha256, accepted, directory_version, accepted_at, changed_at
    FROM intake.requests WHERE request_id = $1
"""
LOCK_REQUEST = READ_REQUEST + " FOR NO KEY UPDATE"
READ_HISTORY = """
    SELECT request_id, event_id, at, kind, sentence, note FROM intake.history WHERE request_id = $1 ORDER BY seq
"""
LAST_NOTE = "SELECT note FROM intake.history WHERE request_id = $1 AND kind = $2 ORDER BY seq DESC LIMIT 1"


async def insert_requests(conn: Connection, requests: Sequence[NewRequest]) -> set[UUID]:
    """Keep those that are new, and say which. One that another transaction is just keeping is waited for.

    The unique keys are taken in their own order, so that two groups that repeat each other cannot deadlock.
    """
    ordered = sorted(requests, key=lambda new: (new.source, new.source_id or "", new.request_id))
    rows = await conn.fetch(
        INSERT_REQUESTS,
        [new.request_id for new in ordered],
        [new.source for new in ordered],
        [new.source_id for new in ordered],
        [new.fingerprint for new in ordered],
        [new.token_sha256 for new in ordered],
        [new.event_id for new in ordered],
        [new.accepted for new in ordered],
        [new.directory_version for new in ordered],
        [new.accepted_at for new in ordered],
    )
    return {_id(row["request_id"]) for row in rows}


async def find_earlier(conn: Connection, origins: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Earlier]:
    """What was handed in under these pairs of source and number."""
    rows = await conn.fetch(FIND_EARLIER, [source for source, _ in origins], [number for _, number in origins])
    return {
        (row["source"], row["source_id"]): Earlier(
            _id(row["request_id"]), row["fingerprint"], row["accepted"], row["directory_version"]
        )
        for row in rows
    }


async def lock_standings(conn: Connection, request_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """Where these requests stand; until the transaction ends nobody else moves them."""
    rows = await conn.fetch(LOCK_STANDINGS, list(request_ids))
    return {_id(row["request_id"]): _standing(row) for row in rows}


async def keep_decided(conn: Connection, moved: Sequence[tuple[Standing, datetime]]) -> None:
    """Requests that the router has decided, each with the time of that."""
    await conn.execute(
        UPDATE_DECIDED,
        [standing.request_id for standing, _ in moved],
        [standing.state for standing, _ in moved],
        [standing.cause for standing, _ in moved],
        [standing.department for standing, _ in moved],
        [standing.decision for standing, _ in moved],
        [standing.proposal for standing, _ in moved],
        [at for _, at in moved],
    )


async def keep_moved(conn: Connection, standing: Standing, at: datetime, directory_version: str | None = None) -> None:
    """One request after a department's report or a person's choice; `directory_version` is what it was chosen from."""
    await conn.execute(
        UPDATE_MOVED,
        standing.request_id,
        standing.state,
        standing.cause,
        standing.hops,
        list(standing.refusers),
        standing.department,
        standing.outcome,
        standing.decision,
        standing.assigned,
        standing.service,
        standing.proposal,
        at,
        directory_version,
        standing.expected,
        standing.place,
    )


async def append_history(conn: Connection, entries: Sequence[Entry]) -> None:
    """Lines for the status pages; a line that is there already stays as it is."""
    await conn.execute(
        INSERT_HISTORY,
        [entry.request_id for entry in entries],
        [entry.event_id for entry in entries],
        [entry.at for entry in entries],
        [entry.kind for entry in entries],
        [orjson.dumps(dict(entry.sentence)).decode() for entry in entries],
        [entry.note for entry in entries],
    )


async def add_to_counts(conn: Connection, changes: Mapping[str, int]) -> None:
    """How many requests entered (+) or left (-) each state in this transaction."""
    if changes:
        await conn.execute(ADD_TO_COUNTS, list(changes), list(changes.values()))


async def state_counts(conn: Connection) -> dict[str, int]:
    """How many requests are in each state."""
    return {row["state"]: row["requests"] for row in await conn.fetch(SUM_COUNTS)}


async def read_request(conn: Connection, request_id: UUID) -> Kept | None:
    """One request, without waiting for anybody."""
    return _kept(await conn.fetchrow(READ_REQUEST, request_id))


async def lock_request(conn: Connection, request_id: UUID) -> Kept | None:
    """One request; until the transaction ends nobody else moves it."""
    return _kept(await conn.fetchrow(LOCK_REQUEST, request_id))


async def read_history(conn: Connection, request_id: UUID) -> list[Entry]:
    """A request's history after its acceptance, oldest first."""
    rows = await conn.fetch(READ_HISTORY, request_id)
    return [
        Entry(_id(row[0]), _id(row[1]), row["at"], row["kind"], orjson.loads(row["sentence"]), row["note"])
        for row in rows
    ]


async def last_note(conn: Connection, request_id: UUID, kind: str) -> str | None:
    """The sealed words of the last line of this kind; None when it had none."""
    return cast("str | None", await conn.fetchval(LAST_NOTE, request_id, kind))


def _id(given: Any) -> UUID:
    """asyncpg's own kind of UUID equals the standard one, but no JSON encoder knows it."""
    return UUID(int=given.int)


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(
        request_id=_id(row["request_id"]),
        state=row["state"],
        cause=_id(row["cause"]),
        hops=row["hops"],
        refusers=tuple(row["refusers"]),
        department=row["department"],
        outcome=row["outcome"],
        decision=row["decision"],
        assigned=row["assigned"],
        service=row["service"],
        proposal=row["proposal"],
        expected=row["expected"],
        place=row["place"],
    )


def _kept(row: Mapping[str, Any] | None) -> Kept | None:
    if row is None:
        return None
    return Kept(_standing(row), *(row[name] for name in Kept.__slots__[1:]))
