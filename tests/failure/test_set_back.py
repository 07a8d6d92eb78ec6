"""What happens on a database that was set back: a volume snapshot, a point-in-time recovery? Everybody notices."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import asyncpg

from tests.citizens import pothole
from tests.running import SERVICES, RunningSystem

KEEP_TABLES = ("intake", "notifier", "audit")


def in_postgres(system: RunningSystem, *statements: str) -> None:
    async def run() -> None:
        admin = await asyncpg.connect(system.postgres.dsn)
        try:
            for statement in statements:
                await admin.execute(statement)
        finally:
            await admin.close()

    asyncio.run(run())


def stop(system: RunningSystem) -> None:
    for name in SERVICES:
        if system.processes[name].is_alive:
            system.processes[name].stop()


def start(system: RunningSystem) -> None:
    for name in SERVICES:
        system.processes[name].start()


@contextmanager
def set_back(system: RunningSystem) -> Iterator[list[str]]:
    """A copy is taken, requests come, and the copy takes the place of the database; at the end that one is put back."""
    stop(system)
    in_postgres(system, "CREATE DATABASE guichet_older TEMPLATE guichet_running")
    start(system)
    system.wait_until(system.is_ready, "every service is ready")
    since = [system.submit(pothole(uuid4().hex)).json()["request_id"] for _ in range(5)]
    system.wait_for_quiet()
    stop(system)
    newer = "ALTER DATABASE guichet_running RENAME TO guichet_newer"
    in_postgres(system, newer, "ALTER DATABASE guichet_older RENAME TO guichet_running")
    try:
        yield since
    finally:
        stop(system)
        again = "ALTER DATABASE guichet_newer RENAME TO guichet_running"
        in_postgres(system, "DROP DATABASE guichet_running WITH (FORCE)", again)
        start(system)
        system.wait_until(system.is_ready, "every service is ready")


def test_a_database_that_was_set_back_is_noticed_by_everybody_who_keeps_tables(running_system: RunningSystem) -> None:
    system = running_system
    with set_back(system) as since:
        mails, said = len(system.mails()), {}
        for name in SERVICES:
            said[name] = system.processes[name].log.stat().st_size
        start(system)
        for name in KEEP_TABLES:
            system.wait_until(lambda name=name: not system.processes[name].is_alive, f"{name} has ended")
            assert system.processes[name].exit_code == 1
            log = system.processes[name].log.read_bytes()[said[name] :].decode()
            assert "The database was set back" in log.replace("the database was set back", "The database was set back")
            assert "guichet restore" in log
        assert system.processes["router"].is_alive
        verdict = system.verdict()
        assert not verdict["ok"]
        assert "published checkpoint" in verdict["first_difference"]["expected"]
        assert {one.partition(":")[0] for one in verdict["set_back"]} == set(KEEP_TABLES)
        assert len(system.mails()) == mails
    system.wait_for_quiet()
    assert {system.request(request_id)["status"] for request_id in since} == {"routed"}
    assert len(system.mails()) == mails
    verdict = system.verdict()
    assert (verdict["ok"], verdict["set_back"]) == (True, [])
