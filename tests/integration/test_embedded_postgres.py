"""Does the embedded PostgreSQL keep what was committed, wherever its folder is and whatever happens to it?"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from libs.operate.embedded.errors import PostgresFailed
from libs.operate.embedded.postgres import SOCKET_PATH_BYTES_MAX, EmbeddedPostgres
from libs.operate.embedded.process import Holder, ProcessId


@pytest.fixture(scope="module")
def server(work_folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(work_folder / "own-pg")
    server.start()
    asyncio.run(ask(server, "CREATE TABLE kept (what text)"))
    yield server
    server.stop()


async def ask(server: EmbeddedPostgres, sql: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(server.dsn)
    try:
        found: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
        return found
    finally:
        await connection.close()


def kept(server: EmbeddedPostgres) -> list[str]:
    return [row["what"] for row in asyncio.run(ask(server, "SELECT what FROM kept ORDER BY what"))]


def test_what_was_committed_survives_a_stop_and_a_crash(server: EmbeddedPostgres) -> None:
    asyncio.run(ask(server, "INSERT INTO kept VALUES ('one')"))
    server.stop()
    server.start()
    asyncio.run(ask(server, "INSERT INTO kept VALUES ('two')"))
    server.kill()
    assert not server.is_running
    server.start()
    assert kept(server) == ["one", "two"]


def test_it_can_be_killed_and_started_again_at_once_while_it_works(server: EmbeddedPostgres) -> None:
    async def kill_in_the_middle() -> None:
        busy = await asyncpg.connect(server.dsn)
        working = asyncio.create_task(busy.execute("SELECT pg_sleep(30)"))
        await asyncio.sleep(0.2)
        server.kill()
        server.start()
        with pytest.raises((asyncpg.PostgresError, OSError, asyncpg.InterfaceError)):
            await working

    asyncio.run(kill_in_the_middle())
    assert kept(server) == ["one", "two"]


def test_what_is_promised_is_on_disk(server: EmbeddedPostgres) -> None:
    settings = asyncio.run(ask(server, "SELECT name, setting FROM pg_settings"))
    found = {row["name"]: row["setting"] for row in settings}
    assert (found["fsync"], found["synchronous_commit"], found["full_page_writes"]) == ("on", "on", "on")
    assert (found["listen_addresses"], found["max_connections"]) == ("", "100")


def test_a_server_left_by_a_crashed_run_is_ended_and_its_folder_taken_over(server: EmbeddedPostgres) -> None:
    left = ProcessId.of(server.pid or 0)
    assert left is not None
    Holder(left, ProcessId(left.pid, "an earlier boot")).write(server.log_file.with_name("postgres.pid"))
    successor = EmbeddedPostgres(server.log_file.parent)
    successor.start()
    assert not left.is_alive
    assert kept(successor) == ["one", "two"]
    successor.stop()
    server.start()


def test_a_lock_file_with_the_id_of_another_program_is_no_obstacle(server: EmbeddedPostgres) -> None:
    server.kill()
    lock = server.log_file.with_name("data") / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join(["1", *lines[1:]]) + "\n")  # process 1 is always there, and never PostgreSQL
    server.start()
    assert kept(server) == ["one", "two"]


def test_a_folder_whose_path_is_too_long_for_a_socket_works(work_folder: Path) -> None:
    server = EmbeddedPostgres(work_folder / ("long" * 30) / "pg")
    server.log_file.parent.parent.mkdir()
    server.start()
    assert len(str(server.socket_folder / ".s.PGSQL.5432")) <= SOCKET_PATH_BYTES_MAX
    assert asyncio.run(ask(server, "SELECT 1 AS one"))[0]["one"] == 1
    server.stop()
    assert not server.socket_folder.exists()


def test_data_of_another_version_are_refused_with_a_remedy(server: EmbeddedPostgres) -> None:
    server.stop()
    version = server.log_file.with_name("data") / "PG_VERSION"
    before = version.read_text()
    version.write_text("9\n")
    with pytest.raises(PostgresFailed, match="PGSERVER_POSTGRES_VERSION=9"):
        server.start()
    version.write_text(before)
    server.start()
