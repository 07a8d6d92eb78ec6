"""What becomes of notices that a notifier was sending when it died, and of those that were settled long ago?"""

import asyncio
import time

from libs.service.postgres import Database
from services.notifier import store
from services.notifier.lease import Lease
from services.notifier.outcomes import Unknown
from services.notifier.record import Recorder

LOOK_SECONDS = 3.0
GROUP_NOTICES_MAX = 500  # one transaction; a notifier leaves at most a few dozen behind
PURGE_SECONDS = 3600.0
PURGE_NOTICES_MAX = 5000  # one transaction; what is left goes in the next


class Recovery:
    """Looks after what others left behind. Any number may run; locked rows are skipped."""

    def __init__(self, database: Database, lease: Lease, recorder: Recorder, keep_days: int) -> None:
        self._database = database
        self._lease = lease
        self._recorder = recorder
        self._keep_days = keep_days
        self._purged_at = time.monotonic()

    async def run(self) -> None:
        """Look every few seconds until cancelled. Raises `Unavailable` when the database is away."""
        while True:
            while await self.take_up() == GROUP_NOTICES_MAX:
                pass
            if time.monotonic() - self._purged_at > PURGE_SECONDS:
                self._purged_at = time.monotonic()
                while await self.forget() == PURGE_NOTICES_MAX:
                    pass
            await asyncio.sleep(LOOK_SECONDS)

    async def take_up(self) -> int:
        """Settle what dead notifiers were sending, by the rule for unknown outcomes; returns how many there were."""
        async with self._database.transaction() as conn:
            left = await store.abandoned(conn, self._lease.sender, GROUP_NOTICES_MAX)
            await self._recorder.record_in(
                conn, [(one, Unknown("the notifier ended while sending"), None) for one in left]
            )
        return len(left)

    async def forget(self) -> int:
        async with self._database.connection() as conn:
            return await store.purge(conn, self._keep_days, PURGE_NOTICES_MAX)
