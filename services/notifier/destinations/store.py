"""What is remembered of the places that notices go to? Every statement about that; callers bring the connection."""

from dataclasses import dataclass
from datetime import datetime

from libs.delivery.connections import Connection

FAILURES = "SELECT failures FROM notifier.destinations WHERE destination = $1 FOR UPDATE"
IS_SERVING = "SELECT failures = 0 FROM notifier.destinations WHERE destination = $1"
PAUSE = """
    UPDATE notifier.destinations
    SET failures = failures + 1, paused_until = now() + $2 * interval '1 second', away_reason = $3,
        away_since = CASE WHEN failures = 0 THEN now() ELSE coalesce(away_since, now()) END
    WHERE destination = $1
"""
# Several lanes meet one outage together; the ones after the first find the pause and leave it.
IS_PAUSED = "SELECT coalesce(paused_until > now(), false) FROM notifier.destinations WHERE destination = $1"
RESUME = """
    UPDATE notifier.destinations SET failures = 0, paused_until = NULL, away_reason = NULL, away_since = NULL
    WHERE destination = $1 AND failures > 0
"""
GIVE_UP = "UPDATE notifier.destinations SET gone_reason = $2 WHERE destination = $1"
AWAY = "SELECT failures, away_reason, away_since FROM notifier.destinations WHERE destination = $1 AND failures > 0"


@dataclass(frozen=True, slots=True)
class Absence:
    """A destination that takes nothing: how often in a row, what it said last, and since when."""

    failures: int
    reason: str | None
    since: datetime | None


async def is_serving(conn: Connection, destination: str) -> bool:
    """Whether it took something since it last refused or was away."""
    return bool(await conn.fetchval(IS_SERVING, destination))


async def failures_of(conn: Connection, destination: str) -> int | None:
    """How often in a row it was away before; None when it is paused already. Locks the destination."""
    failures: int = await conn.fetchval(FAILURES, destination)
    return None if await conn.fetchval(IS_PAUSED, destination) else failures


async def pause(conn: Connection, destination: str, seconds: float, reason: str) -> None:
    """Nothing is taken for this destination for so long."""
    await conn.execute(PAUSE, destination, seconds, reason)


async def resume(conn: Connection, destination: str) -> bool:
    """It took something: its failures are forgotten. Whether there were any."""
    done: str = await conn.execute(RESUME, destination)
    return not done.endswith(" 0")


async def give_up_on(conn: Connection, destination: str, reason: str) -> None:
    """It will never take anything again; what is planned for it fails when its turn comes."""
    await conn.execute(GIVE_UP, destination, reason)


async def absence_of(conn: Connection, destination: str) -> Absence | None:
    """None while it takes what it is given."""
    row = await conn.fetchrow(AWAY, destination)
    return Absence(row["failures"], row["away_reason"], row["away_since"]) if row else None
