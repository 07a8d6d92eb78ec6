"""What does intake remember of those who choose? Every statement about the queue, refusals, choices and openings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.delivery.connections import Connection
from services.intake.triage.rules import Held


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the queue with the request as it was accepted and the decision about it, both as JSON."""

    held: Held
    accepted: str
    service: str | None
    decision: str
    hops: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are wanted. `territories` is what the caller may see; `after` is the last line of the page before,
    `before` the first of the page after; an empty service or municipality is one that is not known."""

    territories: Sequence[str]
    outcome: str | None = None
    reason: str | None = None
    accepted_before: datetime | None = None
    service: str | None = None
    municipality: str | None = None
    desk: str | None = None
    after: UUID | None = None
    before: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines there are of one kind."""

    territory: str
    outcome: str
    reason: str
    requests: int


KINDS = {0b011: "service", 0b101: "municipality", 0b110: "desk"}  # by the columns that a row was not grouped by


@dataclass(frozen=True, slots=True)
class Subjects:
    """How many lines there are for one service, municipality or desk; the empty code is one that is not known."""

    kind: str
    code: str
    requests: int


@dataclass(frozen=True, slots=True)
class RefusalSaid:
    """Who said “not ours”, why and when."""

    department: str
    reason: str
    refused_at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opened what the citizen wrote, and when."""

    opened_by: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """One choice of a person."""

    request_id: UUID
    event_id: UUID
    territory: str
    language: str
    department: str
    service: str
    service_before: str | None
    assigned_by: str
    assigned_at: datetime


# A request may be held again, at a later hop, before the first line has been dropped: the later one counts.
KEEP_HELD = """
    INSERT INTO intake.held (request_id, territory, desk, outcome, reason, held_at, service, municipality, guess,
                             accepted_at)
    SELECT request_id, territory, desk, outcome, reason, held_at, coalesce(kept.service, new.service), municipality,
           kept.accepted -> 'reading' -> 'guesses' -> 0 ->> 'service', kept.accepted_at
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[])
         AS new (request_id, territory, desk, outcome, reason, held_at, service, municipality)
    JOIN (SELECT request_id, service, accepted, accepted_at FROM intake.requests) kept USING (request_id)
    ON CONFLICT (request_id) DO UPDATE
    SET desk = excluded.desk, outcome = excluded.outcome, reason = excluded.reason, held_at = excluded.held_at,
        service = excluded.service, municipality = excluded.municipality
"""
DROP_HELD = "DELETE FROM intake.held WHERE request_id = ANY($1::uuid[])"
# The empty word stands for what nothing was said of.
_WANTED = """
    FROM intake.held
    WHERE territory = ANY($1::text[])
      AND ($2::text IS NULL OR outcome = $2) AND ($3::text IS NULL OR reason = $3)
      AND ($4::timestamptz IS NULL OR coalesce(accepted_at, held_at) <= $4)
      AND ($5::text IS NULL OR coalesce(service, '') = $5) AND ($6::text IS NULL OR coalesce(municipality, '') = $6)
      AND ($7::text IS NULL OR desk = $7)
"""
_LINE = """
    SELECT page.request_id, territory, desk, page.outcome, reason, held_at, taken_by, taken_at, kept.accepted,
           kept.service, kept.decision, kept.hops
    FROM page JOIN intake.requests kept USING (request_id) ORDER BY page.request_id
"""
LIST_HELD = f"""
    WITH page AS MATERIALIZED (
        SELECT * {_WANTED} AND ($8::uuid IS NULL OR request_id > $8) ORDER BY request_id LIMIT $9)
    {_LINE}
"""
LIST_HELD_BEFORE = f"""
    WITH page AS MATERIALIZED (SELECT * {_WANTED} AND request_id < $8 ORDER BY request_id DESC LIMIT $9)
    {_LINE}
"""
COUNT_HELD = f"SELECT count(*) AS requests {_WANTED}"
TALLY_SUBJECTS = """
    SELECT service, municipality, desk, count(*) AS requests, grouping(service, municipality, desk) AS kind
    FROM intake.held WHERE territory = ANY($1::text[]) GROUP BY GROUPING SETS ((service), (municipality), (desk))
"""
TALLY_HELD = """
    SELECT territory, outcome, reason, count(*) AS requests FROM intake.held
    WHERE territory = ANY($1::text[]) GROUP BY territory, outcome, reason ORDER BY territory, outcome, reason
"""
READ_HELD = """
    SELECT request_id, territory, desk, outcome, reason, held_at, service, municipality, taken_by, taken_at
    FROM intake.held WHERE request_id = $1
"""
KEEP_REFUSAL = """
    INSERT INTO intake.refusals (request_id, event_id, department, reason, refused_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
"""
READ_REFUSALS = """
    SELECT department, reason, refused_at FROM intake.refusals WHERE request_id = $1 ORDER BY seq
"""
KEEP_CHOSEN = """
    INSERT INTO intake.assignments (request_id, event_id, territory, language, department, service, service_before,
                                    assigned_by, assigned_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
# The last choice about a request counts, and only where it differs from what the request said when it was accepted.
LIST_CORRECTIONS = """
    SELECT request_id, event_id, territory, language, department, service, service_before, assigned_by, assigned_at
    FROM (
        SELECT DISTINCT ON (request_id) * FROM intake.assignments
        WHERE territory = ANY($1::text[]) AND ($2::uuid IS NULL OR request_id > $2)
        ORDER BY request_id, seq DESC
    ) latest
    WHERE service IS DISTINCT FROM service_before ORDER BY request_id LIMIT $3
"""
READ_ACCEPTED = "SELECT request_id, accepted FROM intake.requests WHERE request_id = ANY($1::uuid[])"
KEEP_OPENINGS = """
    INSERT INTO intake.openings (request_id, opened_by, opened_at)
    SELECT request_id, $2, $3 FROM unnest($1::uuid[]) AS opened (request_id)
"""
READ_OPENINGS = """
    SELECT opened_by, opened_at FROM intake.openings WHERE request_id = $1 ORDER BY seq DESC LIMIT $2
"""


async def keep_held(conn: Connection, rows: Sequence[Held]) -> None:
    """These requests wait for a person."""
    if rows:
        await conn.execute(
            KEEP_HELD,
            [row.request_id for row in rows],
            [row.territory for row in rows],
            [row.desk for row in rows],
            [row.outcome for row in rows],
            [row.reason for row in rows],
            [row.held_at for row in rows],
            [row.service for row in rows],
            [row.municipality for row in rows],
        )


async def drop_held(conn: Connection, request_ids: Sequence[UUID]) -> None:
    """These requests wait no more."""
    if request_ids:
        await conn.execute(DROP_HELD, list(request_ids))


async def list_held(conn: Connection, wanted: Filter, requests_max: int) -> list[Waiting]:
    """What waits, oldest first; before a line, those that come last before it."""
    query, place = (LIST_HELD_BEFORE, wanted.before) if wanted.before else (LIST_HELD, wanted.after)
    rows = await conn.fetch(query, *_parameters(wanted), place, requests_max)
    return [Waiting(_held(row), row["accepted"], row["service"], row["decision"], row["hops"]) for row in rows]


async def count_held(conn: Connection, wanted: Filter) -> int:
    """How many wait, on all pages."""
    return int(await conn.fetchval(COUNT_HELD, *_parameters(wanted)))


async def tally_held(conn: Connection, territories: Sequence[str]) -> list[Tally]:
    """How many wait, by territory, outcome and reason."""
    return [Tally(**row) for row in await conn.fetch(TALLY_HELD, list(territories))]


async def tally_subjects(conn: Connection, territories: Sequence[str]) -> list[Subjects]:
    """How many wait for each service, municipality and desk."""
    rows = await conn.fetch(TALLY_SUBJECTS, list(territories))
    return [Subjects(KINDS[row["kind"]], row[KINDS[row["kind"]]] or "", row["requests"]) for row in rows]


async def read_held(conn: Connection, request_id: UUID) -> Held | None:
    """This request's line of the queue."""
    row = await conn.fetchrow(READ_HELD, request_id)
    return None if row is None else _held(row)


async def keep_refusal(
    conn: Connection, request_id: UUID, event_id: UUID, department: str, reason: str | None, at: datetime
) -> None:
    """A department said “not ours”."""
    await conn.execute(KEEP_REFUSAL, request_id, event_id, department, reason or "", at)


async def read_refusals(conn: Connection, request_id: UUID) -> list[RefusalSaid]:
    """Who refused this request, in order."""
    return [RefusalSaid(**row) for row in await conn.fetch(READ_REFUSALS, request_id)]


async def keep_chosen(conn: Connection, chosen: Chosen) -> None:
    """A person's choice, for the record and as an example for the classifier."""
    await conn.execute(KEEP_CHOSEN, *(getattr(chosen, name) for name in Chosen.__slots__))


async def list_corrections(
    conn: Connection, territories: Sequence[str], after: UUID | None, requests_max: int
) -> list[Chosen]:
    """The last choice about each request whose service a person changed or added, in the order of the requests."""
    rows = await conn.fetch(LIST_CORRECTIONS, list(territories), after, requests_max)
    return [Chosen(**{**row, "request_id": _id(row["request_id"]), "event_id": _id(row["event_id"])}) for row in rows]


async def read_accepted(conn: Connection, request_ids: Sequence[UUID]) -> dict[UUID, str]:
    """These requests as they were accepted, as JSON."""
    rows = await conn.fetch(READ_ACCEPTED, list(request_ids))
    return {_id(row["request_id"]): row["accepted"] for row in rows}


async def keep_openings(conn: Connection, request_ids: Sequence[UUID], opened_by: str, at: datetime) -> None:
    """Somebody opened what these citizens wrote."""
    await conn.execute(KEEP_OPENINGS, list(request_ids), opened_by, at)


async def read_openings(conn: Connection, request_id: UUID, openings_max: int) -> list[Opening]:
    """Who opened this request, the last first."""
    return [Opening(**row) for row in await conn.fetch(READ_OPENINGS, request_id, openings_max)]


def _parameters(wanted: Filter) -> tuple[Any, ...]:
    given = (wanted.outcome, wanted.reason, wanted.accepted_before, wanted.service, wanted.municipality, wanted.desk)
    return list(wanted.territories), *given


def _held(row: Any) -> Held:
    names = ("territory", "desk", "outcome", "reason", "held_at")
    taken = {"taken_by": row["taken_by"], "taken_at": row["taken_at"]}
    return Held(_id(row["request_id"]), *(row[name] for name in names), **taken)


def _id(given: Any) -> UUID:
    """asyncpg's own kind of UUID equals the standard one, but no JSON encoder knows it."""
    return UUID(int=given.int)
