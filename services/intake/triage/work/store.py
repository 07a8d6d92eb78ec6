"""What does a desk remember of its own work? Every statement about finding a request and what a person chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.delivery.connections import Connection

# Ids are in the order of acceptance. Whatever is younger than this is looked through when the table does not know it:
# it is not decided yet, or was by a process of the version before.
YOUNG_HOURS = 48
KEEP_REFERENCES = """
    INSERT INTO intake.request_references (reference, request_id)
    SELECT * FROM unnest($1::text[], $2::uuid[]) ORDER BY 1 ON CONFLICT DO NOTHING
"""
FIND_REFERENCE = "SELECT request_id FROM intake.request_references WHERE reference = $1"
FIND_YOUNG = """
    SELECT request_id FROM intake.requests WHERE request_id >= $2 AND accepted ->> 'reference' = $1 LIMIT 1
"""
READ_TERRITORY = "SELECT accepted ->> 'territory' FROM intake.requests WHERE request_id = $1"
LIST_CHOSEN = """
    SELECT request_id, kept.accepted ->> 'reference' AS reference, territory, chosen.department, chosen.service,
           assigned_at, kept.state
    FROM intake.assignments chosen JOIN intake.requests kept USING (request_id)
    WHERE assigned_by = $1 AND assigned_at >= $2 AND territory = ANY($3::text[])
    ORDER BY assigned_at DESC, chosen.seq DESC LIMIT $4
"""
# Only a line of the queue can be in somebody's hand: with the line, that ends.
TAKE = "UPDATE intake.held SET taken_by = $2, taken_at = $3 WHERE request_id = $1"
LEAVE = "UPDATE intake.held SET taken_by = NULL, taken_at = NULL WHERE request_id = $1 AND taken_by = $2"
KEEP_NOTE = "INSERT INTO intake.desk_notes (request_id, written_by, written_at, note) VALUES ($1, $2, $3, $4)"
LIST_NOTES = """
    SELECT written_by, written_at, note FROM intake.desk_notes WHERE request_id = $1 ORDER BY seq DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Done:
    """One choice that a person made, and where the request stands by now."""

    request_id: UUID
    reference: str
    territory: str
    department: str
    service: str
    assigned_at: datetime
    state: str


async def keep_references(conn: Connection, references: Sequence[tuple[str, UUID]]) -> None:
    """By which references these requests are asked for."""
    await conn.execute(KEEP_REFERENCES, [one for one, _ in references], [one for _, one in references])


async def find(conn: Connection, reference: str, since: UUID) -> UUID | None:
    """The request with this reference; ids before `since` are only looked for in the table of references."""
    found = await conn.fetchval(FIND_REFERENCE, reference) or await conn.fetchval(FIND_YOUNG, reference, since)
    return None if found is None else UUID(int=found.int)


async def territory_of(conn: Connection, request_id: UUID) -> str | None:
    """Where a request belongs; None when there is none with this id."""
    found: str | None = await conn.fetchval(READ_TERRITORY, request_id)
    return found


async def list_chosen(
    conn: Connection, by: str, since: datetime, territories: Sequence[str], rows_max: int
) -> list[Done]:
    """What this person chose since then, the last first."""
    rows = await conn.fetch(LIST_CHOSEN, by, since, list(territories), rows_max)
    return [Done(**{**row, "request_id": UUID(int=row["request_id"].int)}) for row in rows]


async def take(conn: Connection, request_id: UUID, by: str, at: datetime) -> None:
    """This person has the request in hand now, whoever had it before."""
    await conn.execute(TAKE, request_id, by, at)


async def leave(conn: Connection, request_id: UUID, by: str) -> None:
    """This person has it in hand no more."""
    await conn.execute(LEAVE, request_id, by)


async def keep_note(conn: Connection, request_id: UUID, by: str, at: datetime, note: str) -> None:
    """`note` is sealed."""
    await conn.execute(KEEP_NOTE, request_id, by, at, note)


async def list_notes(conn: Connection, request_id: UUID, notes_max: int) -> list[tuple[str, datetime, str]]:
    """Who, when, and the sealed note; the last first."""
    rows = await conn.fetch(LIST_NOTES, request_id, notes_max)
    return [(row["written_by"], row["written_at"], row["note"]) for row in rows]
