"""When does a topic rest, and when does it not?"""

from collections import Counter

import pytest

from libs.delivery import stop_limit
from libs.delivery.stop_limit import OURSELVES, StopLimit, StopLimits, is_open
from libs.events.topics import REQUESTS_INBOUND, TOPICS

LIMITS = StopLimits(in_a_row_max=10, share_max=0.5, handled_min=100, rest_seconds_base=60.0, rest_seconds_max=150.0)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def count(limit: StopLimit, *, handled: int, given_up: int, source: str | None = "router") -> None:
    limit.count({source: handled}, {source: given_up} if given_up else {})


def test_ten_in_a_row_are_too_many() -> None:
    limit = StopLimit(LIMITS)
    for _ in range(9):
        count(limit, handled=1, given_up=1)
    assert not limit.is_reached
    count(limit, handled=1, given_up=1)
    assert limit.is_reached


def test_one_good_event_begins_the_row_anew() -> None:
    limit = StopLimit(LIMITS)
    for _ in range(9):
        count(limit, handled=1, given_up=1)
    count(limit, handled=1, given_up=0)
    count(limit, handled=1, given_up=1)
    assert not limit.is_reached


def test_more_than_half_of_a_busy_minute_is_too_many() -> None:
    limit = StopLimit(LIMITS)
    for _ in range(49):
        count(limit, handled=2, given_up=1)
    count(limit, handled=1, given_up=1)
    count(limit, handled=1, given_up=0)
    assert not limit.is_reached  # exactly half
    count(limit, handled=1, given_up=1)
    assert limit.is_reached


def test_a_few_bad_events_among_few_stop_nobody() -> None:
    limit = StopLimit(LIMITS)
    for _ in range(9):
        count(limit, handled=5, given_up=4)
    assert not limit.is_reached


def test_good_events_after_bad_ones_do_not_stop_the_topic() -> None:
    """The bad ones were too few to be judged; what brings the window to its least number is not what is wrong."""
    limit = StopLimit(LIMITS)
    for _ in range(9):
        count(limit, handled=7, given_up=6)
    count(limit, handled=100 - 63, given_up=0)
    assert not limit.is_reached


def test_what_is_older_than_the_window_is_forgotten() -> None:
    clock = Clock()
    limit = StopLimit(LIMITS, clock=clock)
    for _ in range(9):
        count(limit, handled=10, given_up=9)
    clock.now = 61.0
    count(limit, handled=20, given_up=9)
    assert not limit.is_reached


def test_one_sender_alone_never_stops_an_open_topic() -> None:
    limit = StopLimit(LIMITS, is_open=True)
    for _ in range(1000):
        count(limit, handled=10, given_up=10, source="")
    count(limit, handled=100, given_up=1, source="https://app.example")
    assert not limit.is_reached
    assert limit.offenders == {"": 10_000}


def test_a_release_that_refuses_every_sender_stops_an_open_topic() -> None:
    limit = StopLimit(LIMITS, is_open=True)
    count(limit, handled=30, given_up=30, source="https://app.example")
    count(limit, handled=9, given_up=9, source="https://town.example")
    assert not limit.is_reached
    count(limit, handled=1, given_up=1, source="https://town.example")
    assert limit.is_reached


def test_most_of_a_minute_counts_without_the_worst_sender() -> None:
    limit = StopLimit(LIMITS, is_open=True)
    for _ in range(200):
        limit.count({"bad": 5, "good": 1}, {"bad": 5})
    assert not limit.is_reached
    for _ in range(200):
        limit.count({"bad": 1, "town": 3, "good": 1}, {"bad": 1, "town": 3})
    assert limit.is_reached
    assert "within 60 s" in (limit.reason or "")


def test_our_own_bugs_stop_an_open_topic_whoever_sent_the_events() -> None:
    limit = StopLimit(LIMITS, is_open=True)
    count(limit, handled=10, given_up=10, source=OURSELVES)
    assert limit.is_reached


def test_a_topic_rests_for_a_while_and_longer_each_time() -> None:
    clock = Clock()
    limit = StopLimit(LIMITS, clock=clock)
    rests = []
    for _ in range(4):
        count(limit, handled=10, given_up=10)
        assert limit.reason is not None
        assert "in a row" in limit.reason
        rests.append(limit.rest_seconds)
        assert not limit.begin_again()
        clock.now += limit.rest_seconds
        assert limit.begin_again()
        assert not limit.is_reached
    assert rests == [60.0, 120.0, 150.0, 150.0]


def test_a_topic_that_went_well_in_between_rests_as_the_first_time() -> None:
    clock = Clock()
    limit = StopLimit(LIMITS, clock=clock)
    for good in (0, 10):
        count(limit, handled=good, given_up=0)
        count(limit, handled=10, given_up=10)
        assert limit.rest_seconds == 60.0
        clock.now += 60.0
        limit.begin_again()


def test_senders_beyond_the_number_told_apart_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop_limit, "SOURCES_MAX", 3)
    limit = StopLimit(StopLimits(in_a_row_max=1000), is_open=True)
    for number in range(1000):
        limit.count(Counter({f"s{number}": 1}), Counter({f"s{number}": 1}))
    assert limit.offenders == {}
    assert limit._given_up == {"s0": 1, "s1": 1, "s2": 1, stop_limit.OTHERS: 997}


def test_only_what_other_systems_write_is_open() -> None:
    assert [name for name in TOPICS if is_open(name)] == [REQUESTS_INBOUND]
