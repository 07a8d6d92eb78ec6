"""Does a consumer say what was deleted, or had expired, before it was read?"""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from libs.delivery.messages import Incoming
from libs.delivery.positions import Gap
from tests.brokers import Kafka
from tests.deliveries import a_notice, eventually
from tests.delivery_kafka import Lane, a_lane, ids
from tests.wire import delete_all


@pytest.fixture
async def lane(kafka: Kafka) -> AsyncIterator[Lane]:
    lane = await a_lane(kafka)
    yield lane
    await lane.publisher.stop()


class Handled:
    """A handler that remembers what it was given."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def __call__(self, incoming: Sequence[Incoming]) -> None:
        self.ids += [str(each.event.id) for each in incoming]


async def test_records_gone_before_they_were_read_are_counted_and_named_and_the_rest_is_handled(lane: Lane) -> None:
    handled = Handled()
    await lane.send(*(a_notice() for _ in range(5)))
    async with lane.consuming(handled):
        await eventually(lambda: len(handled.ids) == 5)
        await asyncio.sleep(0.2)  # the commit follows
    await lane.send(*(a_notice() for _ in range(7)))
    await asyncio.to_thread(delete_all, lane.bootstrap, lane.topic)
    later, seen = [a_notice() for _ in range(3)], Handled()
    async with lane.consuming(seen) as consumer:
        await eventually(lambda: consumer.skipped.totals() == [(lane.topic, 7)])  # with nothing new to read
        await lane.send(*later)
        await eventually(lambda: len(seen.ids) == 3)
        assert [Gap(**one) for one in consumer.skipped.shown()] == [Gap(lane.topic, 0, 5, 12)]
        (alarm,) = [one for one in consumer.alarms() if one["kind"] == "records-skipped"]
        assert (alarm["topic"], alarm["first"], alarm["after"]) == (lane.topic, 5, 12)
    assert sorted(seen.ids) == ids(later)


async def test_who_was_started_before_anything_was_written_knows_that_it_read_nothing(lane: Lane) -> None:
    async with lane.consuming(Handled()) as consumer:
        await eventually(lambda: consumer.lag() == {lane.topic: 0})
        assert consumer.skipped.totals() == [(lane.topic, 0)]
    await lane.send(*(a_notice() for _ in range(4)))
    await asyncio.to_thread(delete_all, lane.bootstrap, lane.topic)
    async with lane.consuming(Handled()) as consumer:
        await eventually(lambda: consumer.skipped.totals() == [(lane.topic, 4)])


async def test_a_group_that_begins_reads_all_there_is_and_has_skipped_nothing(lane: Lane) -> None:
    await lane.send(*(a_notice() for _ in range(4)))
    await asyncio.to_thread(delete_all, lane.bootstrap, lane.topic)
    events, handled = [a_notice() for _ in range(6)], Handled()
    await lane.send(*events)
    async with lane.consuming(handled) as consumer:
        await eventually(lambda: len(handled.ids) == 6)
        assert consumer.skipped.totals() == [(lane.topic, 0)]
    assert sorted(handled.ids) == ids(events)
