"""Do consumer, publisher and relay recover when Kafka or PostgreSQL was away, and stop although it is?"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from libs.delivery.consumer import ConsumerSettings
from libs.delivery.errors import Unavailable
from libs.delivery.kafka import KafkaSettings, PatientBroker
from libs.delivery.messages import Incoming
from libs.delivery.outbox import OutboxRelay, append
from libs.delivery.provision import provision
from libs.delivery.publisher import Publisher
from libs.service.postgres import Database
from tests.brokers import Kafka, Postgres
from tests.deliveries import TOPIC, a_notice, eventually
from tests.delivery_kafka import Lane, a_lane, ids
from tests.delivery_schema import a_schema_for_delivery
from tests.stack import stack_at

QUICK = ConsumerSettings(retry_seconds_base=0.01, retry_seconds_max=0.2)


@pytest.fixture
async def mortal_kafka(tmp_path_factory: pytest.TempPathFactory, work_folder: Path) -> AsyncIterator[Kafka]:
    """A broker of this test's own: the session's is not stopped under others."""
    stack = stack_at(work_folder / "mortal")
    broker = stack.kafka()
    await asyncio.to_thread(broker.start)
    yield broker
    await asyncio.to_thread(broker.stop)


async def test_consumer_and_publisher_go_on_after_kafka_was_away(mortal_kafka: Kafka) -> None:
    lane, handled = await a_lane(mortal_kafka, partitions=2), list[str]()

    async def handler(incoming: Sequence[Incoming]) -> None:
        handled.extend(str(each.event.id) for each in incoming)

    before, meanwhile, after = ([a_notice() for _ in range(20)] for _ in range(3))
    async with lane.consuming(handler, QUICK) as consumer:
        await lane.send(*before)
        await eventually(lambda: len(set(handled)) == 20)
        await asyncio.to_thread(mortal_kafka.stop)
        with pytest.raises(Unavailable):
            await lane.send(*meanwhile)
        age = consumer.last_poll_age_seconds
        assert age is not None
        assert age < 10  # alive all the time
        await asyncio.to_thread(mortal_kafka.start)
        await _until_sent(lane, [*meanwhile, *after])
        await eventually(lambda: len(set(handled)) == 60, 60)
    assert sorted(set(handled)) == ids([*before, *meanwhile, *after])
    await lane.publisher.stop()


async def _until_sent(lane: Lane, events: Sequence[object]) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                return await lane.send(*events)  # type: ignore[arg-type]
            except Unavailable:
                await asyncio.sleep(0.2)


async def test_a_consumer_started_without_kafka_starts_when_it_comes_and_stops_when_it_has_gone(
    mortal_kafka: Kafka,
) -> None:
    lane, handled = await a_lane(mortal_kafka), list[str]()

    async def handler(incoming: Sequence[Incoming]) -> None:
        handled.extend(str(each.event.id) for each in incoming)

    await lane.send(a_notice())
    await asyncio.to_thread(mortal_kafka.stop)
    broker = PatientBroker(lane.settings)
    async with lane.consuming(handler, QUICK) as consumer:
        await asyncio.sleep(1.0)
        assert consumer.last_poll_age_seconds is None
        await asyncio.to_thread(mortal_kafka.start)
        await eventually(lambda: handled, 60)
        await asyncio.to_thread(mortal_kafka.kill)
        began = time.monotonic()
    await lane.publisher.stop()
    await broker.stop()
    assert time.monotonic() - began < 25
    await asyncio.to_thread(mortal_kafka.start)


async def test_the_relay_sends_what_was_announced_while_kafka_was_away(
    mortal_kafka: Kafka, postgres: Postgres, fresh_database: object
) -> None:
    dsn: str = fresh_database.dsn  # type: ignore[attr-defined]
    database = Database(dsn)
    await a_schema_for_delivery(database, "intake")
    await provision(mortal_kafka.bootstrap)
    settings = KafkaSettings(bootstrap_servers=mortal_kafka.bootstrap, publish_seconds_max=2.0)
    lane, events = Lane(mortal_kafka.bootstrap, "x", TOPIC, Publisher(settings)), [a_notice() for _ in range(10)]
    relay = OutboxRelay(database, "intake", lane.publisher)
    task = asyncio.create_task(relay.run())
    await asyncio.to_thread(mortal_kafka.stop)
    async with database.transaction() as conn:
        await append(conn, "intake", events)
    await asyncio.sleep(3.0)
    assert (await relay.backlog())[0] == 10
    await asyncio.to_thread(mortal_kafka.start)
    await eventually(lambda: relay.published_total == 10, 60)
    task.cancel()
    await asyncio.wait([task])
    from tests.delivery_kafka import read_all

    keys = [record.key for record in await read_all(settings, TOPIC)]
    assert set(keys) == {event.subject.encode() for event in events}
    await lane.publisher.stop()
    await database.close()


async def test_the_relay_and_the_pool_go_on_after_postgres_was_killed(work_folder: Path) -> None:
    folder = work_folder / "mortal-pg"
    server = stack_at(folder).postgres()
    await asyncio.to_thread(server.start)
    heard: list[object] = []

    class Heard(Publisher):
        async def publish_records(self, records: Sequence[object]) -> None:  # type: ignore[override]
            heard.extend(records)

    database = Database(server.dsn)
    await a_schema_for_delivery(database, "intake")
    relay = OutboxRelay(database, "intake", Heard(KafkaSettings(bootstrap_servers="")))
    task = asyncio.create_task(relay.run())
    try:
        await eventually(lambda: relay.is_leader)
        await asyncio.to_thread(server.kill)
        with pytest.raises(Unavailable):
            await _announce(database)
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await _announce(database)
        assert time.monotonic() - began < 4  # said at once, not after a hang
        await asyncio.to_thread(server.start)
        await _announce(database)
        await eventually(lambda: len(heard) == 1, 30)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])
        await database.close()
        await asyncio.to_thread(server.stop)


async def _announce(database: Database) -> None:
    async with database.transaction() as conn:
        await append(conn, "intake", [a_notice()])
