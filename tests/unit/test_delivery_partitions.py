"""Which partitions are there, and when does one go?"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.delivery.partitions import INBOX_DAYS_KEPT, Span, is_expired, wanted
from libs.events.identity import event_id, new_request_id

TODAY = date(2026, 11, 23)
DAYS = st.dates(date(2020, 1, 1), date(2099, 1, 1))


@given(DAYS)
def test_the_coming_days_have_a_partition_each_and_no_two_overlap(today: date) -> None:
    for table in ("outbox", "inbox"):
        spans = [span for span in wanted(today) if span.table == table]
        assert spans[0].first <= today - timedelta(days=1)
        assert spans[-1].after > today + timedelta(days=2)
        assert all(one.after == two.first for one, two in pairwise(spans))


@given(DAYS)
def test_no_wanted_partition_is_expired(today: date) -> None:
    assert not any(is_expired(span.name, today) for span in wanted(today))


def test_the_inbox_outlives_every_topic_and_a_month_of_replay() -> None:
    assert INBOX_DAYS_KEPT >= 90 + 30
    assert not is_expired("inbox_20260720", TODAY)
    assert is_expired("inbox_20260713", TODAY)


def test_the_outbox_keeps_two_whole_days() -> None:
    assert is_expired("outbox_20261120", TODAY)
    assert not is_expired("outbox_20261121", TODAY)


def test_an_id_falls_into_the_week_of_its_request() -> None:
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday())
    low, high = (UUID(bound) for bound in Span("inbox", monday, monday + timedelta(weeks=1)).bounds)
    request_id = new_request_id()
    assert low <= request_id < high
    assert low <= event_id(request_id, "guichet.RequestRouted.v1", None, b"{}") < high
