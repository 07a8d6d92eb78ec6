"""Does the relay take our mail? What readiness and `guichet status` say of it."""

from typing import Any

from libs.service.postgres import Database
from services.notifier.destinations import store
from services.notifier.rules import RELAY

FAILURES_MIN = 2  # in a row: a line that breaks once is no news
RELAY_AWAY = "relay-away"


class RelayWatch:
    """Asks the ledger, which all notifiers share, so that each says the same."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._alarms: list[dict[str, Any]] = []

    async def checks(self) -> dict[str, bool]:
        """Whether the relay takes mail, as far as was tried. Raises `Unavailable` with the database."""
        async with self._database.connection() as conn:
            absence = await store.absence_of(conn, RELAY)
        is_away = absence is not None and absence.failures >= FAILURES_MIN
        self._alarms = [_alarm(absence)] if absence is not None and is_away else []
        return {"relay": not is_away}

    def alarms(self) -> list[dict[str, Any]]:
        """As of the last look."""
        return self._alarms


def _alarm(absence: store.Absence) -> dict[str, Any]:
    since = absence.since.isoformat(timespec="seconds") if absence.since else None
    return {"kind": RELAY_AWAY, "reason": absence.reason, "since": since, "failures": absence.failures}
