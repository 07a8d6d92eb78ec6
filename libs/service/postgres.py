"""How is PostgreSQL reached, and what does it mean when it is not? The only place that reads asyncpg's errors."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal

import asyncpg
import structlog

from libs.delivery.connections import Connection
from libs.delivery.errors import DatabaseAway
from libs.service.postgres_address import for_asyncpg

log = structlog.get_logger(__name__)

Pooler = Literal["none", "session", "transaction"]

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
# Something in the address, or in what we ask for at the start of a session, is not taken.
NOT_TAKEN = (
    asyncpg.ProtocolViolationError,
    asyncpg.SyntaxOrAccessError,
    asyncpg.DataError,
    asyncpg.CantChangeRuntimeParamError,
)
# A statement was prepared in one session and is run in another: a pooler deals each transaction to any of its own.
DEALT_OUT = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
STARTUP_PARAMETER = "startup parameter"  # PgBouncer's words for a setting that it hands on to nobody
ADDRESS_WRONG = "database-address-wrong"
NAME_THE_POOLER = (
    "a pooler stands before the database: say so by GUICHET_POSTGRES_POOLER=transaction with PostgreSQL's own address "
    "in GUICHET_POSTGRES_SESSION_DSN, or =session if it keeps a session for each connection"
)


class PoolerNotNamed(Exception):
    """The address leads to a pooler, and nobody said so."""


class Database:
    """A pool of connections to one database: connects when first asked, and again after the server was away.

    `password` is asked for each new connection, so that one that was changed is taken without a restart. Behind a
    pooler in transaction mode nothing may be kept in a session: no prepared statements, no settings, no locks.
    """

    def __init__(
        self,
        dsn: str,
        *,
        connections_max: int = CONNECTIONS_MAX,
        application_name: str = "guichet",
        pooler: Pooler = "none",
        password: Callable[[], str] | None = None,
    ) -> None:
        self._dsn, self._connect_seconds = for_asyncpg(dsn)
        self._connections_max = connections_max
        self._application_name = application_name
        self._pooler = pooler
        self._password = password
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,  # so that opening the pool needs no server
                    max_size=self._connections_max,
                    timeout=self._connect_seconds,
                    command_timeout=COMMAND_SECONDS_MAX,
                    **self._session(),
                    **({"password": self._password} if self._password is not None else {}),
                )
            return self._pool

    def _session(self) -> dict[str, Any]:
        """What a connection is like, and what is done to it when it is given back."""
        named = {"application_name": self._application_name}
        if self._pooler == "transaction":
            return {"server_settings": named, "statement_cache_size": 0, "reset": _leave_as_it_is}
        limit = {"idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS_MAX}s"}
        if self._pooler == "session":
            return {"server_settings": named, "setup": _limited}
        return {"server_settings": named | limit, "init": _refuse_pooler}

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection. Raises `Unavailable` when the database is away, at once or while it is used."""
        pool = await self._opened()
        try:
            conn = await pool.acquire(timeout=self._connect_seconds)
        except (PoolerNotNamed, *NOT_TAKEN) as error:
            raise _not_taken(error) from error
        except (OSError, *PASSING, *SURPRISED, *REFUSED, asyncpg.InterfaceError) as error:
            raise DatabaseAway(f"no connection to the database: {type(error).__name__}") from error
        except ValueError as error:  # the file of the password is read for each connection
            raise DatabaseAway(f"no connection to the database: {error}") from error
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


async def is_behind_a_pooler(conn: Connection) -> bool:
    """Whether another process answers than the one that greeted: a pooler greets by itself and has others answer."""
    return bool(await conn.fetchval("SELECT pg_backend_pid()") != conn.get_server_pid())


async def _refuse_pooler(conn: Connection) -> None:
    if await is_behind_a_pooler(conn):
        raise PoolerNotNamed


async def _limited(conn: Connection) -> None:
    """A pooler takes no such setting when the connection is made; it is set again each time one is lent."""
    await conn.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION_SECONDS_MAX}s'")


async def _leave_as_it_is(_conn: Connection) -> None:
    """Resetting would reach whichever session comes next, and undo another's settings and locks there."""


def _not_taken(error: Exception) -> DatabaseAway:
    """What is wrong and what to do stands in the log: waiting does not help here, and callers cannot."""
    said = str(error)
    if isinstance(error, (PoolerNotNamed, *DEALT_OUT)) or STARTUP_PARAMETER in said:
        log.error("database_address_wrong", remedy=NAME_THE_POOLER, said=said)
    elif isinstance(error, asyncpg.ProtocolViolationError):  # with this a pooler also says that it has no server
        return DatabaseAway(f"no connection to the database: {type(error).__name__}")
    else:
        log.error("database_address_wrong", remedy="mend GUICHET_POSTGRES_DSN, which asks for this", said=said)
    return DatabaseAway("the database's address is not as it should be; the log says why", slug=ADDRESS_WRONG)


class _translated:  # noqa: N801  used as a statement
    """Raises the driver's errors as ours; contextlib's generators would cost a frame on every transaction."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, (*PASSING, *SURPRISED)):
            raise DatabaseAway(f"the database does not answer: {type(error).__name__}") from error
        if isinstance(error, DEALT_OUT):
            raise _not_taken(error) from error
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
