"""Who notices that requests go elsewhere since a release is in force? Each intake process, within a minute."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from libs.delivery.connections import Connections
from libs.delivery.errors import Unavailable
from libs.delivery.releases import Releases
from services.intake.drift import rules, store
from services.intake.drift.rules import Alarm

log = structlog.get_logger(__name__)

LOOK_SECONDS = 20.0  # sums of some thousand rows; a hundred requests take longer to come in nearly everywhere

Subject = tuple[str, str, str | None]
"""What an alarm is about: territory, release, department."""


class DriftWatch:
    """Remembers what it said, so that an alarm is logged once and not at every look."""

    def __init__(self, database: Connections, releases: Releases, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._releases = releases
        self._clock = clock
        self._raised: dict[Subject, Alarm] = {}

    @property
    def alarms(self) -> Sequence[Alarm]:
        """As of the last look."""
        return list(self._raised.values())

    async def run(self) -> None:
        """Look for ever. While the database is away the last answer stands."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                log.warning("drift_not_looked_at", slug=error.slug)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Compare, for each territory, what the release in force does with what was done before it."""
        now = self._clock()
        found: dict[Subject, Alarm] = {}
        async with self._database.transaction() as conn:
            await store.forget(conn, now - rules.KEPT)
            for territory in self._releases.territories():
                current = self._releases.began(territory, now)
                if current is None or not rules.is_watched(current[1], now):
                    continue
                release, began = current
                hour = rules.whole_hour(began)
                counted = await store.read(conn, territory, hour, hour - rules.BEFORE, hour + rules.SINCE)
                for drift in rules.compared(counted, release):
                    subject = (territory, release, drift.department)
                    found[subject] = rules.alarm(territory, release, began, drift)
        self._tell(found)

    def _tell(self, found: dict[Subject, Alarm]) -> None:
        for subject, raised in found.items():
            if subject not in self._raised:
                log.warning("drift", **{name: value for name, value in raised.items() if name != "kind"})
        for subject in self._raised:
            if subject not in found:
                territory, release, department = subject
                log.info("drift_over", territory=territory, release=release, department=department)
        self._raised = found
