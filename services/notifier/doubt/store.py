"""What is remembered about letters in doubt? Every statement about them; nothing personal among the columns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from libs.delivery.connections import Connection
from libs.service.paging import Place
from services.notifier.store import tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which letters are meant; None: whatever it is."""

    notice_ids: Sequence[UUID] | None = None
    audience: str | None = None
    department: str | None = None


# A letter that came out of a restore by its announcement alone has no words and no destination.
CAN_BE_SENT = "facts IS NOT NULL AND destination <> ''"
IS_CHOSEN = """
    state = 'indeterminate' AND ($1::uuid[] IS NULL OR notice_id = ANY($1)) AND ($2::text IS NULL OR audience = $2)
    AND ($3::text IS NULL OR facts ->> 'department_code' = $3)
"""
LIST = f"""
    SELECT notice_id, request_id, facts ->> 'reference' AS reference, audience,
           facts ->> 'department_code' AS department, kind, channel,
           language, attempts, planned_at, settled_at AS in_doubt_since, message_id, reason,
           {CAN_BE_SENT} AS can_be_sent
    FROM notifier.notices WHERE {IS_CHOSEN} AND (settled_at, notice_id) > ($4, $5)
    ORDER BY settled_at, notice_id LIMIT $6
"""  # noqa: S608  only this file's own text
COUNT = "SELECT count(*) FROM notifier.notices WHERE state = 'indeterminate'"
# Whoever asks for the same letters a second time, or at the same time, finds none that are in doubt any more.
SEND_AGAIN = f"""
    UPDATE notifier.notices
    SET state = 'planned', due_at = now(), settled_at = NULL, sent_again_at = now(), sent_again_by = $5
    WHERE state = 'indeterminate' AND notice_id IN (
        SELECT notice_id FROM notifier.notices WHERE {IS_CHOSEN} AND {CAN_BE_SENT}
        ORDER BY settled_at, notice_id LIMIT $4 FOR UPDATE SKIP LOCKED)
    RETURNING notice_id
"""  # noqa: S608  only this file's own text


async def page(conn: Connection, chosen: Chosen, after: Place, notices_max: int) -> list[dict[str, Any]]:
    """Letters in doubt, the longest first."""
    return [dict(row) for row in await conn.fetch(LIST, *_of(chosen), *after, notices_max)]


async def count(conn: Connection) -> int:
    """How many are in doubt now."""
    return int(await conn.fetchval(COUNT))


async def send_again(conn: Connection, chosen: Chosen, by: str, notices_max: int) -> list[UUID]:
    """Those of them that are in doubt now and can be sent are planned again, each once; the ledger keeps by whom."""
    rows = await conn.fetch(SEND_AGAIN, *_of(chosen), notices_max, by)
    await tally(conn, Counter({"indeterminate": -len(rows)}))
    return [UUID(int=row["notice_id"].int) for row in rows]


def _of(chosen: Chosen) -> tuple[Any, ...]:
    ids = None if chosen.notice_ids is None else list(chosen.notice_ids)
    return ids, chosen.audience, chosen.department
