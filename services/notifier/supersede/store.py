"""Which notices does a later one make needless? Every statement about that; callers bring the connection."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from libs.delivery.connections import Connection
from services.notifier.rules import SUPERSEDED, SUPERSEDING
from services.notifier.store import tally

# What is being sent just now is skipped: it was there first, and the later letter follows it.
SUPERSEDE = """
    UPDATE notifier.notices SET state = 'superseded', settled_at = now(), sealed = NULL, facts = NULL
    WHERE notice_id IN (
        SELECT notice_id FROM notifier.notices early
        WHERE request_id = ANY($1::uuid[]) AND audience = 'citizen' AND kind = $2 AND state = 'planned'
          AND EXISTS (SELECT FROM notifier.notices later WHERE later.request_id = early.request_id
                      AND later.audience = 'citizen' AND later.kind = ANY($3::text[]))
        ORDER BY notice_id FOR UPDATE SKIP LOCKED)
"""
TOLD_SINCE = """
    SELECT DISTINCT request_id FROM notifier.notices
    WHERE request_id = ANY($1::uuid[]) AND audience = 'citizen' AND kind = ANY($2::text[])
"""


async def supersede(conn: Connection, request_ids: Collection[UUID]) -> int:
    """Take back what a later letter to the same person says as well, where it has not begun to leave; how many."""
    done = await conn.execute(SUPERSEDE, list(request_ids), SUPERSEDED, list(SUPERSEDING))
    count = int(done.rpartition(" ")[2])
    await tally(conn, Counter({"superseded": count}))
    return count


async def told_since(conn: Connection, request_ids: Collection[UUID]) -> set[UUID]:
    """Of these requests, those about whose decision the citizen is told already."""
    rows = await conn.fetch(TOLD_SINCE, list(request_ids), list(SUPERSEDING))
    return {UUID(int=row["request_id"].int) for row in rows}
