"""What does delivery need of a database? Only this much; `libs.service.postgres.Database` has it."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Connection = Any  # an asyncpg connection, bare or lent by a pool; asyncpg ships no type information


class Connections(Protocol):
    """Lends connections; whatever shows that the database is away is raised as `Unavailable`."""

    def connection(self) -> AbstractAsyncContextManager[Connection]: ...

    def transaction(self) -> AbstractAsyncContextManager[Connection]: ...
