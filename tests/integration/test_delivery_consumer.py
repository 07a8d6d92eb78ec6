"""Does a consumer on a real broker lose nothing, commit only what is done, and go on after trouble?"""

import asyncio
import gzip
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from libs.delivery.consumer import ConsumerSettings
from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.messages import Incoming, OutgoingRecord
from libs.delivery.publisher import outgoing
from libs.delivery.stop_limit import StopLimits
from tests.brokers import Kafka
from tests.deliveries import NoText, a_notice, eventually
from tests.delivery_kafka import Lane, a_lane, ids, make_topics, read_all

QUICK = ConsumerSettings(retry_seconds_base=0.01, retry_seconds_max=0.05)


@pytest.fixture
async def lane(kafka: Kafka) -> AsyncIterator[Lane]:
    lane = await a_lane(kafka, partitions=4)
    yield lane
    await lane.publisher.stop()


class Seen:
    """A handler that remembers what it was given, and may refuse."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.error: Exception | None = None
        self.seconds = 0.0

    async def __call__(self, incoming: Sequence[Incoming]) -> None:
        self.batches.append([str(each.event.id) for each in incoming])
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error

    @property
    def handled(self) -> list[str]:
        return sorted(each for batch in self.batches for each in batch)


async def until_committed(lane: Lane, number: int) -> None:
    async with asyncio.timeout(30):
        while await lane.committed() != number:  # noqa: ASYNC110  only the broker knows
            await asyncio.sleep(0.1)


async def test_every_event_is_handled_once_in_batches_and_then_committed(lane: Lane) -> None:
    events, seen = [a_notice() for _ in range(300)], Seen()
    await lane.send(*events)
    async with lane.consuming(seen) as consumer:
        await until_committed(lane, 300)
        assert consumer.lag() == {lane.topic: 0}
        assert consumer.last_poll_age_seconds is not None
        assert consumer.last_poll_age_seconds < 5
    assert seen.handled == ids(events)
    assert len(seen.batches) < 20


async def test_how_old_the_oldest_record_is_that_waits_is_known_until_it_is_done(lane: Lane) -> None:
    an_hour_ago, seen = int((time.time() - 3600) * 1000), Seen()
    await lane.publisher.publish_records([replace(outgoing(a_notice()), topic=lane.topic, timestamp_ms=an_hour_ago)])
    seen.error = Unavailable("away")
    async with lane.consuming(seen, QUICK) as consumer:
        await eventually(lambda: len(seen.batches) > 1)
        assert 3600 <= consumer.unread_age_seconds()[lane.topic] < 7200
        seen.error = None
        await until_committed(lane, 1)
        await eventually(lambda: consumer.unread_age_seconds() == {lane.topic: 0.0})


async def test_a_new_process_goes_on_where_the_last_one_committed(lane: Lane) -> None:
    first, second = [a_notice() for _ in range(10)], [a_notice() for _ in range(10)]
    for events in (first, second):
        await lane.send(*events)
        seen = Seen()
        async with lane.consuming(seen):
            await eventually(lambda: len(seen.handled) >= 10)  # noqa: B023  awaited within the round
            await until_committed(lane, 10 if events is first else 20)
        assert seen.handled == ids(events)


async def test_poison_is_dead_lettered_whole_and_good_neighbours_are_handled(lane: Lane) -> None:
    good, seen = [a_notice() for _ in range(20)], Seen()
    bad_header = OutgoingRecord(lane.topic, b"k1", b"{}", [("ce_type", b"\xff\xfe"), ("nothing", None), ("x", b"1")])
    bad_body = OutgoingRecord(lane.topic, b"k2", b"\x00\xff not json", outgoing(good[0]).headers)
    empty = OutgoingRecord(lane.topic, b"k3", None, [])
    mixed = [outgoing(event) for event in good]
    await lane.send_raw(*mixed[:7], bad_header, *mixed[7:12], bad_body, empty, *mixed[12:])
    async with lane.consuming(seen):
        await until_committed(lane, 23)
    assert seen.handled == ids(good)
    letters = {each.key: each for each in await lane.dead()}
    assert set(letters) == {b"k1", b"k2", b"k3"}
    assert list(letters[b"k1"].headers)[:3] == list(bad_header.headers)
    assert letters[b"k2"].value == bad_body.value
    assert letters[b"k3"].value is None
    for letter in letters.values():
        said = dict(letter.headers)
        assert said["guichet-dead-topic"] == lane.topic.encode()
        assert said["guichet-dead-message"]


async def test_a_header_name_that_is_no_text_stops_nobody(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("producer", "message_accumulator"):  # the compiled writer takes nothing but text
        monkeypatch.setattr(f"aiokafka.producer.{module}.DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    good, seen = [a_notice() for _ in range(10)], Seen()
    records = [replace(outgoing(event), key=b"one partition") for event in good]
    await lane.send_raw(*records[:5])
    async with AIOKafkaProducer(bootstrap_servers=lane.bootstrap) as other:
        await other.send_and_wait(lane.topic, b"{}", key=b"one partition", headers=[(NoText("x"), b"1")])
    await lane.send_raw(*records[5:])
    async with lane.consuming(seen):
        await until_committed(lane, 11)
    assert seen.handled == ids(good)
    [letter] = await lane.dead()
    assert letter.headers[0] == (r"\xff\xfename", b"1")


async def test_what_is_unavailable_comes_again_and_is_not_committed_meanwhile(lane: Lane) -> None:
    events, seen = [a_notice() for _ in range(50)], Seen()
    seen.error = Unavailable("the database is away")
    await lane.send(*events)
    async with lane.consuming(seen, QUICK) as consumer:
        await eventually(lambda: Counter(seen.handled).most_common()[-1:] and len(seen.batches) > 20)
        assert await lane.committed() == 0
        assert consumer.is_retrying
        assert consumer.lag() == {lane.topic: 50}
        assert consumer.last_poll_age_seconds is not None
        assert consumer.last_poll_age_seconds < 5  # waiting for something is no reason to be restarted
        seen.batches.clear()
        seen.error = None
        await until_committed(lane, 50)
        assert not consumer.is_retrying
    assert set(seen.handled) == set(ids(events))
    assert await lane.dead() == []


async def test_a_bug_is_tried_again_then_dead_lettered_and_its_neighbours_are_handled(lane: Lane) -> None:
    events, tries, handled = [a_notice() for _ in range(9)], Counter[str](), list[str]()
    culprit = str(events[4].id)

    async def handler(incoming: Sequence[Incoming]) -> None:
        batch = [str(each.event.id) for each in incoming]
        if culprit in batch:
            tries[culprit] += len(batch) == 1
            raise KeyError("a bug")
        handled.extend(batch)

    await lane.send(*events)
    async with lane.consuming(handler) as consumer:
        await until_committed(lane, 9)
        assert consumer.counts.given_up == 1
        assert await consumer.dead_letters.count() == 1
    assert sorted(handled) == [each for each in ids(events) if each != culprit]
    assert tries[culprit] == 4
    [letter] = await lane.dead()
    assert dict(letter.headers)["guichet-dead-slug"] == b"bug"
    assert dict(letter.headers)["guichet-dead-attempts"] == b"4"


async def test_a_dead_letter_that_cannot_be_written_is_not_committed_past(kafka: Kafka) -> None:
    lane, seen = await a_lane(kafka), Seen()
    seen.error = Rejected("never")
    lost = Lane(lane.bootstrap, f"{lane.service}x", lane.topic, lane.publisher)  # its dead letter topic is not there
    await lane.send(a_notice())
    async with lost.consuming(seen, QUICK):
        await eventually(lambda: len(seen.batches) >= 2)
        assert await lost.committed() == 0
        await make_topics(kafka, {f"{lost.service}.dead.v1": 1})
        await until_committed(lost, 1)
    assert len(await lost.dead()) >= 1
    await lane.publisher.stop()


async def test_a_topic_rests_before_it_is_in_the_bin_while_others_go_on_and_is_tried_again(
    kafka: Kafka, lane: Lane
) -> None:
    bad, good = Seen(), Seen()
    bad.error = Rejected("a bad release")
    other = Lane(lane.bootstrap, lane.service, f"{lane.service}.others.v1", lane.publisher)
    await make_topics(kafka, {other.topic: 1})
    events = [a_notice() for _ in range(200)]
    await lane.send(*events)
    settings = ConsumerSettings(limits=StopLimits(in_a_row_max=20, rest_seconds_base=3.0))
    async with lane.consuming(bad, settings, {other.topic: good}) as consumer:
        await eventually(lambda: [alarm["kind"] for alarm in consumer.alarms()] == ["topic-rests"])
        assert await lane.committed() <= 19
        await other.send(*(others := [a_notice() for _ in range(30)]))
        await until_committed(other, 30)
        assert good.handled == ids(others)
        bad.error, bad.batches = None, []  # mended meanwhile
        await until_committed(lane, 200)
        assert consumer.alarms() == []
    dead = await lane.dead()
    assert len(dead) % 19 == 0  # never the whole limit
    assert len(dead) + len(bad.handled) == 200


async def test_a_second_member_in_mid_batch_causes_no_event_to_be_handled_twice(lane: Lane) -> None:
    events, first, second = [a_notice() for _ in range(100)], Seen(), Seen()
    first.seconds = 4.0  # a member hears of a rebalance with its next heartbeat, within 3 s: in the middle of the batch
    await lane.send(*events)
    async with lane.consuming(first):
        await eventually(lambda: first.batches)
        async with lane.consuming(second):
            later = [a_notice() for _ in range(100)]
            await lane.send(*later)
            await until_committed(lane, 200)
    assert sorted(first.handled + second.handled) == ids([*events, *later])
    assert second.handled


async def test_a_consumer_started_before_its_topics_waits_for_them(kafka: Kafka) -> None:
    lane = await a_lane(kafka)
    early, seen = Lane(lane.bootstrap, f"{lane.service}x", f"{lane.service}.late.v1", lane.publisher), Seen()
    async with early.consuming(seen):
        await asyncio.sleep(1.0)
        await make_topics(kafka, {early.topic: 1})
        await early.send(a_notice())
        await eventually(lambda: seen.batches)
    await lane.publisher.stop()


async def test_a_record_that_is_refused_leaves_the_publisher_usable(lane: Lane) -> None:
    huge = OutgoingRecord(lane.topic, b"k", os.urandom(1_500_000), [])  # over what the topic takes, under our own limit
    with pytest.raises(Rejected):
        await lane.send_raw(huge)
    events = [a_notice() for _ in range(20)]
    await lane.send(*events)
    assert len(await read_all(lane.settings, lane.topic)) == 20


async def test_a_record_that_kafka_took_packed_and_is_larger_than_a_letter_stops_nobody(lane: Lane) -> None:
    seen = Seen()
    sender = AIOKafkaProducer(
        bootstrap_servers=lane.bootstrap,
        compression_type="gzip",
        max_request_size=10_000_000,
        max_batch_size=10_000_000,
    )
    await sender.start()
    await sender.send_and_wait(lane.topic, b"x" * 5_000_000, b"k")
    await sender.stop()
    await lane.send(event := a_notice())
    async with lane.consuming(seen) as consumer:
        await until_committed(lane, 2)
        assert not consumer.is_stopped
    assert seen.handled == ids([event])
    (letter,) = await lane.dead()
    assert gzip.decompress(letter.value or b"") == b"x" * 5_000_000


async def closed() -> None:
    raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")


async def test_a_consumer_whose_part_in_the_group_died_says_so(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka never begins it again, and each poll fails from then on: the process must end to go on."""
    await lane.send(a_notice())
    async with lane.consuming(Seen()) as consumer:
        await until_committed(lane, 1)
        assert not consumer.has_lost_a_task
        coordinator = consumer._consumer._coordinator
        monkeypatch.setattr(coordinator, "ensure_coordinator_known", closed)
        coordinator.request_rejoin()
        await eventually(lambda: consumer.has_lost_a_task)


async def test_a_consumer_whose_metadata_nobody_keeps_fresh_says_so(lane: Lane) -> None:
    """A coordinator that is lost after that would be looked for without end."""
    await lane.send(a_notice())
    async with lane.consuming(Seen()) as consumer:
        await until_committed(lane, 1)
        client, ended = consumer._consumer._client, asyncio.create_task(closed())
        await asyncio.wait([ended])
        keeping = client._sync_task
        client._sync_task = ended
        try:
            assert consumer.has_lost_a_task
        finally:
            client._sync_task = keeping
        assert not consumer.has_lost_a_task
