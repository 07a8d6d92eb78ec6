"""Is a request due when its territory says, across weekends, holidays and the change of clocks?"""

from datetime import UTC, date, datetime

import pytest

from libs.directory.due import WorkingCalendar, calendar_row

FRANCE = WorkingCalendar(calendar_row("FR", None), "Europe/Paris")
SWEDEN = WorkingCalendar(calendar_row("SE", None), "Europe/Stockholm")


@pytest.mark.parametrize(
    ("accepted", "working_days", "due"),
    [
        ("2026-11-23T10:00", 1, "2026-11-24T22:59:59"),  # Monday; winter: 23:59:59 in Paris is 22:59:59 UTC
        ("2026-11-27T10:00", 1, "2026-11-30T22:59:59"),  # over a weekend
        ("2026-12-24T10:00", 1, "2026-12-28T22:59:59"),  # over Christmas and a weekend
        ("2026-05-13T10:00", 2, "2026-05-18T21:59:59"),  # Ascension, Friday, weekend
        ("2026-03-27T10:00", 1, "2026-03-30T21:59:59"),  # the clocks go forward on the 29th
        ("2026-10-23T10:00", 1, "2026-10-26T22:59:59"),  # and back on the 25th
        ("2026-11-23T23:30", 1, "2026-11-25T22:59:59"),  # already Tuesday in Paris
        ("2026-11-28T10:00", 0, "2026-11-30T22:59:59"),  # a Saturday has no working end
        ("2026-11-23T10:00", 0, "2026-11-23T22:59:59"),
    ],
)
def test_working_days_end_with_the_last_of_them(accepted: str, working_days: int, due: str) -> None:
    moment = datetime.fromisoformat(accepted).replace(tzinfo=UTC)
    assert FRANCE.due(moment, {"working_days": working_days}) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_hours_pass_at_night_and_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 28, 20, 0, 0, 123, tzinfo=UTC)
    assert FRANCE.due(before, {"hours": 24}) == datetime(2026, 3, 29, 20, 0, tzinfo=UTC)


def test_without_a_target_there_is_no_date() -> None:
    assert FRANCE.due(datetime(2026, 1, 1, tzinfo=UTC), {}) is None


def test_each_country_has_its_own_holidays() -> None:
    assert not FRANCE.is_working(date(2026, 7, 14))
    assert SWEDEN.is_working(date(2026, 7, 14))
    assert not SWEDEN.is_working(date(2026, 1, 6))


def test_a_subdivision_has_holidays_of_its_own() -> None:
    usual, moselle = calendar_row("FR", None)["closed"], calendar_row("FR", "57")["closed"]
    assert "2028-12-26" in moselle
    assert "2028-12-26" not in usual


def test_a_country_nobody_knows_is_refused() -> None:
    for country, subdivision in (("XX", None), ("FR", "Atlantis")):
        with pytest.raises(ValueError, match=country):
            calendar_row(country, subdivision)
