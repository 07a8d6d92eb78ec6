"""How is PostgreSQL reached, and what does it mean when it is not? The only place that reads asyncpg's errors."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from libs.delivery.connections import Connection
from libs.delivery.errors import DatabaseAway

CONNECT_SECONDS_MAX = 3.0  # a door that waits longer is a door that hangs
GIVE_BACK_SECONDS_MAX = 3.0  # a connection is made clean for the next one; one that cannot be is ended
COMMAND_SECONDS_MAX = 30.0  # no statement of ours takes a second; one that does is stuck
IDLE_IN_TRANSACTION_SECONDS_MAX = 60  # a forgotten transaction holds back vacuum for everyone
CONNECTIONS_MAX = 10

# It will go away by itself, or an operator will see to it; the same work then succeeds.
PASSING = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # too many connections, disk full, out of memory
    asyncpg.OperatorInterventionError,  # shut down, starting up, cancelled
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby: the primary has moved
    asyncpg.IdleInTransactionSessionTimeoutError,
)
# The schema is not there yet: services may start before the migrations have run, in any order.
NOT_MIGRATED = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InsufficientPrivilegeError,
)
# asyncpg's own state machine is surprised when the server is killed in the middle of a query.
SURPRISED = (asyncpg.InternalClientError,)
REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)


class Database:
    """A pool of connections to one database: connects when first asked, and again after the server was away."""

    def __init__(self, dsn: str, *, connections_max: int = CONNECTIONS_MAX, application_name: str = "guichet") -> None:
        self._dsn = dsn
        self._connections_max = connections_max
        self._application_name = application_name
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,  # so that opening the pool needs no server
                    max_size=self._connections_max,
                    timeout=CONNECT_SECONDS_MAX,
                    command_timeout=COMMAND_SECONDS_MAX,
                    server_settings={
                        "application_name": self._application_name,
                        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS_MAX}s",
                    },
                )
            return self._pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection. Raises `Unavailable` when the database is away, at once or while it is used."""
        pool = await self._opened()
        try:
            conn = await pool.acquire(timeout=CONNECT_SECONDS_MAX)
        except (OSError, *PASSING, *SURPRISED, *REFUSED, asyncpg.InterfaceError) as error:
            raise DatabaseAway(f"no connection to the database: {type(error).__name__}") from error
        try:
            with _translated():
                yield conn
        finally:
            await _give_back(pool, conn)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection within a transaction: all of the block, or nothing. `Unavailable` may mean either."""
        async with self.connection() as conn, conn.transaction():
            yield conn

    async def answers(self) -> bool:
        """Whether a connection can be had and used right now."""
        try:
            async with self.connection() as conn:
                await conn.execute("SELECT 1")
        except DatabaseAway:
            return False
        return True

    async def close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()  # close() would wait for connections that a cancelled task still holds


class _translated:  # noqa: N801  used as a statement
    """Raises the driver's errors as ours; contextlib's generators would cost a frame on every transaction."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, (*PASSING, *SURPRISED)):
            raise DatabaseAway(f"the database does not answer: {type(error).__name__}") from error
        if isinstance(error, NOT_MIGRATED):
            raise DatabaseAway(
                f"the database is not as it should be ({type(error).__name__}); run python -m libs.service.migrate",
                slug="database-not-migrated",
            ) from error
        if isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in ("clos", "released")):
            raise DatabaseAway("the connection to the database was closed") from error


async def _give_back(pool: asyncpg.Pool, conn: Connection) -> None:
    try:
        await pool.release(conn, timeout=GIVE_BACK_SECONDS_MAX)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, *SURPRISED):
        with suppress(asyncpg.InterfaceError):  # the pool has mostly ended it already, and then refuses to hear of it
            conn.terminate()
