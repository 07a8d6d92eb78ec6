"""How does a person at a desk find a request that somebody asks about, and what was done today?"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.delivery.connections import Connections
from libs.events.identity import reference_in
from services.intake.triage.rules import may_triage
from services.intake.triage.work import store as work_store
from services.intake.triage.work.store import YOUNG_HOURS, Done

DONE_SHOWN_MAX = 200  # more than a person assigns in a day


class DeskWork:
    """Reads and keeps what people at desks do beside choosing."""

    def __init__(self, database: Connections, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def found(self, typed: str, allowed: frozenset[str] | None) -> UUID | None:
        """The request whose reference or id was typed, as it was read out; None when there is none to be seen."""
        reference, request_id = reference_in(typed), _uuid(typed)
        async with self._database.connection() as conn:
            if reference is not None:
                request_id = await work_store.find(conn, reference, id_before(self._clock()))
            territory = await work_store.territory_of(conn, request_id) if request_id else None
        return request_id if territory is not None and may_triage(allowed, territory) else None

    async def done_since(self, by: str, since: datetime, territories: Sequence[str]) -> list[Done]:
        """What this person chose since then, the last first."""
        async with self._database.connection() as conn:
            return await work_store.list_chosen(conn, by, since, territories, DONE_SHOWN_MAX)


def id_before(now: datetime) -> UUID:
    """No request of the last `YOUNG_HOURS` has a smaller id: a UUID of version 7 begins with its time."""
    milliseconds = int((now - timedelta(hours=YOUNG_HOURS)).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
