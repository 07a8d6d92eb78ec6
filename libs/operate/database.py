"""How does a command reach the database? By one connection, which it is given or told why not."""

import asyncpg

from libs.delivery.connections import Connection
from libs.operate.output import Away
from libs.service.postgres_address import for_asyncpg

CONNECT_SECONDS_MAX = 10.0  # a person waits, and a server may just be starting


async def connect(dsn: str) -> Connection:
    """Close it. Raises `Away`."""
    address, _ = for_asyncpg(dsn)
    try:
        return await asyncpg.connect(address, timeout=CONNECT_SECONDS_MAX)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Away(f"PostgreSQL does not answer ({error}); is it running?") from error
