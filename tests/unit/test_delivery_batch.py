"""What becomes of the records of a batch, whatever the handler says?"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest

from libs.delivery import batch
from libs.delivery.batch import Batches, read
from libs.delivery.dead_letters import DeadLetters, Verdict
from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.messages import GivenUp, Incoming, Received, Unreadable, sender_of
from libs.delivery.stop_limit import StopLimit, StopLimits
from libs.events.cloudevents import Encoded, encode, encode_structured
from libs.events.envelope import Event
from libs.events.identity import canonical, event_id
from tests.deliveries import a_notice, a_record


@dataclass
class Bin(DeadLetters):
    """Keeps dead letters in memory, or is away."""

    letters: list[tuple[Received, Verdict]] = field(default_factory=list)
    is_away: bool = False

    async def write(self, given_up: Sequence[tuple[Received, Verdict]]) -> None:
        if self.is_away:
            raise Unavailable
        self.letters += given_up


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BUG_RETRY_SECONDS", (0.0, 0.0, 0.0))


def batches(handler: Any, bin_: Bin, limits: StopLimits | None = None) -> Batches:
    stop_limits = {topic: StopLimit(limits or StopLimits()) for topic in "tu"}
    return Batches({"t": handler, "u": handler}, bin_, stop_limits)


def records(number: int, topic: str = "t") -> list[Any]:
    return [a_record(a_notice(), topic=topic, offset=n) for n in range(number)]


async def test_what_a_handler_returns_from_is_done() -> None:
    seen: list[int] = []

    async def handler(incoming: Sequence[Incoming]) -> None:
        seen.extend(each.offset for each in incoming)

    outcome = await batches(handler, Bin()).process(records(5))
    assert seen == [0, 1, 2, 3, 4]
    assert len(outcome.done) == 5
    assert outcome.trouble is None


async def test_what_is_unavailable_is_not_done_and_no_dead_letter() -> None:
    async def handler(_incoming: Sequence[Incoming]) -> None:
        raise Unavailable("the database is away")

    outcome = await batches(handler, bin_ := Bin()).process(records(5))
    assert outcome.done == set()
    assert isinstance(outcome.trouble, Unavailable)
    assert bin_.letters == []


async def test_one_topic_in_trouble_does_not_hold_up_another() -> None:
    async def handler(incoming: Sequence[Incoming]) -> None:
        if incoming[0].topic == "t":
            raise Unavailable

    outcome = await batches(handler, Bin()).process(records(2, "t") + records(2, "u"))
    assert outcome.done == {("u", 0, 0), ("u", 0, 1)}
    assert outcome.trouble is not None


@pytest.mark.parametrize("culprit", [0, 3, 6])
async def test_a_rejected_event_stands_alone_and_its_neighbours_are_done(culprit: int) -> None:
    handled: list[int] = []

    async def handler(incoming: Sequence[Incoming]) -> None:
        if any(each.offset == culprit for each in incoming):
            raise Rejected("no such service", slug="unknown-service")
        handled.extend(each.offset for each in incoming)

    outcome = await batches(handler, bin_ := Bin()).process(records(7))
    assert handled == [offset for offset in range(7) if offset != culprit]
    assert len(outcome.done) == 7
    assert [(each.offset, verdict.error.slug, verdict.attempts) for each, verdict in bin_.letters] == [
        (culprit, "unknown-service", 1)
    ]


async def test_a_bug_is_tried_again_and_then_given_up() -> None:
    tries = 0

    async def handler(incoming: Sequence[Incoming]) -> None:
        nonlocal tries
        if any(each.offset == 1 for each in incoming):
            tries += len(incoming) == 1
            raise KeyError("whoops")

    outcome = await batches(handler, bin_ := Bin()).process(records(3))
    assert tries == 1 + batch.RETRIES_OF_A_BUG
    assert [(each.offset, verdict.error.slug, verdict.attempts) for each, verdict in bin_.letters] == [(1, "bug", 4)]
    assert len(outcome.done) == 3


async def test_a_bug_that_goes_away_leaves_no_dead_letter() -> None:
    tries = 0

    async def handler(_incoming: Sequence[Incoming]) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise KeyError("a race")

    outcome = await batches(handler, bin_ := Bin()).process(records(1))
    assert bin_.letters == []
    assert len(outcome.done) == 1


async def test_the_message_of_a_bug_is_not_shown_in_the_dead_letter() -> None:
    async def handler(_incoming: Sequence[Incoming]) -> None:
        raise ValueError("jeanne@example.org is no address")

    await batches(handler, bin_ := Bin()).process(records(1))
    assert bin_.letters[0][1].error.message == "a bug: ValueError"


async def test_those_that_a_handler_gives_up_on_are_dead_letters_and_the_others_are_done() -> None:
    async def handler(incoming: Sequence[Incoming]) -> list[GivenUp]:
        return [GivenUp(incoming[1], Rejected("too late", slug="too-late"))]

    outcome = await batches(handler, bin_ := Bin()).process(records(3))
    assert [(each.offset, verdict.error.slug) for each, verdict in bin_.letters] == [(1, "too-late")]
    assert len(outcome.done) == 3


async def test_unreadable_records_are_dead_letters_and_their_neighbours_are_handled() -> None:
    handled: list[int] = []

    async def handler(incoming: Sequence[Incoming]) -> None:
        handled.extend(each.offset for each in incoming)

    mixed = records(4)
    mixed[1].headers = (("ce_type", b"\xff\xfe"), ("x", None))
    mixed[2].value = b"{"
    outcome = await batches(handler, bin_ := Bin()).process(mixed)
    assert handled == [0, 3]
    assert [each.offset for each, _ in bin_.letters] == [1, 2]
    assert len(outcome.done) == 4


async def test_while_dead_letters_cannot_be_written_nothing_of_theirs_is_done() -> None:
    async def handler(_incoming: Sequence[Incoming]) -> None:
        raise Rejected("never")

    outcome = await batches(handler, Bin(is_away=True)).process(records(1))
    assert outcome.done == set()
    assert outcome.trouble is not None


async def test_the_stop_limit_ends_it_before_the_topic_is_in_the_bin() -> None:
    async def handler(_incoming: Sequence[Incoming]) -> None:
        raise Rejected("a bad release rejects everything")

    bin_ = Bin()
    outcome = await batches(handler, bin_, StopLimits(in_a_row_max=10)).process(records(100))
    assert len(bin_.letters) == 9
    assert len(outcome.done) == 9


async def test_a_topic_that_rests_does_not_hold_up_another() -> None:
    async def handler(incoming: Sequence[Incoming]) -> None:
        if incoming[0].topic == "t":
            raise Rejected("a bad release rejects all of this topic")

    outcome = await batches(handler, Bin(), StopLimits(in_a_row_max=10)).process(records(100, "t") + records(3, "u"))
    assert outcome.done == {*(("t", 0, offset) for offset in range(9)), *(("u", 0, offset) for offset in range(3))}


async def test_a_sender_is_told_by_its_headers_or_its_document() -> None:
    binary, structured, nameless = (a_record(a_notice()) for _ in range(3))
    structured.value, structured.headers = b'{"specversion": "1.0", "source": "https://town.example"}', ()
    nameless.value, nameless.headers = b"not json", ()
    binary.headers = (("ce_source", b"https://app.example"),)
    senders = [sender_of(read(record)) for record in (binary, structured, nameless)]
    assert senders == ["https://app.example", "https://town.example", ""]


async def test_a_handler_that_never_answers_is_told_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "HANDLER_SECONDS_MAX", 0.01)

    async def handler(_incoming: Sequence[Incoming]) -> None:
        await asyncio.Event().wait()

    outcome = await batches(handler, Bin()).process(records(1))
    assert outcome.trouble is not None
    assert outcome.trouble.slug == "handler-timeout"


async def test_a_batch_that_takes_too_long_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH_SECONDS_MAX", -1.0)

    async def handler(_incoming: Sequence[Incoming]) -> None:
        raise AssertionError("not called")

    outcome = await batches(handler, Bin()).process(records(2))
    assert outcome.done == set()
    assert outcome.trouble is not None
    assert outcome.trouble.retry_after_seconds == 0.0


def changed(event: Event) -> Any:
    """The record of this event after somebody has put other words into it and sent it again as it was."""
    record = a_record(event)
    record.value = record.value.replace(b'"language":"fr"', b'"language":"sv"')
    return record


async def test_an_event_that_was_changed_under_its_id_is_not_acted_on() -> None:
    seen: list[Incoming] = []

    async def handler(incoming: Sequence[Incoming]) -> None:
        seen.extend(incoming)

    bin_, record = Bin(), changed(a_notice())
    record.topic = "t"
    outcome = await batches(handler, bin_).process([record])
    assert seen == []
    assert len(outcome.done) == 1
    ((letter, verdict),) = bin_.letters
    assert (letter.value, verdict.error.slug, verdict.error.field) == (record.value, "other-content", "ce_id")


async def test_who_records_all_that_is_said_hears_it_too() -> None:
    seen: list[Incoming] = []

    async def handler(incoming: Sequence[Incoming]) -> None:
        seen.extend(incoming)

    record = changed(a_notice())
    record.topic = "t"
    all_of_it = Batches({"t": handler}, Bin(), {"t": StopLimit(StopLimits())}, whatever_they_say=True)
    await all_of_it.process([record])
    assert [one.value for one in seen] == [record.value]


def test_an_event_with_fields_of_a_later_version_is_as_it_was_made() -> None:
    event = a_notice()
    value = orjson.dumps(orjson.loads(encode(event).value) | {"weight_grams": 12.5, "also": {"b": 1, "a": None}})
    id_ = event_id(event.id, event.type, event.causation_id, canonical(orjson.loads(value)))
    record = a_record(replace(event, id=id_))
    record.value = value
    assert isinstance(batch.read(record), Incoming)


@pytest.mark.parametrize("way", [encode, encode_structured])
def test_an_event_is_as_it_was_made_in_either_mode(way: Callable[[Event], Encoded]) -> None:
    encoded = way(a_notice())
    record = a_record(a_notice())
    record.value, record.headers = encoded.value, encoded.headers
    assert isinstance(batch.read(record), Incoming)
    record.value = encoded.value.replace(b'"language":"fr"', b'"language":"sv"')
    assert isinstance(batch.read(record), Unreadable)
