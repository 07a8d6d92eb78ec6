"""Where are the requests' keys kept, and how are many fetched at once?

In `vault.request_keys`, wrapped by the master key. To erase a request is to delete its row here: the topics, the dead
letters and the audit log keep their bytes, and the bytes are noise. Intake's migrations make the table; intake writes
it, router and notifier read it, audit has no right to it.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

import asyncpg

from libs.privacy.seal import unwrap, wrap

PUT = """
    INSERT INTO vault.request_keys (request_id, wrapped)
    SELECT * FROM unnest($1::uuid[], $2::bytea[])
"""
KEYS = "SELECT request_id, wrapped FROM vault.request_keys WHERE request_id = ANY($1::uuid[])"


class Vault:
    """The keys of requests, in the clear only inside this process."""

    def __init__(self, master_key: bytes) -> None:
        self._master_key = master_key

    async def put(self, conn: asyncpg.Connection, keys: Mapping[UUID, bytes]) -> None:
        """Keep these keys, in the caller's transaction and in one statement.

        A request has one key for ever: a second one for the same request violates the primary key and fails the
        transaction, because whatever was sealed under the first would become unreadable.
        """
        wrapped = [wrap(self._master_key, request_id, key) for request_id, key in keys.items()]
        await conn.execute(PUT, list(keys), wrapped)

    async def keys(self, conn: asyncpg.Connection, request_ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """The keys of these requests, in one statement; a request that is not in the answer was erased.

        `Unreadable` when a stored key does not open, which is what a wrong master key looks like.
        """
        rows = await conn.fetch(KEYS, list(set(request_ids)))
        return {row["request_id"]: unwrap(self._master_key, row["request_id"], row["wrapped"]) for row in rows}
