"""Which of these requests were erased? Those whose key is gone: what is known of them must not be counted any more."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from libs.operate.database import connect
from libs.operate.output import Away

WITHOUT_KEY = """
    SELECT request_id FROM unnest($1::uuid[]) AS asked (request_id)
    WHERE NOT EXISTS (SELECT FROM vault.request_keys AS kept WHERE kept.request_id = asked.request_id)
"""


class Erasures:
    """Looks requests up in the vault. It sees which keys there are, and opens nothing."""

    def __init__(self, conn: asyncpg.Connection | None) -> None:
        self._conn = conn

    @property
    def are_known(self) -> bool:
        """False without PostgreSQL's address: then nothing is taken for erased."""
        return self._conn is not None

    async def among(self, request_ids: Sequence[UUID]) -> set[UUID]:
        """Those that were erased."""
        if self._conn is None:
            return set()
        try:
            rows = await self._conn.fetch(WITHOUT_KEY, list(request_ids))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Away(f"PostgreSQL does not say which requests were erased ({error})") from error
        return {UUID(int=row["request_id"].int) for row in rows}


@asynccontextmanager
async def erasures(dsn: str) -> AsyncIterator[Erasures]:
    """`dsn` is empty where no database is named. `Away` when the one that is named does not answer."""
    if not dsn:
        yield Erasures(None)
        return
    conn = await connect(dsn)
    try:
        yield Erasures(conn)
    finally:
        await conn.close()
