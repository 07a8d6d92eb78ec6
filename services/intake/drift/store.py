"""What is remembered about where requests went? Every statement about `decision_counts`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from libs.delivery.connections import Connection
from services.intake.drift.rules import Counted, Place

ADD = """
    INSERT INTO intake.decision_counts AS kept (territory, hour, release, department, requests)
    SELECT territory, hour, release, department, requests
    FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[])
         AS new (territory, hour, release, department, requests)
    ON CONFLICT (territory, hour, release, department) DO UPDATE SET requests = kept.requests + excluded.requests
"""
READ = """
    SELECT release, hour >= $2 AS is_since, department, sum(requests)::bigint AS requests
    FROM intake.decision_counts WHERE territory = $1 AND hour >= $3 AND hour < $4
    GROUP BY release, is_since, department
"""
FORGET = "DELETE FROM intake.decision_counts WHERE hour < $1"


async def add(conn: Connection, counts: Mapping[Place, int]) -> None:
    """In the order of the key, so that no two transactions wait for each other in a circle."""
    if not counts:
        return
    places = sorted(counts)
    await conn.execute(
        ADD,
        [place.territory for place in places],
        [place.hour for place in places],
        [place.release for place in places],
        [place.department for place in places],
        [counts[place] for place in places],
    )


async def read(conn: Connection, territory: str, began: datetime, first: datetime, end: datetime) -> Sequence[Counted]:
    """What was counted from `first` to `end`, apart before and since `began`; all three are whole hours."""
    return [Counted(**row) for row in await conn.fetch(READ, territory, began, first, end)]


async def forget(conn: Connection, before: datetime) -> None:
    """Hours that nobody compares any more."""
    await conn.execute(FORGET, before)
