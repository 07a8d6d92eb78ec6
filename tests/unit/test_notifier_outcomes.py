"""Does every answer lead to what it should, and does every schedule end?"""

from datetime import UTC, datetime

import pytest

from services.notifier.channels.webhook import _answer, _seconds
from services.notifier.dates import local_date
from services.notifier.outcomes import (
    HOUR,
    PAUSE_SECONDS,
    RETRY_SECONDS,
    Answer,
    Deferred,
    Delivered,
    Refused,
    Settlement,
    Unknown,
    Untried,
    pause_seconds,
    settle,
)

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Delivered(), "sent"),
        (Refused("smtp 550"), "failed"),
        (Deferred("smtp 450"), "planned"),
        (Unknown("cut off"), "indeterminate"),
        (Untried(), "planned"),
    ],
)
def test_each_answer_to_a_mail_has_one_consequence(answer: Answer, state: str) -> None:
    assert settle("email", 1, answer, "hold", 0.0).state == state


def test_an_unknown_outcome_is_held_for_mail_and_repeated_for_webhooks() -> None:
    assert settle("email", 1, Unknown("x"), "hold", 0.0).state == "indeterminate"
    assert settle("email", 1, Unknown("x"), "resend", 0.0).state == "planned"
    assert settle("webhook", 1, Unknown("x"), "hold", 0.0).state == "planned"


@pytest.mark.parametrize("channel", ["email", "webhook"])
def test_a_schedule_grows_and_ends_in_giving_up(channel: str) -> None:
    steps = [settle(channel, attempt, Deferred("away"), "hold", 0.0) for attempt in range(1, 30)]  # type: ignore[arg-type]
    delays = [step.delay_seconds for step in steps if step.delay_seconds is not None]
    assert delays == sorted(delays) == list(RETRY_SECONDS[channel])  # type: ignore[index]
    assert steps[len(delays)] == Settlement("failed", f"away; given up after {len(delays) + 1} attempts")


def test_mail_is_tried_for_four_days_and_webhooks_over_a_weekend() -> None:
    assert 4 * 24 <= sum(RETRY_SECONDS["email"]) / HOUR <= 5 * 24
    assert sum(RETRY_SECONDS["webhook"]) == 75 * HOUR + 35 * 60 + 5


def test_jitter_only_ever_adds() -> None:
    delays = [settle("email", 3, Deferred("x"), "hold", chance).delay_seconds for chance in (0.0, 0.5, 1.0)]
    assert delays == [120, 132, 144]


def test_a_receiver_that_asks_for_patience_gets_it_within_a_day() -> None:
    assert settle("webhook", 1, Deferred("http 429", 600), "hold", 0.0).delay_seconds == 600
    assert settle("webhook", 1, Deferred("http 429", 1e9), "hold", 0.0).delay_seconds == 24 * HOUR
    assert settle("webhook", 1, Deferred("http 429", 1), "hold", 0.0).delay_seconds == 5


def test_what_was_not_tried_costs_no_attempt() -> None:
    assert settle("email", 1, Untried(), "hold", 1.0) == Settlement("planned", None, 0.0, is_attempt=False)


def test_a_destination_is_left_alone_longer_each_time() -> None:
    assert [pause_seconds(failures, None) for failures in range(6)] == list(PAUSE_SECONDS)
    assert pause_seconds(1000, None) == PAUSE_SECONDS[-1]
    assert pause_seconds(0, 300) == 300


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, Delivered) for status in (200, 204)),
        (410, Refused),
        *((status, Deferred) for status in (301, 308, 400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 503)),
    ],
)
def test_a_webhook_is_given_up_for_nothing_but_410(status: int, kind: type[Answer]) -> None:
    answer = _answer(status, None, NOW)
    assert isinstance(answer, kind)
    assert (isinstance(answer, Refused) and answer.is_gone) == (status == 410)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Mon, 23 Nov 2026 10:05:00 GMT", 300.0),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0.0),
        *((nonsense, None) for nonsense in ("soon", "", "-5", None)),
    ],
)
def test_retry_after_is_read_as_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert _seconds(header, NOW) == seconds


@pytest.mark.parametrize(
    ("language", "day", "text"),
    [
        ("en", 30, "Monday 30 November 2026 at 17:00"),
        ("fr", 30, "lundi 30 novembre 2026 à 17 h 00"),
        ("sv", 30, "måndag 30 november 2026 kl. 17.00"),
        ("fr", 1, "dimanche 1er novembre 2026 à 17 h 00"),
    ],
)
def test_a_date_is_written_in_local_time_and_words(language: str, day: int, text: str) -> None:
    moment = datetime(2026, 11, day, 16, 0, tzinfo=UTC)
    assert local_date(moment, "Europe/Paris", language, has_hour=True) == text
