"""Have we seen this event before? Each event id is claimed once, in the transaction that does its work."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from libs.delivery.connections import Connection
from libs.events.envelope import Event
from libs.events.identity import event_id

log = structlog.get_logger(__name__)

ANSWER = "guichet.Answer"  # sets the ids that stand for "its cause is answered" apart from those of events

# Ordered, so that two batches with the same ids cannot wait for each other; DISTINCT, for a batch may hold one twice.
CLAIM = """
INSERT INTO {schema}.inbox (event_id)
SELECT DISTINCT event_id FROM unnest($1::uuid[]) AS event_id ORDER BY event_id
ON CONFLICT DO NOTHING
RETURNING event_id
"""


async def claim(conn: Connection, schema: str, ids: Sequence[UUID]) -> set[UUID]:
    """Returns those of `ids` that are new. Undone when the caller's transaction is.

    A concurrent transaction that claims the same id waits for this one to end. The table is partitioned by the id
    itself, whose first 48 bits are the time of its request: a redelivery always meets its first delivery, which
    partitioning by the time of arrival would not give.
    """
    if not ids:
        return set()
    rows = await conn.fetch(CLAIM.format(schema=schema), list(ids))
    return {UUID(bytes=row["event_id"].bytes) for row in rows}


async def claim_answers(conn: Connection, schema: str, answers: Sequence[Event]) -> tuple[list[Event], set[UUID]]:
    """Those of `answers` that are new, each once; and the ids of those whose cause was answered otherwise before.

    A question is answered once: a second answer (its cause was stamped with another release and sent again, or a later
    version words its decisions otherwise and hears everything again) is at most a proposal, and nobody is told of it.
    """
    new = await claim(conn, schema, [id_ for event in answers for id_ in (event.id, _answer_id(event))])
    fresh = {event.id: event for event in answers if event.id in new}
    first: dict[UUID, UUID] = {}
    for event in fresh.values():
        first.setdefault(_answer_id(event), event.id)
    again = {
        event.id for event in fresh.values() if _answer_id(event) not in new or first[_answer_id(event)] != event.id
    }
    for id_ in again:
        log.warning("answered_before", id=str(id_), cause=str(fresh[id_].causation_id), type=fresh[id_].type)
    return list(fresh.values()), again


def _answer_id(event: Event) -> UUID:
    """An answer without a cause answers nothing but itself."""
    return event_id(event.id, ANSWER, event.causation_id or event.id, b"")
