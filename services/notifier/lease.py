"""Is this notifier still the one that sends what it took? It tells the database every few seconds, or stops sending."""

import asyncio
import time
from uuid import UUID

from libs.delivery.errors import Unavailable
from libs.service.postgres import Database
from services.notifier import store

# What a killed notifier was sending is taken up after this long. Longer would leave it in doubt for longer; shorter
# would call a notifier dead that only waits for a slow database.
LEASE_SECONDS = 15.0
RENEW_SECONDS = 4.0  # three tries before it ends
RETRY_SECONDS = 0.5


class Lease:
    """One for each process; its id marks what the process is sending."""

    def __init__(self, database: Database, sender: UUID) -> None:
        self.sender = sender
        self._database = database
        self._held_until = 0.0

    @property
    def is_held(self) -> bool:
        """Whether no other notifier can think us dead yet. Our clock starts before the database's, so it ends first."""
        return time.monotonic() < self._held_until

    async def run(self) -> None:
        """Renew until cancelled."""
        while True:
            try:
                await self.renew()
            except Unavailable:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(RENEW_SECONDS)

    async def renew(self) -> None:
        began = time.monotonic()
        async with self._database.connection() as conn:
            await store.renew(conn, self.sender, LEASE_SECONDS)
        self._held_until = began + LEASE_SECONDS

    async def end(self) -> None:
        """Say that we are gone, so that nobody waits for the lease to run out."""
        self._held_until = 0.0
        async with self._database.connection() as conn:
            await store.retire(conn, self.sender)
