"""When does the consumer stop itself, and when does it not?"""

from libs.delivery.stop_limit import StopLimit, StopLimits

LIMITS = StopLimits(in_a_row_max=10, share_max=0.5, handled_min=100)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_ten_in_a_row_are_too_many() -> None:
    limit = StopLimit(LIMITS)
    for _ in range(9):
        limit.count(handled=1, given_up=1)
    assert not limit.is_reached
    limit.count(handled=1, given_up=1)
    assert limit.is_reached


def test_one_good_event_begins_the_row_anew() -> None:
    limit = StopLimit(LIMITS)
    for _ in range(9):
        limit.count(handled=1, given_up=1)
    limit.count(handled=1, given_up=0)
    limit.count(handled=1, given_up=1)
    assert not limit.is_reached


def test_more_than_half_of_a_busy_minute_is_too_many() -> None:
    limit = StopLimit(LIMITS)
    for _ in range(49):
        limit.count(handled=2, given_up=1)
    limit.count(handled=1, given_up=1)
    limit.count(handled=1, given_up=0)
    assert not limit.is_reached  # exactly half
    limit.count(handled=1, given_up=1)
    assert limit.is_reached


def test_a_few_bad_events_among_few_stop_nobody() -> None:
    limit = StopLimit(LIMITS)
    for _ in range(9):
        limit.count(handled=5, given_up=4)
    assert not limit.is_reached


def test_what_is_older_than_the_window_is_forgotten() -> None:
    clock = Clock()
    limit = StopLimit(LIMITS, clock)
    for _ in range(9):
        limit.count(handled=10, given_up=9)
    clock.now = 61.0
    limit.count(handled=20, given_up=9)
    assert not limit.is_reached


def test_a_reached_limit_stays_reached() -> None:
    limit = StopLimit(LIMITS)
    limit.count(handled=10, given_up=10)
    limit.count(handled=1000, given_up=0)
    assert limit.is_reached
    assert limit.reason is not None
    assert "in a row" in limit.reason
