"""What does the notifier remember? Every SQL statement of the service; callers bring the connection.

Times are the database's own, so that several notifiers agree on them whatever their clocks say.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from libs.delivery.connections import Connection
from libs.events.envelope import Origin
from services.notifier.letter import Taken
from services.notifier.outcomes import FINAL, Settlement
from services.notifier.rules import Wanted

SCHEMA = "notifier"
TALLY_SHARDS = 64  # far more than there are connections, so that two rarely share a row
PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Planned:
    """One notice that is about to be kept."""

    notice_id: UUID
    event_id: UUID
    request_id: UUID
    recipient: str
    directory_version: str
    wanted: Wanted
    facts: Mapping[str, Any]
    delay_seconds: float = 0.0
    origin: Origin | None = None


# Sorted, so that two batches with the same notices or destinations cannot wait for each other.
KEEP_DESTINATIONS = """
    INSERT INTO notifier.destinations (destination, channel)
    SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS named (destination, channel) ORDER BY destination
    ON CONFLICT DO NOTHING
"""
KEEP = """
    INSERT INTO notifier.notices
        (notice_id, event_id, request_id, audience, kind, channel, recipient, language, destination, address, sealed,
         facts, directory_version, origin, origin_number, due_at)
    SELECT notice_id, event_id, request_id, audience, kind, channel, recipient, language, destination, address, sealed,
           facts, directory_version, origin, origin_number, now() + delay * interval '1 second'
    FROM unnest(
        $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::json[], $12::json[], $13::text[], $14::float8[], $15::text[], $16::text[])
        AS new (notice_id, event_id, request_id, audience, kind, channel, recipient, language, destination, address,
                sealed, facts, directory_version, delay, origin, origin_number)
    ON CONFLICT DO NOTHING
    RETURNING notice_id
"""


async def keep_planned(conn: Connection, notices: Sequence[Planned]) -> int:
    """Returns how many were new; a notice that is known already is left as it is, whatever state it is in."""
    if not notices:
        return 0
    wanted = [notice.wanted for notice in notices]
    await conn.execute(KEEP_DESTINATIONS, [one.destination for one in wanted], [one.channel for one in wanted])
    rows = await conn.fetch(
        KEEP,
        [notice.notice_id for notice in notices],
        [notice.event_id for notice in notices],
        [notice.request_id for notice in notices],
        [one.audience for one in wanted],
        [one.kind for one in wanted],
        [one.channel for one in wanted],
        [notice.recipient for notice in notices],
        [one.language for one in wanted],
        [one.destination for one in wanted],
        [one.address for one in wanted],
        [orjson.dumps(one.sealed).decode() for one in wanted],
        [orjson.dumps(notice.facts).decode() for notice in notices],
        [notice.directory_version for notice in notices],
        [notice.delay_seconds for notice in notices],
        [notice.origin and notice.origin.source for notice in notices],
        [notice.origin and notice.origin.number for notice in notices],
    )
    await tally(conn, Counter({PLANNED: len(rows)}))
    return len(rows)


TAKEN_COLUMNS = """
    n.notice_id, n.event_id, n.request_id, n.audience, n.kind, n.channel, n.recipient, n.language, n.destination,
    n.address, n.sealed, n.facts, n.directory_version, n.origin, n.origin_number, n.attempts, n.sender
"""
# First the destination whose oldest notice has waited longest, then a group of what is due there. One index lookup for
# each destination: a hundred thousand notices that wait for one hanging endpoint are not read to find another's.
TAKE = f"""
    WITH ready AS MATERIALIZED (
        SELECT d.destination, d.gone_reason
        FROM notifier.destinations d
        CROSS JOIN LATERAL (
            SELECT due_at FROM notifier.notices
            WHERE state = 'planned' AND destination = d.destination AND due_at <= now() ORDER BY due_at LIMIT 1
        ) oldest
        WHERE d.channel = $1 AND d.destination <> ALL($2::text[]) AND coalesce(d.paused_until <= now(), true)
        ORDER BY oldest.due_at LIMIT 1
    ), due AS MATERIALIZED (
        SELECT n.notice_id, ready.gone_reason
        FROM notifier.notices n JOIN ready USING (destination)
        WHERE n.state = 'planned' AND n.due_at <= now() ORDER BY n.due_at LIMIT $3 FOR UPDATE OF n SKIP LOCKED
    )
    UPDATE notifier.notices n SET state = 'sending', sender = $4, attempts = n.attempts + 1
    FROM due WHERE n.notice_id = due.notice_id
    RETURNING {TAKEN_COLUMNS}, due.gone_reason
"""  # noqa: S608  only this file's own text


async def take_due(conn: Connection, channel: str, busy: Sequence[str], notices_max: int, sender: UUID) -> list[Taken]:
    """A group that is due at one destination, marked as being sent by `sender`; nobody else gets these."""
    return [_taken(row) for row in await conn.fetch(TAKE, channel, busy, notices_max, sender)]


def _taken(row: Mapping[str, Any]) -> Taken:
    fields = dict(row)
    for name in ("notice_id", "event_id", "request_id", "sender"):
        fields[name] = UUID(int=fields[name].int)  # asyncpg has a UUID class of its own
    for name in ("sealed", "facts"):
        fields[name] = orjson.loads(fields[name])
    source, number = fields["origin"], fields.pop("origin_number")
    fields["origin"] = Origin(source, number) if number is not None else None
    return Taken(**fields)


# What somebody else has settled meanwhile, because this notifier seemed dead, stays as it is.
SETTLE = """
    UPDATE notifier.notices n
    SET state = s.state,
        reason = s.reason,
        message_id = coalesce(s.message_id, n.message_id),
        due_at = CASE WHEN s.state = 'planned' THEN now() + s.delay * interval '1 second' ELSE n.due_at END,
        attempts = n.attempts - CASE WHEN s.is_attempt THEN 0 ELSE 1 END,
        sender = NULL,
        settled_at = CASE WHEN s.state <> 'planned' THEN now() END,
        sealed = CASE WHEN s.state NOT IN ('sent', 'failed', 'superseded') THEN n.sealed END,
        facts = CASE WHEN s.state NOT IN ('sent', 'failed', 'superseded') THEN n.facts END
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::bool[])
        AS s (notice_id, sender, state, reason, message_id, delay, is_attempt)
    WHERE n.notice_id = s.notice_id AND n.sender = s.sender AND n.state = 'sending'
    RETURNING n.notice_id
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """One notice and what becomes of it."""

    notice: Taken
    settlement: Settlement
    message_id: str | None


async def settle(conn: Connection, settled: Sequence[Settled]) -> set[UUID]:
    """Returns the ids of those that were still ours to settle."""
    outcomes = [one.settlement for one in settled]
    rows = await conn.fetch(
        SETTLE,
        [one.notice.notice_id for one in settled],
        [one.notice.sender for one in settled],
        [outcome.state for outcome in outcomes],
        [outcome.reason for outcome in outcomes],
        [one.message_id for one in settled],
        [outcome.delay_seconds for outcome in outcomes],
        [outcome.is_attempt for outcome in outcomes],
    )
    ours = {UUID(int=row["notice_id"].int) for row in rows}
    final = (one.settlement.state for one in settled if one.notice.notice_id in ours and one.settlement.state in FINAL)
    await tally(conn, Counter(final))
    return ours


# -- who is alive, and what the dead left behind -----------------------------------------------------------------------

RENEW = """
    INSERT INTO notifier.senders (sender_id, alive_until) VALUES ($1, now() + $2 * interval '1 second')
    ON CONFLICT (sender_id) DO UPDATE SET alive_until = EXCLUDED.alive_until
"""
RETIRE = "DELETE FROM notifier.senders WHERE sender_id = $1"
FORGET_THE_DEAD = "DELETE FROM notifier.senders WHERE alive_until < now() - interval '1 day'"
ABANDONED = f"""
    SELECT {TAKEN_COLUMNS}, NULL AS gone_reason
    FROM notifier.notices n
    WHERE n.state = 'sending' AND n.sender <> $1
        AND NOT EXISTS (SELECT FROM notifier.senders s WHERE s.sender_id = n.sender AND s.alive_until > now())
    ORDER BY n.notice_id LIMIT $2 FOR UPDATE OF n SKIP LOCKED
"""  # noqa: S608  only this file's own text
MISLAID = f"""
    SELECT {TAKEN_COLUMNS}, NULL AS gone_reason
    FROM notifier.notices n
    WHERE n.state = 'sending' AND n.sender = $1 AND n.channel = $2 AND n.notice_id <> ALL($3::uuid[]) FOR UPDATE OF n
"""  # noqa: S608  only this file's own text


async def renew(conn: Connection, sender: UUID, seconds: float) -> None:
    """This notifier is alive for so many seconds more."""
    await conn.execute(RENEW, sender, seconds)


async def retire(conn: Connection, sender: UUID) -> None:
    """This notifier has ended; nobody need wait for it."""
    await conn.execute(RETIRE, sender)
    await conn.execute(FORGET_THE_DEAD)


async def abandoned(conn: Connection, sender: UUID, notices_max: int) -> list[Taken]:
    """What dead notifiers were sending: it may have arrived. Locked until the transaction ends."""
    return [_taken(row) for row in await conn.fetch(ABANDONED, sender, notices_max)]


async def mislaid(conn: Connection, sender: UUID, channel: str, known: Sequence[UUID]) -> list[Taken]:
    """What this notifier took without learning of it, because the database's answer was lost: it was not sent."""
    return [_taken(row) for row in await conn.fetch(MISLAID, sender, channel, known)]


# -- what is told about notices ----------------------------------------------------------------------------------------

TALLY = """
    INSERT INTO notifier.tallies (outcome, shard, notices)
    SELECT outcome, pg_backend_pid() % $3, notices FROM unnest($1::text[], $2::bigint[]) AS t (outcome, notices)
    ORDER BY outcome
    ON CONFLICT (outcome, shard) DO UPDATE SET notices = tallies.notices + EXCLUDED.notices
"""
TALLIES = "SELECT outcome, sum(notices)::bigint AS notices FROM notifier.tallies GROUP BY outcome"
PARKED = "SELECT count(DISTINCT request_id) FROM notifier.notices WHERE state = 'planned' AND attempts > 0"
OF_REQUEST = """
    SELECT notice_id, event_id, audience, kind, channel, recipient, language, state, attempts, planned_at, settled_at,
           CASE WHEN state = 'planned' THEN due_at END AS due_at, message_id, reason, sent_again_at, sent_again_by
    FROM notifier.notices WHERE request_id = $1 ORDER BY planned_at, notice_id LIMIT $2
"""
PURGE = """
    DELETE FROM notifier.notices WHERE notice_id IN (
        SELECT notice_id FROM notifier.notices WHERE settled_at < now() - $1 * interval '1 day'
        ORDER BY settled_at LIMIT $2)
"""


async def tally(conn: Connection, counts: Counter[str]) -> None:
    """So many more notices were planned, or ended in these ways."""
    counted = {outcome: number for outcome, number in counts.items() if number}
    if counted:
        await conn.execute(TALLY, list(counted), list(counted.values()), TALLY_SHARDS)


async def tallies(conn: Connection) -> dict[str, int]:
    """How many notices were ever planned, and how many ended in each way."""
    return {row["outcome"]: row["notices"] for row in await conn.fetch(TALLIES)}


async def parked_requests(conn: Connection) -> int:
    """Requests with a notice that was tried and waits for its next attempt."""
    return int(await conn.fetchval(PARKED))


async def notices_of(conn: Connection, request_id: UUID, notices_max: int) -> list[dict[str, Any]]:
    """All notices about a request, oldest first; nothing personal among the columns."""
    return [dict(row) for row in await conn.fetch(OF_REQUEST, request_id, notices_max)]


async def purge(conn: Connection, days: int, notices_max: int) -> int:
    """Forget notices settled so long ago; returns how many. Tallies and inbox stay."""
    return int((await conn.execute(PURGE, days, notices_max)).rpartition(" ")[2])
