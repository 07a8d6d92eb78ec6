"""How does the database get its shape? `python -m libs.service.migrate` applies what is new, once, in order.

Each file runs in a transaction of its own and is recorded with its checksum: a file that was applied may never change,
the remedy is always a new file. Several of these may run at once; one works, the others wait and find nothing to do.
"""

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import structlog

from libs.delivery.backoff import Backoff
from libs.delivery.connections import Connection
from libs.delivery.partitions import maintain
from libs.events.topics import SERVICES
from libs.service import logs, roles
from libs.service.postgres import PASSING, REFUSED, is_behind_a_pooler
from libs.service.postgres_address import for_asyncpg
from libs.service.settings import SettingsWrong, SharedSettings, read

log = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60.0  # for a database that is still starting
LOCK_TIMEOUT_SECONDS = 5  # a migration that must wait for a long transaction would make everyone wait behind it
STATEMENT_TIMEOUT_SECONDS = 600
ADVISORY_LOCK = 0x6775_6963_6865_74  # "guichet"

CREATE_LEDGER = """
CREATE TABLE IF NOT EXISTS public.guichet_migrations (
    schema_name text NOT NULL,
    file_name   text NOT NULL,
    checksum    text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schema_name, file_name)
)
"""


class MigrationFailed(Exception):
    """A sentence that names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file, for one schema."""

    schema: str
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(root: Path = ROOT) -> Iterator[Migration]:
    """In the order of the services: intake's come first, and make the schema `vault` that the others read."""
    delivery = sorted((root / "libs" / "delivery" / "sql").glob("*.sql"))
    for service in SERVICES:
        own = sorted((root / "services" / service / "migrations").glob("*.sql"))
        if own:
            for file in delivery:
                yield Migration(service, f"delivery/{file.name}", file.read_text().replace("{schema}", service))
        for file in own:
            yield Migration(service, file.name, file.read_text())


async def migrate(
    dsn: str, root: Path = ROOT, passwords: roles.Passwords | None = None, *, through_pooler: bool = False
) -> list[str]:
    """Apply what is new; returns the names of what was applied. Raises `MigrationFailed`.

    `through_pooler`: the address is that of a pooler which keeps a session for each connection. With `passwords`, each
    service gets a role of its own with rights to its own tables (roles.py).
    """
    conn = await _connected(dsn)
    try:
        if await is_behind_a_pooler(conn) and not through_pooler:
            raise MigrationFailed(
                "a pooler stands before the database, and the lock that keeps migrations apart would stay in it: give "
                "PostgreSQL's own address in GUICHET_POSTGRES_SESSION_DSN, or say GUICHET_POSTGRES_POOLER=session if "
                "it keeps a session for each connection"
            )
        await conn.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)  # ends with the connection
        await conn.execute(CREATE_LEDGER)
        rows = await conn.fetch("SELECT schema_name, file_name, checksum FROM public.guichet_migrations")
        applied = {(row["schema_name"], row["file_name"]): row["checksum"] for row in rows}
        done = [
            f"{each.schema}: {each.name}"
            for each in migrations(root)
            if await _has_applied(conn, each, applied.get((each.schema, each.name)))
        ]
        for schema in sorted({each.schema for each in migrations(root)}):
            await maintain(conn, schema)
        if passwords is not None:
            await roles.align(conn, passwords)
        return done
    except roles.NOT_ALLOWED as error:
        raise MigrationFailed(f"the database refused a step: {error}; migrate as the owner of everything") from error
    finally:
        await conn.close()


async def _has_applied(conn: Connection, migration: Migration, checksum: str | None) -> bool:
    if checksum == migration.checksum:
        return False
    where = f"{migration.name} of {migration.schema}"
    if checksum is not None:
        raise MigrationFailed(f"{where} was applied already and has changed since; undo that, and write a new file")
    try:
        async with conn.transaction():
            await conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
            await conn.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
            await conn.execute(f"CREATE SCHEMA IF NOT EXISTS {migration.schema}")
            await conn.execute(f"SET LOCAL search_path = {migration.schema}, public")
            await conn.execute(migration.sql)
            await conn.execute(
                "INSERT INTO public.guichet_migrations (schema_name, file_name, checksum) VALUES ($1, $2, $3)",
                migration.schema,
                migration.name,
                migration.checksum,
            )
    except asyncpg.LockNotAvailableError as error:
        raise MigrationFailed(f"{where} could not get its locks; end long transactions and run it again") from error
    except asyncpg.PostgresError as error:
        raise MigrationFailed(f"{where} failed and was undone: {error}") from error
    log.info("migrated", schema=migration.schema, file=migration.name)
    return True


async def _connected(dsn: str) -> Connection:
    backoff, deadline = Backoff(0.2, 2.0), asyncio.get_running_loop().time() + WAIT_SECONDS
    address, seconds = for_asyncpg(dsn)
    while True:
        try:
            return await asyncpg.connect(address, timeout=seconds, command_timeout=STATEMENT_TIMEOUT_SECONDS)
        except REFUSED as error:
            raise MigrationFailed(f"the database does not let us in: {error}") from error
        except (asyncpg.SyntaxOrAccessError, asyncpg.DataError, asyncpg.CantChangeRuntimeParamError) as error:
            raise MigrationFailed(f"the database does not take GUICHET_POSTGRES_DSN: {error}") from error
        except (OSError, *PASSING) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise MigrationFailed(f"the database does not answer: {type(error).__name__}") from error
        await asyncio.sleep(backoff.next_seconds())


def main() -> int:
    """Exit codes: 0 done, 1 it failed and was undone, 2 wrong settings."""
    try:
        settings = read(SharedSettings)
        passwords = roles.passwords_in_environment()
    except SettingsWrong as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if settings.session_database is None:
        sys.stderr.write("GUICHET_POSTGRES_DSN is not set; set it to postgresql://user:password@host:port/database\n")
        return 2
    logs.configure("WARNING", "console", "migrate", settings.version)
    is_kept = settings.postgres_pooler == "session"
    try:
        done = asyncio.run(migrate(settings.session_database, passwords=passwords, through_pooler=is_kept))
    except MigrationFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{name}\n" for name in done or ["nothing to do"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
