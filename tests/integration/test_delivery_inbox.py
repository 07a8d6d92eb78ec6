"""Is each event claimed once, whoever asks how often at the same time?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from libs.delivery.inbox import claim
from libs.events.identity import event_id, foreign_event_id, new_request_id
from libs.service.postgres import Database
from tests.delivery_schema import a_schema_for_delivery
from tests.stack import FreshDatabase

SCHEMA = "intake"


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    database = Database(fresh_database.dsn, connections_max=10)
    await a_schema_for_delivery(database, SCHEMA)
    yield database
    await database.close()


async def claimed(database: Database, ids: list[UUID]) -> set[UUID]:
    async with database.transaction() as conn:
        return await claim(conn, SCHEMA, ids)


async def test_hearing_an_event_twice_claims_it_once(database: Database) -> None:
    ids = [event_id(new_request_id(), "guichet.RequestRouted.v1", None, b"%d" % n) for n in range(10)]
    assert await claimed(database, ids[:6]) == set(ids[:6])
    assert await claimed(database, ids) == set(ids[6:])
    assert await claimed(database, ids) == set()


async def test_an_event_twice_in_one_batch_is_claimed_once(database: Database) -> None:
    one = new_request_id()
    assert await claimed(database, [one, one, one]) == {one}


async def test_many_at_once_claim_each_event_once(database: Database) -> None:
    ids = [new_request_id() for _ in range(300)]
    shuffled = [ids[start:] + ids[:start] for start in (0, 77, 150, 222)]  # different orders: no two may deadlock
    answers = await asyncio.gather(*(claimed(database, order) for order in shuffled for _ in range(2)))
    assert sorted(each for answer in answers for each in answer) == sorted(ids)


async def test_a_claim_is_undone_with_its_work(database: Database) -> None:
    one = new_request_id()
    with suppress(ZeroDivisionError):
        async with database.transaction() as conn:
            assert await claim(conn, SCHEMA, [one]) == {one}
            raise ZeroDivisionError
    assert await claimed(database, [one]) == {one}


@pytest.mark.parametrize(
    "foreign",
    [
        foreign_event_id("urn:other", "1"),
        uuid4(),
        UUID(int=int((datetime.now(UTC) - timedelta(days=3650)).timestamp() * 1000) << 80),
        UUID(int=2**128 - 1),
    ],
    ids=["no time", "random", "ten years old", "the last"],
)
async def test_an_id_of_any_time_is_claimed_once(database: Database, foreign: UUID) -> None:
    assert await claimed(database, [foreign]) == {foreign}
    assert await claimed(database, [foreign]) == set()


async def test_ids_of_today_are_not_in_the_default_partition(database: Database) -> None:
    await claimed(database, [new_request_id() for _ in range(3)])
    async with database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM intake.inbox_default") == 0
        assert await conn.fetchval("SELECT count(*) FROM intake.inbox") == 3
