"""Does intake know of each undecided request whether it is on its way, dead or lost, on real Kafka and PostgreSQL?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import pytest
from aiokafka import TopicPartition

from libs.delivery.dead_letters import Verdict, dead_letter, now
from libs.delivery.errors import Rejected
from libs.delivery.kafka import KafkaSettings, make_offset_keeper
from libs.delivery.messages import Incoming, OutgoingRecord
from libs.delivery.outbox import OutboxRelay
from libs.delivery.publisher import Publisher, outgoing
from libs.events.envelope import Event
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED, REQUESTS_ROUTED, consumer_group
from libs.service.paging import BEGINNING
from services.intake.standing import Report
from services.intake.submission import Receipt
from services.intake.undecided import watch
from services.intake.undecided.announce import Announcing
from services.intake.undecided.watch import BalanceWatch
from tests.brokers import Kafka
from tests.integration.intake_parts import Intake, events_said, routed
from tests.stack import FreshDatabase
from tests.unit.intake_submissions import submission
from tests.wire import delete_all, read_all

ASKED = (REQUESTS_ACCEPTED, REQUESTS_PROGRESSED)


@dataclass
class Balance:
    """Intake with its relay and its watch; how far router and intake have read is said by the test."""

    intake: Intake
    watch: BalanceWatch
    announcing: Announcing
    kafka: KafkaSettings
    publisher: Publisher

    async def accept(self, number: int) -> list[UUID]:
        answers = await self.intake.acceptance.accept_batch([submission() for _ in range(number)])
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        assert len(receipts) == number
        return [receipt.request_id for receipt in receipts]

    async def published(self) -> None:
        """Let the relay publish all that is in the outbox."""
        relay = OutboxRelay(self.intake.database, "intake", self.publisher)
        task = asyncio.create_task(relay.run())
        try:
            async with asyncio.timeout(30):
                while not relay.is_leader or (await relay.backlog())[0]:  # noqa: ASYNC110  only the database knows
                    await asyncio.sleep(0.02)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def has_read(self, service: str, *topics: str) -> None:
        """As if the service had read these topics to their ends."""
        keeper = make_offset_keeper(self.kafka, consumer_group(service))
        await keeper.start()
        try:
            partitions = [TopicPartition(topic, number) for topic in topics for number in range(6)]
            keeper.assign(partitions)
            await keeper.commit(dict(await keeper.end_offsets(partitions)))
        finally:
            await keeper.stop()

    async def sums(self) -> tuple[int, int, int]:
        """Dead, in flight, and the balance, as of a look that begins now."""
        self.watch._asked_at = float("-inf")
        found = (await self.watch.conservation())["conservation"]
        assert found["accepted"] == sum(found.values()) - found["accepted"]
        return found["dead"], found["in_flight"], found["balance"]

    async def dies(self, service: str, letter: OutgoingRecord) -> None:
        """The service gives up on this record."""
        place = (letter.topic, 0, 0, letter.key, letter.value, letter.headers, 0)
        incoming = Incoming((await events_said(self.intake))[0], *place)
        verdict = Verdict(Rejected("it is wrong", slug="wrong"), 1, now(), now())
        await self.publisher.publish_records([dead_letter(incoming, verdict, service=service, version="test")])


@asynccontextmanager
async def balance_on(dsn: str, bootstrap: str) -> AsyncIterator[Balance]:
    kafka = KafkaSettings(bootstrap_servers=bootstrap)
    intake, publisher = Intake.on(dsn), Publisher(kafka)
    watching = BalanceWatch(intake.database, kafka)
    yield Balance(intake, watching, Announcing(intake.database, watching), kafka, publisher)
    await publisher.stop()
    await intake.database.close()


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has to be read first is not read while a test looks."""
    monkeypatch.setattr(watch, "ASK_SECONDS_MAX", 0.0)


@pytest.fixture
async def balance(fresh_database: FreshDatabase, own_kafka: Kafka) -> AsyncIterator[Balance]:
    async with balance_on(fresh_database.dsn, own_kafka.bootstrap) as made:
        yield made


def question(events: Sequence[Event], request_id: UUID) -> OutgoingRecord:
    return outgoing(next(event for event in events if event.subject == str(request_id)))


async def test_whoever_is_not_read_yet_is_on_its_way_at_every_stage(balance: Balance) -> None:
    await balance.accept(3)
    assert await balance.sums() == (0, 3, 0)  # in the outbox
    await balance.published()
    assert await balance.sums() == (0, 3, 0)  # the router has them to read
    await balance.has_read("router", *ASKED)
    first, *_ = await events_said(balance.intake)
    accepted = await balance.intake.accepted(UUID(first.subject))
    answer = routed(accepted)
    await balance.publisher.publish([answer])
    await balance.has_read("intake", REQUESTS_ROUTED)
    more = await balance.accept(2)  # under load, while one of the three is announced and two are not
    await balance.intake.projection.apply_decisions([answer])
    assert await balance.sums() == (0, 4, 0)
    await balance.published()
    await balance.has_read("router", *ASKED)
    assert await balance.sums() == (0, 0, 4)
    assert {UUID(one) for one in balance.watch.alarms[0]["request_ids"]} >= set(more)


async def test_an_answer_that_intake_has_not_read_is_on_its_way(balance: Balance) -> None:
    (request_id,) = await balance.accept(1)
    await balance.published()
    await balance.has_read("router", *ASKED)
    answer = routed(await balance.intake.accepted(request_id))
    await balance.publisher.publish([answer])
    assert await balance.sums() == (0, 1, 0)
    await balance.intake.projection.apply_decisions([answer])
    await balance.has_read("intake", REQUESTS_ROUTED)
    assert await balance.sums() == (0, 0, 0)


async def test_dead_letters_count_only_for_the_very_asking_that_is_undecided(
    balance: Balance, own_kafka: Kafka
) -> None:
    given_up, lost = await balance.accept(2)
    await balance.published()
    await balance.has_read("router", *ASKED)
    events = await events_said(balance.intake)
    await balance.dies("router", question(events, given_up))
    for number in range(5):  # of what intake never accepted, and one under the lost request's own key
        key = str(lost).encode() if number == 0 else b"%d" % number
        await balance.dies("router", OutgoingRecord(REQUESTS_ACCEPTED, key, b"garbage", []))
    await balance.has_read("intake", REQUESTS_ROUTED)
    assert await balance.sums() == (1, 0, 1)
    assert [key[0] for key in balance.watch.found.lost] == [lost]
    assert await balance.sums() == (1, 0, 1)  # the same at the next look, which reads on from there


async def test_records_deleted_before_they_were_read_are_a_loss_even_while_the_reader_is_away(
    balance: Balance, own_kafka: Kafka
) -> None:
    await balance.has_read("router", *ASKED)
    await balance.has_read("intake", REQUESTS_ROUTED)
    await balance.accept(4)
    await balance.published()
    assert await balance.sums() == (0, 4, 0)
    await asyncio.to_thread(delete_all, own_kafka.bootstrap, REQUESTS_ACCEPTED)
    assert await balance.sums() == (0, 0, 4)


async def test_what_is_announced_again_is_the_same_record_and_on_its_way_again(
    balance: Balance, own_kafka: Kafka
) -> None:
    request_ids = await balance.accept(3)
    await balance.published()
    first = {one.key: one for one in await asyncio.to_thread(read_all, own_kafka.bootstrap, REQUESTS_ACCEPTED)}
    await balance.has_read("router", *ASKED)
    await balance.has_read("intake", REQUESTS_ROUTED)
    assert await balance.sums() == (0, 0, 3)
    done = await balance.announcing.announce_lost(BEGINNING, 2, "test")
    assert len(done.request_ids) == 2
    assert done.following is not None
    rest = await balance.announcing.announce_lost(done.following, 2, "test")
    assert {*done.request_ids, *rest.request_ids} == set(request_ids)
    assert rest.following is None
    assert (await balance.announcing.announce_lost(BEGINNING, 9, "test")).request_ids == []  # twice is once
    assert await balance.sums() == (0, 3, 0)
    await balance.published()
    again = await asyncio.to_thread(read_all, own_kafka.bootstrap, REQUESTS_ACCEPTED)
    for request_id in request_ids:
        key = str(request_id).encode()
        (_, repeated) = [one for one in again if one.key == key]
        assert repeated == first[key]
    await balance.has_read("router", *ASKED)
    assert await balance.sums() == (0, 0, 3)  # lost once more


async def test_a_refusal_that_was_lost_is_announced_again_as_it_was(balance: Balance) -> None:
    (request_id,) = await balance.accept(1)
    await balance.intake.projection.apply_decisions([routed(await balance.intake.accepted(request_id))])
    report = Report(state="refused", department="metro-voirie", reason="not our road", note="a private remark")
    await balance.intake.progress.report(request_id, report, by="test")
    refused = (await events_said(balance.intake))[-1]
    await balance.published()
    await balance.intake.rows("DELETE FROM intake.outbox")  # as after two days
    await balance.has_read("router", *ASKED)
    await balance.has_read("intake", REQUESTS_ROUTED)
    assert await balance.sums() == (0, 0, 1)
    done = await balance.announcing.announce_lost(BEGINNING, 9, "test")
    assert (list(done.request_ids), list(done.unknown)) == ([request_id], [])
    (again,) = await events_said(balance.intake)
    assert outgoing(again) == outgoing(refused)


async def test_what_asked_before_this_was_kept_is_named_as_unknown(balance: Balance) -> None:
    (request_id,) = await balance.accept(1)
    await balance.intake.projection.apply_decisions([routed(await balance.intake.accepted(request_id))])
    report = Report(state="refused", department="metro-voirie", reason="not our road")
    await balance.intake.progress.report(request_id, report, by="test")
    await balance.intake.rows("UPDATE intake.undecided SET question = NULL")  # as the version before leaves it
    done = await balance.announcing.announce_all(BEGINNING, 9, "test")
    assert (list(done.request_ids), list(done.unknown)) == ([], [request_id])


async def test_nobody_but_the_undecided_is_in_the_list_whatever_moves_a_request(balance: Balance) -> None:
    """Also when a version moves it that knows nothing of the list."""
    decided, refused, waiting = await balance.accept(3)
    for request_id in (decided, refused):
        await balance.intake.projection.apply_decisions([routed(await balance.intake.accepted(request_id))])
    await balance.intake.rows("UPDATE intake.requests SET state = 'acknowledged' WHERE request_id = $1", decided)
    await balance.intake.rows(
        "UPDATE intake.requests SET state = 'accepted', changed_at = now() WHERE request_id = $1", refused
    )
    page, _ = await balance.announcing.page(BEGINNING, 9)
    assert {one.request_id for one in page} == {refused, waiting}
    assert [one.is_known for one in page if one.request_id == waiting] == [True]
