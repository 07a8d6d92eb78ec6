"""May each service do in the database what it must, and nothing else? On real PostgreSQL, as the roles themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from libs.delivery.connections import Connection
from libs.delivery.partitions import OUTBOX_DAYS_KEPT, maintain
from libs.service.migrate import migrate
from libs.service.roles import OWNERS, ROLES, role_of
from tests.brokers import Postgres, dsn_of

PASSWORDS = {name: f"password-of-{name}" for name in ROLES}
OWNER = "guichet_owner_of_tests"
TODAY = datetime.now(UTC).date()


def dsn_as(dsn: str, role: str, password: str) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}"))


@pytest.fixture
async def dsn(postgres: Postgres) -> AsyncIterator[str]:
    """A database migrated as it is in production: by an owner who is no superuser, with a role for each service."""
    name, admin = f"r_{uuid4().hex[:12]}", await asyncpg.connect(postgres.dsn)
    await admin.execute(f"DROP ROLE IF EXISTS {OWNER}")
    await admin.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD 'owner'")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')
    database = dsn_of(postgres.dsn, name)
    await migrate(dsn_as(database, OWNER, "owner"), passwords=PASSWORDS)
    yield database
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    for role in (*map(role_of, ROLES), OWNER):
        await admin.execute(f"DROP ROLE IF EXISTS {role}")
    await admin.close()


@asynccontextmanager
async def connected_as(dsn: str, name: str, password: str = "") -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(dsn_as(dsn, role_of(name), password or PASSWORDS[name]))
    try:
        yield conn
    finally:
        await conn.close()


@pytest.mark.parametrize(
    ("name", "forbidden"),
    [
        ("audit", "SELECT * FROM vault.request_keys"),
        ("audit", "SELECT * FROM intake.requests"),
        ("audit", "SELECT * FROM notifier.notices"),
        ("intake", "SELECT * FROM audit.leaves"),
        ("intake", "SELECT * FROM notifier.notices"),
        ("notifier", "SELECT * FROM intake.requests"),
        ("notifier", "DELETE FROM vault.request_keys"),
        ("notifier", "INSERT INTO vault.request_keys (request_id, wrapped) VALUES (gen_random_uuid(), '')"),
        ("operator", "DELETE FROM audit.leaves"),
        ("operator", "INSERT INTO intake.outbox_relay (done) VALUES (pg_current_snapshot())"),
        ("intake", "CREATE TABLE public.mine (id int)"),
        ("intake", "CREATE SCHEMA mine"),
        ("intake", "ALTER TABLE vault.request_keys ADD COLUMN more text"),
        ("audit", "CREATE ROLE guichet_more"),
    ],
)
async def test_a_role_may_not(dsn: str, name: str, forbidden: str) -> None:
    async with connected_as(dsn, name) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(forbidden)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("intake", "INSERT INTO vault.request_keys (request_id, wrapped) VALUES (gen_random_uuid(), '')"),
        ("intake", "DELETE FROM vault.request_keys"),
        ("intake", "UPDATE intake.outbox_relay SET epoch = epoch + 1"),
        ("notifier", "SELECT * FROM vault.request_keys"),
        ("notifier", "DELETE FROM notifier.notices"),
        ("audit", "UPDATE audit.tree SET size = size"),
        ("operator", "SELECT * FROM audit.leaves"),
        ("operator", "SELECT * FROM vault.request_keys"),
        ("operator", "SELECT * FROM public.guichet_migrations"),
    ],
)
async def test_a_role_may(dsn: str, name: str, allowed: str) -> None:
    async with connected_as(dsn, name) as conn:
        await conn.execute(allowed)


@pytest.mark.parametrize("name", OWNERS)
async def test_a_service_makes_and_drops_its_own_partitions(dsn: str, name: str) -> None:
    later = TODAY + timedelta(days=30 + OUTBOX_DAYS_KEPT)
    async with connected_as(dsn, name) as conn:
        await maintain(conn, name, later)
        rows = await conn.fetch("SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace", name)
    names = {row["relname"] for row in rows}
    assert f"outbox_{later:%Y%m%d}" in names
    assert f"outbox_{TODAY:%Y%m%d}" not in names


async def test_the_operator_reads_partitions_that_came_later(dsn: str) -> None:
    later = TODAY + timedelta(days=30)
    async with connected_as(dsn, "intake") as conn:
        await maintain(conn, "intake", later)
    async with connected_as(dsn, "operator") as conn:
        assert await conn.fetchval(f"SELECT count(*) FROM intake.outbox_{later:%Y%m%d}") == 0


async def test_migrating_again_changes_nothing_and_gives_the_present_password(dsn: str) -> None:
    await migrate(dsn_as(dsn, OWNER, "owner"), passwords=PASSWORDS | {"audit": "another"})
    conn = await asyncpg.connect(dsn)
    verifier = await conn.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", role_of("audit"))
    await conn.close()
    assert verifier.startswith("SCRAM-SHA-256$4096:")
    async with connected_as(dsn, "audit", "another") as conn:
        assert await conn.fetchval("SELECT count(*) FROM audit.leaves") == 0


async def test_what_was_migrated_without_roles_is_taken_over(postgres: Postgres, dsn: str) -> None:
    """A database that was made on one machine, by one owner, can become a production database."""
    name, admin = f"r_{uuid4().hex[:12]}", await asyncpg.connect(postgres.dsn)
    await admin.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')
    owner = dsn_as(dsn_of(postgres.dsn, name), OWNER, "owner")
    await migrate(owner)
    await migrate(owner, passwords=PASSWORDS)
    async with connected_as(dsn_of(postgres.dsn, name), "notifier") as conn:
        await maintain(conn, "notifier", TODAY + timedelta(days=40))
        assert await conn.fetchval("SELECT count(*) FROM notifier.notices") == 0
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()
