"""Is a connection to PostgreSQL lent and taken back so that its trouble stays its own?"""

import asyncpg
import pytest

from libs.service.postgres import Database
from tests.stack import FreshDatabase


async def test_a_connection_that_cannot_be_made_clean_in_time_fails_nobody(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work on it is done: the notifier once ended because its server was slow for three seconds."""
    database = Database(fresh_database.dsn, connections_max=2)
    monkeypatch.setattr("libs.service.postgres.GIVE_BACK_SECONDS_MAX", 0.0)
    for _ in range(4):
        async with database.transaction() as conn:
            assert await conn.fetchval("SELECT 1") == 1
    monkeypatch.undo()
    assert await database.answers()
    await database.close()


async def test_a_driver_that_is_surprised_while_it_cleans_up_fails_nobody(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server killed in the middle of the reset leaves the driver between two states; the pool goes on without it."""

    async def surprised(*_arguments: object, **_options: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")

    database = Database(fresh_database.dsn, connections_max=2)
    monkeypatch.setattr(asyncpg.Connection, "reset", surprised)
    for _ in range(4):
        async with database.connection() as conn:
            assert await conn.fetchval("SELECT 1") == 1
    monkeypatch.undo()
    assert await database.answers()
    await database.close()
