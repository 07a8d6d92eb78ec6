"""Does every event make exactly one leaf that says what it must, and nothing personal?"""

from dataclasses import replace
from uuid import UUID

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.ledger.leaf import commitment, parse_leaf
from libs.ledger.tree import Frontier, Node, leaf_hash
from services.audit import rules
from tests.heard import MOMENT, heard_notices, new_request

SALTS = bytes(range(32)) + bytes(reversed(range(32)))
NOTICES = heard_notices(12, request_id=UUID("019a0000-0000-7000-8000-000000000001"))


def test_a_leaf_says_who_said_what_when_about_which_request() -> None:
    record = NOTICES[3]
    leaf = rules.leaf_of(record, 7, SALTS[:32])
    assert (leaf.index, leaf.type, leaf.source) == (7, "guichet.NoticeSent.v1", "urn:guichet:notifier")
    assert (leaf.event_id, leaf.subject) == (str(record.event.id), "019a0000-0000-7000-8000-000000000001")
    assert leaf.time == "2026-11-23T10:15:03.000000Z"
    assert leaf.causation_id == "019a0000-0000-7000-8000-000000000001"
    assert (leaf.topic, leaf.partition, leaf.offset) == (record.topic, 0, 3)


def test_a_leaf_commits_to_the_bytes_of_the_record() -> None:
    assert rules.leaf_of(NOTICES[0], 0, SALTS[:32]).commitment == commitment(SALTS[:32], NOTICES[0].value)


def test_nothing_of_the_payload_is_in_a_leaf() -> None:
    entry = rules.leaf_of(NOTICES[0], 0, SALTS[:32]).entry()
    data = orjson.loads(NOTICES[0].value)
    assert data["recipient"].encode() not in entry
    assert set(orjson.loads(entry)).isdisjoint(set(data))


def test_appending_moves_the_frontier_and_fills_every_column() -> None:
    frontier = Frontier()
    frontier.append(bytes(32))
    added = rules.append(frontier, NOTICES[:2], SALTS)
    assert (frontier.size, added.indexes, added.salts) == (3, [1, 2], [SALTS[:32], SALTS[32:]])
    assert added.hashes == [leaf_hash(entry) for entry in added.entries]
    assert [parse_leaf(entry).index for entry in added.entries] == [1, 2]
    assert added.event_ids == [record.event.id for record in NOTICES[:2]]
    assert set(added.request_ids) == {UUID(NOTICES[0].event.subject)}


def test_the_leaf_that_completes_a_tile_brings_its_root() -> None:
    frontier = Frontier()
    frontier.extend([bytes(32)] * 255)
    assert [stored.node for stored in rules.append(frontier, NOTICES[:2], SALTS).tile_roots] == [Node(8, 0)]


def test_a_release_of_the_directory_is_about_no_request() -> None:
    about_release = replace(NOTICES[0], event=replace(NOTICES[0].event, subject="val-de-brume/val-de-brume@00"))
    assert rules.append(Frontier(), [about_release], SALTS[:32]).request_ids == [None]


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.integers(0, 11), max_size=30), st.sets(st.integers(0, 11)))
def test_of_repeats_and_recorded_ones_only_the_first_new_is_left(order: list[int], recorded: set[int]) -> None:
    batch = [replace(NOTICES[number], offset=place) for place, number in enumerate(order)]
    left = rules.not_recorded(batch, {NOTICES[number].event.id for number in recorded})
    firsts = [(order.index(number), NOTICES[number].event.id) for number in dict.fromkeys(order)]
    expected = [first for first in firsts if order[first[0]] not in recorded]
    assert [(record.offset, record.event.id) for record in left] == expected


def test_the_offset_after_the_last_one_is_kept_for_each_partition() -> None:
    about = new_request()
    batch = [*heard_notices(2, 5, about), replace(NOTICES[0], partition=4, offset=9)]
    assert rules.next_offsets(batch) == {(batch[0].topic, 0): 7, (batch[0].topic, 4): 10}


def test_times_are_written_in_utc_to_the_microsecond() -> None:
    assert rules.time_text(MOMENT.replace(microsecond=250)) == "2026-11-23T10:15:00.000250Z"
