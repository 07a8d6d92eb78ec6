"""Does a dump go into another database whole or not at all, and to the owners that are there?"""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest

from libs.operate.backup import dump, rows
from libs.operate.backup.rights import Rights, rights_in
from libs.operate.output import Stopped
from tests.stack import FreshDatabase

MAKE_ALL_OWNED = """
    ALTER SCHEMA vault OWNER TO {owner};
    ALTER TABLE vault.request_keys OWNER TO {owner};
    GRANT USAGE ON SCHEMA vault TO {reader};
    GRANT SELECT ON vault.request_keys TO {reader};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA vault GRANT SELECT ON TABLES TO {reader};
"""


@pytest.fixture
async def source(fresh_database: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(fresh_database.dsn)
    await conn.execute("INSERT INTO vault.request_keys (request_id, wrapped) VALUES (gen_random_uuid(), 'key')")
    yield conn
    await conn.close()


@pytest.fixture
async def target(second_database: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(second_database.dsn)
    yield conn
    await conn.close()


@pytest.fixture
async def roles(target: asyncpg.Connection) -> AsyncIterator[tuple[str, str]]:
    """Roles belong to the whole server, so their names are this test's own."""
    owner, reader = (f"t_{what}_{uuid4().hex[:8]}" for what in ("owner", "reader"))
    await target.execute(
        f"CREATE ROLE {owner}; CREATE ROLE {reader}; {MAKE_ALL_OWNED.format(owner=owner, reader=reader)}"
    )
    yield owner, reader
    await target.execute(f"DROP OWNED BY {reader}; DROP OWNED BY {owner} CASCADE; DROP ROLE {owner}, {reader}")


async def dumped(source: asyncpg.Connection, dsn: str) -> bytes:
    chunks: list[bytes] = []
    async with source.transaction(isolation="repeatable_read", readonly=True):
        dump.dump(dsn, "vault", await rows.export(source), chunks.append)
    return b"".join(chunks)


def statements(data: bytes, rights: Rights, *more: bytes) -> Iterator[bytes]:
    yield b"DROP SCHEMA vault CASCADE;\n"
    yield rights.begin("vault").encode()
    yield from dump.as_sql("vault", [data])
    yield b"RESET ROLE;\n"
    yield from more
    yield rights.end().encode()


async def keys_in(conn: asyncpg.Connection) -> int:
    return int(await conn.fetchval("SELECT count(*) FROM vault.request_keys"))


async def test_owners_and_rights_are_those_of_the_place(
    source: asyncpg.Connection,
    target: asyncpg.Connection,
    roles: tuple[str, str],
    fresh_database: FreshDatabase,
    second_database: FreshDatabase,
) -> None:
    owner, reader = roles
    data, rights = await dumped(source, fresh_database.dsn), await rights_in(target, ["vault"])
    dump.run_script(second_database.dsn, statements(data, rights))
    assert await keys_in(target) == 1
    assert await rights_in(target, ["vault"]) == rights
    owned = "SELECT tableowner FROM pg_tables WHERE schemaname = 'vault'"
    assert [row[0] for row in await target.fetch(owned)] == [owner]
    await target.execute(f"SET ROLE {owner}; CREATE TABLE vault.later (); SET ROLE {reader}")
    assert await keys_in(target) == 1
    assert await target.fetchval("SELECT count(*) FROM vault.later") == 0  # by default privileges
    await target.execute("RESET ROLE")


async def test_a_statement_that_fails_leaves_everything_as_it_was(
    source: asyncpg.Connection,
    target: asyncpg.Connection,
    fresh_database: FreshDatabase,
    second_database: FreshDatabase,
) -> None:
    data, rights = await dumped(source, fresh_database.dsn), await rights_in(target, ["vault"])
    with pytest.raises(Stopped, match=r'psql failed: .*relation "vault\.nothing" does not exist'):
        dump.run_script(second_database.dsn, statements(data, rights, b"SELECT FROM vault.nothing;\n"))
    assert await keys_in(target) == 0


async def test_a_restore_that_is_cut_short_leaves_everything_as_it_was(
    source: asyncpg.Connection,
    target: asyncpg.Connection,
    fresh_database: FreshDatabase,
    second_database: FreshDatabase,
) -> None:
    data, rights = await dumped(source, fresh_database.dsn), await rights_in(target, ["vault"])

    def cut_short() -> Iterator[bytes]:
        yield from statements(data, rights)
        raise Stopped("the backup is damaged")

    with pytest.raises(Stopped, match="damaged"):
        dump.run_script(second_database.dsn, cut_short())
    assert await keys_in(target) == 0


async def test_a_dump_that_is_cut_short_is_refused(
    source: asyncpg.Connection,
    target: asyncpg.Connection,
    fresh_database: FreshDatabase,
    second_database: FreshDatabase,
) -> None:
    data, rights = await dumped(source, fresh_database.dsn), await rights_in(target, ["vault"])
    with pytest.raises(Stopped, match="pg_restore failed"):
        dump.run_script(second_database.dsn, statements(data[: len(data) // 2], rights))
    assert await keys_in(target) == 0
