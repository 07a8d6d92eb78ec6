"""Does everything go through a pooler when it is named, and is it named in a sentence when it is not?"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from libs.delivery.errors import DatabaseAway, Unavailable
from libs.service.migrate import MigrationFailed, migrate
from libs.service.postgres import Database
from tests import poolers
from tests.brokers import Postgres

is_required = os.environ.get("GUICHET_POOLER_REQUIRED", "") not in ("", "0")
pytestmark = pytest.mark.skipif(not poolers.find_pooler() and not is_required, reason=poolers.MISSING)
TOGETHER = 12


@pytest.fixture(scope="module")
def dealt_out(work_folder: Path, postgres: Postgres) -> Iterator[str]:
    """The address of a pooler that deals out transactions and lets our settings of the session pass."""
    takes = "idle_in_transaction_session_timeout"
    with poolers.pooler(work_folder, postgres.dsn, "transaction", takes=takes) as address:
        yield address


async def _work(database: Database, number: int) -> list[int]:
    """Statements alone and in transactions, with arguments, arrays and text, as services send them."""
    answers = []
    for turn in range(20):
        async with database.connection() as conn:
            answers.append(await conn.fetchval("SELECT $1::int + $2::int", number * 100, turn))
            await conn.fetch("SELECT unnest($1::text[]), now()", [str(turn)])
        async with database.transaction() as conn:
            await conn.execute("SET LOCAL statement_timeout = '5s'")
            answers.append(await conn.fetchval("SELECT $1::int", number * 100 + turn))
    return answers


async def test_transactions_that_are_dealt_out_to_few_sessions_answer_each_its_own(dealt_out: str) -> None:
    database = Database(dealt_out, connections_max=TOGETHER, pooler="transaction")
    answers = await asyncio.gather(*(_work(database, number) for number in range(TOGETHER)))
    await database.close()
    for number, found in enumerate(answers):
        assert found == [each for turn in range(20) for each in (number * 100 + turn,) * 2]


async def test_a_pooler_that_nobody_named_is_named_in_a_sentence_and_no_statement_is_sent(dealt_out: str) -> None:
    database = Database(dealt_out)
    with capture_logs() as logs, pytest.raises(DatabaseAway) as away:
        async with database.connection():
            pytest.fail("a connection was lent")
    await database.close()
    assert away.value.slug == "database-address-wrong"
    assert "GUICHET_POSTGRES_POOLER=transaction" in logs[0]["remedy"]


async def test_a_pooler_that_refuses_our_settings_is_named_too(work_folder: Path, postgres: Postgres) -> None:
    with poolers.pooler(work_folder, postgres.dsn, "session") as address:
        with capture_logs() as logs, pytest.raises(DatabaseAway) as away:
            async with Database(address).connection():
                pytest.fail("a connection was lent")
        assert away.value.slug == "database-address-wrong"
        assert "GUICHET_POSTGRES_POOLER" in logs[0]["remedy"]
        database = Database(address, pooler="session")
        async with database.connection() as conn:
            assert await conn.fetchval("SHOW idle_in_transaction_session_timeout") == "1min"
        await database.close()


async def test_good_work_is_no_bug_when_statements_meet_another_session(dealt_out: str) -> None:
    """It once ended as dead letters: what is raised must say that the same work succeeds later."""
    database = Database(dealt_out, connections_max=TOGETHER, pooler="session")  # wrongly named
    outcomes = await asyncio.gather(*(_work(database, n) for n in range(TOGETHER)), return_exceptions=True)
    await database.close()
    failed = [each for each in outcomes if isinstance(each, BaseException)]
    assert failed
    assert all(isinstance(each, Unavailable) for each in failed)


async def test_a_migration_leaves_no_lock_behind_in_a_pooler(dealt_out: str) -> None:
    with pytest.raises(MigrationFailed, match="GUICHET_POSTGRES_SESSION_DSN"):
        await migrate(dealt_out)
    conn = await asyncpg.connect(dealt_out, statement_cache_size=0)
    assert await conn.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    await conn.close()
