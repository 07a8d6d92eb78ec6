"""Is every event one leaf, whatever is repeated, whoever writes beside us, and wherever we are killed?"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.delivery.messages import Incoming
from libs.events.topics import topics_read_by
from libs.ledger.leaf import commitment, parse_leaf
from libs.ledger.tree import Frontier
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.audit import store
from services.audit.consume import handlers
from services.audit.record import record
from tests.heard import heard_notices, new_request
from tests.stack import FreshDatabase

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    database = Database(fresh_database.dsn)
    yield database
    await database.close()


async def assert_is_one_log(database: Database, leaves: int) -> None:
    """Dense from nought, each event once, and the head is that of the rows."""
    async with database.connection() as conn:
        rows = await conn.fetch("SELECT leaf_index, event_id, leaf_hash, entry FROM audit.leaves ORDER BY leaf_index")
        head = await store.head(conn)
        salts = await conn.fetchval("SELECT count(*) FROM audit.salts")
    frontier = Frontier()
    frontier.extend(row["leaf_hash"] for row in rows)
    assert [row["leaf_index"] for row in rows] == list(range(leaves))
    assert [parse_leaf(row["entry"]).index for row in rows] == list(range(leaves))
    assert len({row["event_id"] for row in rows}) == salts == leaves
    assert (head.size, head.root) == (leaves, frontier.root())


async def test_every_event_is_one_leaf_in_the_order_heard(database: Database) -> None:
    batch = heard_notices(300)
    assert len(await record(database, batch)) == 300
    await assert_is_one_log(database, 300)
    async with database.connection() as conn:
        leaves = await store.leaves_of_request(conn, batch[0].event.data.request_id, -1, 1_000)
    assert [parse_leaf(leaf.entry).event_id for leaf in leaves] == [str(each.event.id) for each in batch]


async def test_hearing_an_event_twice_changes_nothing(database: Database) -> None:
    batch = heard_notices(5)
    await record(database, batch[:3])
    async with database.connection() as conn:
        before = await store.head(conn)
    assert len(await record(database, [*batch[:3], *batch[1:3]])) == 0
    async with database.connection() as conn:
        assert await store.head(conn) == before
    assert len(await record(database, [batch[2], batch[3], batch[3], batch[4], batch[0]])) == 2
    await assert_is_one_log(database, 5)


async def test_a_commitment_is_opened_by_its_salt_and_the_record(database: Database) -> None:
    batch = heard_notices(2)
    await record(database, batch)
    async with database.connection() as conn:
        salts = await conn.fetch("SELECT salt FROM audit.salts ORDER BY leaf_index")
        leaves = await store.leaves_of_request(conn, batch[0].event.data.request_id, -1, 2)
    kept = [parse_leaf(leaf.entry).commitment for leaf in leaves]
    assert kept == [commitment(row["salt"], each.value) for row, each in zip(salts, batch, strict=True)]
    assert salts[0]["salt"] != salts[1]["salt"]


async def test_offsets_are_kept_with_the_leaves(database: Database) -> None:
    batch = heard_notices(4, first=10)
    await record(database, batch)
    async with database.connection() as conn:
        rows = await conn.fetch("SELECT topic, partition, next_offset FROM audit.offsets")
    assert [tuple(row) for row in rows] == [(batch[0].topic, 0, 14)]


async def test_two_writers_take_turns_and_do_not_fork_the_log(fresh_database: FreshDatabase) -> None:
    batches = [heard_notices(40) for _ in range(12)]
    one, other = Database(fresh_database.dsn), Database(fresh_database.dsn)
    made = await asyncio.gather(*(record(writer, batch) for batch in batches for writer in (one, other)))
    assert sum(map(len, made)) == 480
    await assert_is_one_log(one, 480)
    await one.close()
    await other.close()


async def test_a_failure_between_leaves_and_commit_leaves_no_trace(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = heard_notices(300)
    with monkeypatch.context() as patched:
        patched.setattr(store, "keep_offsets", failing)
        with pytest.raises(ZeroDivisionError):
            await record(database, batch)
    await assert_is_one_log(database, 0)
    assert len(await record(database, batch)) == 300
    await assert_is_one_log(database, 300)


async def failing(*_: object) -> None:
    raise ZeroDivisionError


RECORD_FOR_EVER = """
import asyncio, sys
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.audit.record import record
from tests.heard import heard_notices, new_request

async def main():
    database, about = Database(sys.argv[1]), new_request()
    for first in range(0, 10**6, 50):
        await record(database, heard_notices(50, first, about))
        print(about, flush=True)

asyncio.run(main())
"""


async def test_a_writer_killed_in_mid_stream_leaves_whole_batches(
    database: Database, fresh_database: FreshDatabase
) -> None:
    writer = subprocess.Popen(  # noqa: ASYNC220  the test has nothing else to do meanwhile
        [sys.executable, "-c", RECORD_FOR_EVER, fresh_database.dsn], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for _ in range(5):
        assert writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    async with database.connection() as conn:
        size = (await store.head(conn)).size
    assert size >= 250
    assert size % 50 == 0
    await assert_is_one_log(database, size)
    assert len(await record(database, heard_notices(7))) == 7
    await assert_is_one_log(database, size + 7)


async def test_every_topic_that_audit_reads_is_recorded(database: Database) -> None:
    metrics = Metrics("audit")
    by_topic = handlers(database, metrics)
    assert set(by_topic) == {topic.name for topic in topics_read_by("audit")}
    for number, (topic, handler) in enumerate(sorted(by_topic.items())):
        (each,) = heard_notices(1, number, new_request())
        await handler([Incoming(each.event, topic, 0, number, None, each.value, [], 0)])
    await assert_is_one_log(database, len(by_topic))
    assert metrics.registry.get_sample_value("audit_leaves_total") == len(by_topic)
