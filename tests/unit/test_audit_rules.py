"""Does every event make exactly one leaf that says what it must, and nothing personal?"""

from dataclasses import replace
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.cloudevents import decode, encode
from libs.events.identity import canonical, event_id
from libs.ledger.leaf import commitment, parse_leaf
from libs.ledger.tree import Frontier, Node, leaf_hash
from services.audit import rules
from services.audit.rules import Heard, New, Recorded
from tests.heard import MOMENT, heard_notices, new_request

SALTS = bytes(range(32)) + bytes(reversed(range(32)))
ABOUT = "019a0000-0000-7000-8000-000000000001"
NOTICES = heard_notices(12, request_id=UUID("019a0000-0000-7000-8000-000000000001"))


def new(record: Heard) -> New:
    return New(record, record.event.id, record.event.subject)


def test_a_leaf_says_who_said_what_when_about_which_request() -> None:
    record = NOTICES[3]
    leaf = rules.leaf_of(new(record), 7, SALTS[:32])
    assert (leaf.index, leaf.type, leaf.source) == (7, "guichet.NoticeSent.v1", "urn:guichet:notifier")
    assert (leaf.event_id, leaf.subject) == (str(record.event.id), "019a0000-0000-7000-8000-000000000001")
    assert leaf.time == "2026-11-23T10:15:03.000000Z"
    assert leaf.causation_id == "019a0000-0000-7000-8000-000000000001"
    assert (leaf.topic, leaf.partition, leaf.offset) == (record.topic, 0, 3)


def test_a_leaf_commits_to_the_bytes_of_the_record() -> None:
    assert rules.leaf_of(new(NOTICES[0]), 0, SALTS[:32]).commitment == commitment(SALTS[:32], NOTICES[0].value)


def test_nothing_of_the_payload_is_in_a_leaf() -> None:
    entry = rules.leaf_of(new(NOTICES[0]), 0, SALTS[:32]).entry()
    data = orjson.loads(NOTICES[0].value)
    assert data["recipient"].encode() not in entry
    assert set(orjson.loads(entry)).isdisjoint(set(data))


def test_appending_moves_the_frontier_and_fills_every_column() -> None:
    frontier = Frontier()
    frontier.append(bytes(32))
    added = rules.append(frontier, [new(one) for one in NOTICES[:2]], SALTS)
    assert (frontier.size, added.indexes, added.salts) == (3, [1, 2], [SALTS[:32], SALTS[32:]])
    assert added.hashes == [leaf_hash(entry) for entry in added.entries]
    assert [parse_leaf(entry).index for entry in added.entries] == [1, 2]
    assert added.event_ids == [record.event.id for record in NOTICES[:2]]
    assert set(added.request_ids) == {UUID(NOTICES[0].event.subject)}


def test_the_leaf_that_completes_a_tile_brings_its_root() -> None:
    frontier = Frontier()
    frontier.extend([bytes(32)] * 255)
    assert [stored.node for stored in rules.append(frontier, [new(one) for one in NOTICES[:2]], SALTS).tile_roots] == [
        Node(8, 0)
    ]


def test_a_release_of_the_directory_is_about_no_request() -> None:
    about_release = replace(NOTICES[0], event=replace(NOTICES[0].event, subject="val-de-brume/val-de-brume@00"))
    assert rules.append(Frontier(), [new(about_release)], SALTS[:32]).request_ids == [None]


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.integers(0, 11), max_size=30), st.sets(st.integers(0, 11)))
def test_of_repeats_and_recorded_ones_only_the_first_new_is_left(order: list[int], recorded: set[int]) -> None:
    batch = [replace(NOTICES[number], offset=place) for place, number in enumerate(order)]
    left = rules.new_among(batch, {NOTICES[number].event.id: known(NOTICES[number]) for number in recorded})
    firsts = [(order.index(number), NOTICES[number].event.id) for number in dict.fromkeys(order)]
    expected = [first for first in firsts if order[first[0]] not in recorded]
    assert [(one.heard.offset, one.leaf_id) for one in left] == expected
    assert {one.of for one in left} <= {None}


def known(record: Heard, salt: bytes | None = SALTS[:32]) -> Recorded:
    return Recorded(rules.leaf_of(new(record), 0, salt or SALTS[:32]).entry(), salt)


def changed(record: Heard, *, fits: bool = False) -> Heard:
    """The same event after somebody has put other words into it, with or without a new id for them."""
    value = record.value.replace(b'"language":"fr"', b'"language":"sv"')
    event = decode(value, encode(record.event).headers)
    if fits:
        event = replace(event, id=event_id(event.id, event.type, event.causation_id, canonical(orjson.loads(value))))
    return replace(record, event=event, value=value, offset=90)


def stamped_anew(record: Heard) -> Heard:
    return replace(record, event=replace(record.event, directory_version="val-de-brume@other"), offset=91)


@pytest.mark.parametrize("other", [changed(NOTICES[0]), stamped_anew(NOTICES[0])], ids=["content", "release"])
@pytest.mark.parametrize("is_recorded", [True, False], ids=["recorded", "in one batch"])
def test_what_comes_under_the_id_of_an_event_and_says_something_else_is_a_leaf(other: Heard, is_recorded: bool) -> None:
    recorded = {NOTICES[0].event.id: known(NOTICES[0])} if is_recorded else {}
    left = rules.new_among([NOTICES[0], other, other, NOTICES[0]], recorded)
    assert [one.heard.offset for one in left if one.of is None] == ([] if is_recorded else [0])
    (told,) = [one for one in left if one.of is not None]
    leaf = rules.leaf_of(told, 5, SALTS[:32])
    assert (told.of, told.heard.offset) == (NOTICES[0].event.id, other.offset)
    assert (leaf.type, leaf.source) == ("guichet.OtherContentHeard.v1", "urn:guichet:audit")
    assert (leaf.causation_id, leaf.subject) == (str(NOTICES[0].event.id), ABOUT)
    assert leaf.event_id not in {str(NOTICES[0].event.id), str(other.event.id)}
    assert leaf.commitment == commitment(SALTS[:32], other.value)


def test_other_content_that_comes_first_does_not_take_the_events_place() -> None:
    left = rules.new_among([changed(NOTICES[0]), NOTICES[0]], {})
    assert [(one.heard.offset, one.of) for one in left] == [(90, NOTICES[0].event.id), (0, None)]


def test_an_event_with_an_id_of_its_own_for_other_words_is_an_event() -> None:
    left = rules.new_among([changed(NOTICES[0], fits=True)], {NOTICES[0].event.id: known(NOTICES[0])})
    assert [one.of for one in left] == [None]


def test_after_an_erasure_the_id_alone_tells_other_content() -> None:
    recorded = {NOTICES[0].event.id: known(NOTICES[0], salt=None)}
    left = rules.new_among([NOTICES[0], changed(NOTICES[0])], recorded)
    assert [one.heard.offset for one in left] == [90]


def test_the_same_work_announced_later_is_a_repeat() -> None:
    later = replace(NOTICES[0], event=replace(NOTICES[0].event, time=MOMENT.replace(hour=23)))
    assert rules.new_among([later], {NOTICES[0].event.id: known(NOTICES[0])}) == []


def test_the_offset_after_the_last_one_is_kept_for_each_partition() -> None:
    about = new_request()
    batch = [*heard_notices(2, 5, about), replace(NOTICES[0], partition=4, offset=9)]
    assert rules.next_offsets(batch) == {(batch[0].topic, 0): 7, (batch[0].topic, 4): 10}


def test_times_are_written_in_utc_to_the_microsecond() -> None:
    assert rules.time_text(MOMENT.replace(microsecond=250)) == "2026-11-23T10:15:00.000250Z"
