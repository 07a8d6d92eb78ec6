"""Which Kafka and PostgreSQL do the tests run on? One switch decides, and the tests are the same.

GUICHET_TEST_STACK is `embedded` (no Docker needed), `containers` (testcontainers), or `auto` (the default): containers
when an engine answers and holds both images (GUICHET_TEST_KAFKA_IMAGE, GUICHET_TEST_POSTGRES_IMAGE), else embedded.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests.brokers import Kafka, Postgres, Stack, container_stack, dsn_of, embedded_stack, engine_answers
from tests.running import RunningSystem


def chosen_stack() -> str:
    choice = os.environ.get("GUICHET_TEST_STACK", "auto")
    if choice not in {"auto", "embedded", "containers"}:
        raise pytest.UsageError(f"GUICHET_TEST_STACK={choice!r}: use auto, embedded or containers")
    if choice == "auto":
        return "containers" if engine_answers() else "embedded"
    return choice


def stack_at(folder: Path) -> Stack:
    """Containers keep nothing in the folder."""
    return container_stack() if chosen_stack() == "containers" else embedded_stack(folder)


@pytest.fixture(scope="session")
def work_folder() -> Iterator[Path]:
    """A folder with a short path: a Unix socket's path may have 107 bytes at most."""
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user when the tests run as root
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka(work_folder: Path) -> Iterator[Kafka]:
    broker = stack_at(work_folder).kafka()
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def own_kafka(work_folder: Path, request: pytest.FixtureRequest) -> Iterator[Kafka]:
    """Provisioned for one module alone: no other test's records in it, and no service that reads or counts them."""
    from libs.delivery.provision import provision

    broker = stack_at(work_folder / request.module.__name__).kafka()
    broker.start()
    asyncio.run(provision(broker.bootstrap))
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def postgres(work_folder: Path) -> Iterator[Postgres]:
    server = stack_at(work_folder).postgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def topics(kafka: Kafka) -> Kafka:
    """The broker with every topic of the map provisioned."""
    from libs.delivery.provision import provision

    asyncio.run(provision(kafka.bootstrap))
    return kafka


@dataclass(frozen=True)
class FreshDatabase:
    dsn: str


TEMPLATE = "guichet_template"


@pytest.fixture(scope="session")
def migrated_template(postgres: Postgres) -> str:
    """One migrated database that the tests' own are copied from: migrating each would cost a second a test."""
    from libs.service.migrate import migrate

    async def make() -> None:
        admin = await asyncpg.connect(postgres.dsn)
        try:
            await admin.execute(f'DROP DATABASE IF EXISTS "{TEMPLATE}" WITH (FORCE)')
            await admin.execute(f'CREATE DATABASE "{TEMPLATE}"')
            await migrate(dsn_of(postgres.dsn, TEMPLATE))
        finally:
            await admin.close()

    asyncio.run(make())
    return TEMPLATE


@asynccontextmanager
async def _copy_of(template: str, postgres: Postgres) -> AsyncIterator[FreshDatabase]:
    name = f"t_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres.dsn)
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield FreshDatabase(dsn_of(postgres.dsn, name))
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await admin.close()


@pytest.fixture
async def fresh_database(postgres: Postgres, migrated_template: str) -> AsyncIterator[FreshDatabase]:
    """An empty, migrated database of its own for one test."""
    async with _copy_of(migrated_template, postgres) as database:
        yield database


@pytest.fixture
async def second_database(postgres: Postgres, migrated_template: str) -> AsyncIterator[FreshDatabase]:
    """One more, for a test about two of them."""
    async with _copy_of(migrated_template, postgres) as database:
        yield database


@pytest.fixture(scope="session")
def running_system(kafka: Kafka, postgres: Postgres, work_folder: Path) -> Iterator[RunningSystem]:
    """All services as processes, both territories published; stopped at the session's end."""
    system = RunningSystem(kafka, postgres, work_folder)
    system.start()
    yield system
    system.stop()
