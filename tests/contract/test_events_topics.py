"""Is the map of topics consistent?"""

import re

import pytest

from libs.events import EVENTS, SERVICES, TOPICS, InvalidEvent, dead_topic, topic_of, topics_read_by
from libs.events.generate import topic_table
from libs.events.topics import ANYONE, DIRECTORY_PUBLISHED, OPERATORS, OTHER_SYSTEMS, is_read_whole


def test_every_event_travels_on_exactly_one_topic() -> None:
    carried = [kind for topic in TOPICS.values() for kind in topic.events]
    assert sorted(kind.TYPE for kind in carried) == sorted(EVENTS)
    assert all(kind in topic_of(kind.TYPE).events for kind in carried)


def test_an_unknown_event_has_no_topic() -> None:
    with pytest.raises(InvalidEvent, match=r"no topic carries 'guichet\.X\.v1'"):
        topic_of("guichet.X.v1")


def test_writers_and_readers_are_known() -> None:
    known = {*SERVICES, OTHER_SYSTEMS, OPERATORS, ANYONE}
    assert {topic.writer for topic in TOPICS.values()} <= known - {ANYONE}
    assert {reader for topic in TOPICS.values() for reader in topic.readers} <= known


def test_nobody_hears_himself() -> None:
    assert [topic.name for topic in TOPICS.values() if topic.writer in topic.readers] == []


def test_only_other_systems_write_foreign_events() -> None:
    for topic in TOPICS.values():
        assert all((topic.writer == OTHER_SYSTEMS) == kind.FOREIGN for kind in topic.events)


def test_every_service_reads_something_and_has_a_dead_letter_topic() -> None:
    for service in SERVICES:
        assert topics_read_by(service)
        assert TOPICS[dead_topic(service)].writer == service


def test_what_is_not_compacted_has_a_retention() -> None:
    assert all(topic.compacted == (topic.retention_days is None) for topic in TOPICS.values())


def test_topics_are_named_with_their_version() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\.v1", name) and topic.name == name for name, topic in TOPICS.items())


def test_the_directory_is_read_whole_by_those_who_decide_with_it() -> None:
    whole = [service for service in SERVICES if is_read_whole(TOPICS[DIRECTORY_PUBLISHED], service)]
    assert whole == ["intake", "router", "notifier"]


def test_the_table_has_a_row_for_every_topic() -> None:
    assert len(topic_table().splitlines()) == len(TOPICS) + 2
