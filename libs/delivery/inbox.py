"""Have we seen this event before? Each event id is claimed once, in the transaction that does its work."""

from collections.abc import Sequence
from uuid import UUID

from libs.delivery.connections import Connection

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
