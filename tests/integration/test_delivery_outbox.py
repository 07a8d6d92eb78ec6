"""Does the outbox lose nothing, send nothing that was undone, and keep the order of each request?"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import asyncpg
import pytest

from libs.delivery import outbox_store, partitions
from libs.delivery.outbox import OutboxRelay, append
from libs.delivery.rebase import rebase
from libs.events.identity import new_request_id
from libs.service.postgres import Database
from tests.deliveries import a_notice, eventually
from tests.delivery_schema import a_schema_for_delivery
from tests.outboxes import SCHEMA, Heard, add, relaying
from tests.stack import FreshDatabase


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    database = Database(fresh_database.dsn, connections_max=20)
    await a_schema_for_delivery(database, SCHEMA)
    yield database
    await database.close()


async def test_what_was_committed_is_sent_once_and_as_it_was(database: Database) -> None:
    events, heard = [a_notice() for _ in range(5)], Heard()
    async with relaying(database, heard):
        await add(database, *events)
        await eventually(lambda: len(heard.events) == 5)
        await asyncio.sleep(0.2)
    assert heard.events == events


async def test_what_was_undone_is_never_sent(database: Database) -> None:
    kept, heard = a_notice(), Heard()
    async with relaying(database, heard):
        with suppress(ZeroDivisionError):
            async with database.transaction() as conn:
                await append(conn, SCHEMA, [a_notice()])
                raise ZeroDivisionError
        await add(database, kept)
        await eventually(lambda: heard.events)
        await asyncio.sleep(0.2)
    assert heard.ids == [kept.id]


async def write(database: Database, requests: list[UUID], committed: list[tuple[UUID, UUID]], seed: int) -> None:
    """One writer: locks a request, adds an event, and commits late, early or not at all."""
    chance = random.Random(seed)
    for attempt in range(60):
        request_id = chance.choice(requests)
        try:
            async with database.transaction() as conn:
                if chance.random() < 0.3:  # its transaction id is older than its place in the request's order
                    await conn.execute("SELECT pg_current_xact_id()")
                    await asyncio.sleep(chance.random() * 0.01)
                await conn.execute("SELECT 1 FROM intake.locked WHERE id = $1 FOR UPDATE", request_id)
                event = a_notice(request_id, attempts=seed * 1000 + attempt)
                await append(conn, SCHEMA, [event])
                await asyncio.sleep(chance.choice([0, 0, 0, 0.003, 0.02]))
                if chance.random() < 0.1:
                    raise ZeroDivisionError
                # Still with the request locked: the order of these notes is the order of the commits.
                committed.append((request_id, event.id))
        except ZeroDivisionError:
            pass


async def test_nothing_is_lost_or_sent_twice_or_reordered_under_concurrent_writers(database: Database) -> None:
    requests, committed, heard = [new_request_id() for _ in range(6)], list[tuple[UUID, UUID]](), Heard()
    async with database.transaction() as conn:
        await conn.execute("CREATE TABLE intake.locked (id uuid PRIMARY KEY)")
        await conn.executemany("INSERT INTO intake.locked VALUES ($1)", [(each,) for each in requests])
    async with relaying(database, heard):
        await asyncio.gather(*(write(database, requests, committed, seed) for seed in range(8)))
        await eventually(lambda: len(heard.events) >= len(committed))
        await asyncio.sleep(0.2)
    assert sorted(heard.ids) == sorted(event_id for _, event_id in committed)
    sent = {request: [e.id for e in heard.events if e.subject == str(request)] for request in requests}
    assert sent == {request: [e for r, e in committed if r == request] for request in requests}


async def test_a_transaction_held_open_holds_up_nobody_but_itself(database: Database) -> None:
    held, others, heard = a_notice(), [a_notice() for _ in range(30)], Heard()
    async with relaying(database, heard):
        async with database.transaction() as conn:
            await append(conn, SCHEMA, [held])
            for event in others:
                await add(database, event)
            await eventually(lambda: len(heard.events) == 30)
        await eventually(lambda: len(heard.events) == 31)
    assert heard.ids == [*(event.id for event in others), held.id]


async def test_what_was_added_while_nobody_relayed_is_sent_in_pages(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.delivery.outbox.PAGE_ROWS", 7)
    monkeypatch.setattr("libs.delivery.outbox.LISTED_ROWS_MAX", 20)
    events, heard = [a_notice() for _ in range(100)], Heard()
    await add(database, *events)
    async with relaying(database, heard):
        await eventually(lambda: len(heard.events) == 100)
    assert heard.events == events
    assert heard.calls >= 15


async def test_what_commits_while_a_long_batch_is_sent_belongs_to_the_next_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.delivery.outbox.PAGE_ROWS", 5)
    monkeypatch.setattr("libs.delivery.outbox.LISTED_ROWS_MAX", 10)
    events, heard = [a_notice() for _ in range(41)], Heard(away_after=10)
    async with database.transaction() as conn:
        await conn.execute("SELECT pg_current_xact_id()")  # before the batch's snapshot, in progress in it
        await add(database, *events[:40])
        async with relaying(database, heard):
            await eventually(lambda: heard.calls > 3)
            await append(conn, SCHEMA, events[40:])
            await conn.execute("COMMIT; BEGIN")
            heard.away_after = None
            await eventually(lambda: len(heard.events) >= 41)
            await asyncio.sleep(0.2)
    assert heard.events == events


async def test_a_relay_that_ends_between_pages_repeats_no_finished_page(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.delivery.outbox.PAGE_ROWS", 10)
    events, first, second = [a_notice() for _ in range(50)], Heard(away_after=20), Heard()
    await add(database, *events)
    async with relaying(database, first):
        await eventually(lambda: first.calls > 3)
    async with relaying(database, second):
        await eventually(lambda: second.events and second.events[-1].id == events[-1].id)
    assert first.events + second.events == events


async def test_while_kafka_is_away_the_backlog_is_told_and_then_sent_in_order(database: Database) -> None:
    events, heard = [a_notice() for _ in range(20)], Heard()
    heard.is_away = True
    async with relaying(database, heard) as relay:
        for event in events:
            await add(database, event)
        await eventually(lambda: heard.calls > 2)
        rows, age_seconds = await relay.backlog()
        assert rows == 20
        assert age_seconds > 0
        heard.is_away = False
        await eventually(lambda: len(heard.events) == 20)
        await asyncio.sleep(0.1)
        assert await relay.backlog() == (0, 0.0)
    assert heard.events == events


async def test_of_two_relays_one_leads_and_the_other_follows_when_it_ends(database: Database) -> None:
    first, second = Heard(), Heard()
    async with relaying(database, second) as standby:
        await eventually(lambda: standby.is_leader)
        async with relaying(database, first) as late:
            await add(database, a_notice())
            await eventually(lambda: second.events)
            assert not late.is_leader
    assert first.events == []
    async with relaying(database, first):
        await add(database, a_notice())
        await eventually(lambda: first.events)
    assert len(first.events) == 1


async def test_a_leader_that_slept_through_its_end_moves_nothing(database: Database) -> None:
    async with database.connection() as conn:
        sleeper = await outbox_store.take_over(conn, SCHEMA)
        leader = await outbox_store.take_over(conn, SCHEMA)
        await outbox_store.move(conn, SCHEMA, leader)
        with pytest.raises(outbox_store.Fenced):
            await outbox_store.move(conn, SCHEMA, sleeper)


async def test_an_outbox_from_another_cluster_is_not_sent_until_it_is_rebased(database: Database) -> None:
    sent, waiting, heard = a_notice(), a_notice(), Heard()
    async with relaying(database, heard):
        await add(database, sent)
        await eventually(lambda: heard.events)
        await asyncio.sleep(0.1)
    await add(database, waiting)
    async with database.connection() as conn:
        await conn.execute("UPDATE intake.outbox_relay SET cluster = 'another'")
        with pytest.raises(outbox_store.ClusterChanged, match=r"libs\.delivery\.rebase"):
            await OutboxRelay(database, SCHEMA, heard).run()
        assert await rebase(conn, SCHEMA) == 1
    async with relaying(database, heard):
        await eventually(lambda: len(heard.events) == 2)
        await asyncio.sleep(0.1)
    assert heard.ids == [sent.id, waiting.id]


async def test_old_partitions_go_only_when_all_of_theirs_is_published(database: Database) -> None:
    async with database.connection() as conn:
        await partitions.maintain(conn, SCHEMA, partitions.date(2020, 5, 5))
        await append(conn, SCHEMA, [a_notice()])
        await conn.execute("UPDATE intake.outbox SET created_at = '2020-05-05 12:00Z'")
        await partitions.maintain(conn, SCHEMA)
        assert await _names(conn) >= {"outbox_20200505"}
        assert "outbox_20200504" not in await _names(conn)
        heard = Heard()
        async with relaying(database, heard):
            await eventually(lambda: heard.events)
            await asyncio.sleep(0.1)
        await partitions.maintain(conn, SCHEMA)
        assert "outbox_20200505" not in await _names(conn)


async def test_rows_that_fell_into_the_default_partition_move_when_theirs_is_made(database: Database) -> None:
    async with database.connection() as conn:
        await append(conn, SCHEMA, [a_notice()])
        await conn.execute("UPDATE intake.outbox SET created_at = '2031-05-05 12:00Z'")
        assert await conn.fetchval("SELECT count(*) FROM intake.outbox_default") == 1
        await partitions.maintain(conn, SCHEMA, partitions.date(2031, 5, 5))
        assert await conn.fetchval("SELECT count(*) FROM intake.outbox_default") == 0
        assert await conn.fetchval("SELECT count(*) FROM intake.outbox_20310505") == 1


async def _names(conn: asyncpg.Connection) -> set[str]:
    return {row["name"] for row in await conn.fetch(partitions.EXISTING, "intake.outbox", "outbox_default")}
