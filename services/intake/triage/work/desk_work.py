"""How does a person at a desk find a request that somebody asks about, and what was done today?"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Rejected
from libs.events.identity import reference_in
from libs.privacy.vault import Vault
from services.intake.triage.assign import NOT_FOUND
from services.intake.triage.rules import may_triage
from services.intake.triage.work import store as work_store
from services.intake.triage.work.notes import keep_note
from services.intake.triage.work.store import YOUNG_HOURS, Done

DONE_SHOWN_MAX = 200  # more than a person assigns in a day


class DeskWork:
    """Reads and keeps what people at desks do beside choosing."""

    def __init__(self, database: Connections, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
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

    async def take(self, request_id: UUID, by: str, allowed: frozenset[str] | None, *, is_mine: bool) -> None:
        """Take it in hand, from whoever had it, or leave it. A sign for colleagues: it keeps nobody from choosing.

        Raises `Rejected` (not-found).
        """
        async with self._database.transaction() as conn:
            await self._must_see(conn, request_id, allowed)
            if is_mine:
                await work_store.take(conn, request_id, by, self._clock())
            else:
                await work_store.leave(conn, request_id, by)

    async def note(self, request_id: UUID, by: str, allowed: frozenset[str] | None, text: str) -> None:
        """A word for colleagues. Raises `Rejected`: not-found or erased."""
        async with self._database.transaction() as conn:
            await self._must_see(conn, request_id, allowed)
            if not await keep_note(conn, self._vault, request_id, by, self._clock(), text):
                raise Rejected("the request was erased; no note can be kept beside it", slug="erased", field="note")

    async def _must_see(self, conn: Connection, request_id: UUID, allowed: frozenset[str] | None) -> None:
        territory = await work_store.territory_of(conn, request_id)
        if territory is None or not may_triage(allowed, territory):
            raise Rejected(NOT_FOUND, slug="not-found")


def id_before(now: datetime) -> UUID:
    """No request of the last `YOUNG_HOURS` has a smaller id: a UUID of version 7 begins with its time."""
    milliseconds = int((now - timedelta(hours=YOUNG_HOURS)).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
