"""Does waiting grow, end at its limit, and differ between processes?"""

from libs.delivery.backoff import Backoff


def test_waits_double_up_to_the_limit() -> None:
    backoff = Backoff(base_seconds=1.0, max_seconds=8.0)
    waits = [backoff.next_seconds() for _ in range(100)]
    assert all(0.5 * full <= wait <= full for wait, full in zip(waits, [1, 2, 4, 8, 8], strict=False))
    assert max(waits) <= 8.0


def test_two_processes_do_not_retry_in_step() -> None:
    assert len({Backoff().next_seconds() for _ in range(20)}) > 1


def test_success_begins_anew() -> None:
    backoff = Backoff(base_seconds=1.0, max_seconds=100.0)
    for _ in range(9):
        backoff.next_seconds()
    backoff.reset()
    assert backoff.next_seconds() <= 1.0
