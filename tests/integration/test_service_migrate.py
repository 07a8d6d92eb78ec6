"""Does the database get its shape once, in order, and is a changed or broken migration told?"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from libs.service.migrate import MigrationFailed, migrate
from tests.brokers import Postgres, dsn_of


@pytest.fixture
async def dsn(postgres: Postgres) -> AsyncIterator[str]:
    name, admin = f"m_{uuid4().hex[:12]}", await asyncpg.connect(postgres.dsn)
    await admin.execute(f'CREATE DATABASE "{name}"')
    yield dsn_of(postgres.dsn, name)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    from libs.service.migrate import ROOT

    sql = tmp_path / "libs" / "delivery" / "sql"
    sql.mkdir(parents=True)
    source = ROOT / "libs" / "delivery" / "sql" / "outbox_inbox.sql"
    (sql / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "services" / "intake" / "migrations").mkdir(parents=True)
    return tmp_path


def write(root: Path, name: str, sql: str) -> None:
    (root / "services" / "intake" / "migrations" / name).write_text(sql, encoding="utf-8")


async def asked(dsn: str, query: str) -> object:
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchval(query)
    finally:
        await conn.close()


async def test_what_is_new_is_applied_once_in_order(dsn: str, root: Path) -> None:
    write(root, "0002_add_name.sql", "ALTER TABLE things ADD COLUMN name text")
    write(root, "0001_create_things.sql", "CREATE TABLE things (id int)")
    assert await migrate(dsn, root) == [
        "intake: delivery/outbox_inbox.sql",
        "intake: 0001_create_things.sql",
        "intake: 0002_add_name.sql",
    ]
    assert await migrate(dsn, root) == []
    assert await asked(dsn, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'intake.outbox'::regclass") == 6


async def test_two_at_once_apply_each_file_once(dsn: str, root: Path) -> None:
    write(root, "0001_create_things.sql", "CREATE TABLE things (id int)")
    done = await asyncio.gather(*(migrate(dsn, root) for _ in range(3)))
    assert sorted(map(len, done)) == [0, 0, 2]


async def test_a_file_that_was_applied_may_not_change(dsn: str, root: Path) -> None:
    write(root, "0001_create_things.sql", "CREATE TABLE things (id int)")
    await migrate(dsn, root)
    write(root, "0001_create_things.sql", "CREATE TABLE things (id bigint)")
    with pytest.raises(MigrationFailed, match=r"0001_create_things\.sql of intake .* write a new file"):
        await migrate(dsn, root)


async def test_a_file_that_fails_leaves_nothing_behind_and_can_be_mended(dsn: str, root: Path) -> None:
    write(root, "0001_create_things.sql", "CREATE TABLE things (id int); CREATE TABEL other (id int)")
    with pytest.raises(MigrationFailed, match=r"0001_create_things\.sql of intake failed and was undone"):
        await migrate(dsn, root)
    assert await asked(dsn, "SELECT to_regclass('intake.things')") is None
    write(root, "0001_create_things.sql", "CREATE TABLE things (id int)")
    assert await migrate(dsn, root) == ["intake: 0001_create_things.sql"]


async def test_a_migration_does_not_wait_long_for_a_lock(dsn: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.service.migrate.LOCK_TIMEOUT_SECONDS", 1)
    write(root, "0001_create_things.sql", "CREATE TABLE things (id int)")
    await migrate(dsn, root)
    write(root, "0002_add_name.sql", "ALTER TABLE things ADD COLUMN name text")
    holder = await asyncpg.connect(dsn)
    async with holder.transaction():
        await holder.execute("LOCK TABLE intake.things")
        with pytest.raises(MigrationFailed, match="end long transactions"):
            await migrate(dsn, root)
    await holder.close()
