"""Is a connection to PostgreSQL lent and taken back so that its trouble stays its own?"""

from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from libs.delivery.errors import DatabaseAway
from libs.service.password_files import password_in
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


async def test_a_password_that_was_changed_is_taken_at_the_next_connection(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    file, sent, role = tmp_path / "postgres.password", [], f"r_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(fresh_database.dsn)

    def password() -> str:
        sent.append(password_in(file))
        return sent[-1]

    async def changes_to(text: str) -> None:
        file.write_text(f"{text}\n")
        await admin.execute(f"ALTER ROLE {role} PASSWORD '{text}'")

    await admin.execute(f"CREATE ROLE {role} LOGIN")
    await changes_to("of yesterday")
    database = Database(_as_user(fresh_database.dsn, role), connections_max=2, password=password)
    async with database.connection():
        await changes_to("of today")
        async with database.connection() as conn:
            assert await conn.fetchval("SELECT current_user") == role
            assert sent == ["of yesterday", "of today"]
    await database.close()
    await admin.execute(f"DROP ROLE {role}")
    await admin.close()


async def test_a_file_of_the_password_that_is_away_for_a_moment_ends_nothing(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    parts = urlsplit(fresh_database.dsn)
    address = _as_user(fresh_database.dsn, parts.username or "")
    database = Database(address, password=lambda: password_in(tmp_path / "away"))
    with pytest.raises(DatabaseAway, match="cannot be read"):
        async with database.connection():
            pytest.fail("a connection was lent")
    (tmp_path / "away").write_text(f"{unquote(parts.password or 'any')}\n")
    assert await database.answers()
    await database.close()


async def test_a_word_in_the_address_that_the_server_does_not_know_is_said_not_raised(
    fresh_database: FreshDatabase,
) -> None:
    beside = "&" if urlsplit(fresh_database.dsn).query else "?"
    database = Database(f"{fresh_database.dsn}{beside}no_such_setting=1")
    with pytest.raises(DatabaseAway) as away:
        async with database.connection():
            pytest.fail("a connection was lent")
    assert away.value.slug == "database-address-wrong"
    await database.close()


def _as_user(dsn: str, user: str) -> str:
    """The same database, for a user whose password stands elsewhere."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}"))
