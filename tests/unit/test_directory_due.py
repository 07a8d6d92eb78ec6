"""Is a request due when its territory says, across weekends, holidays and the change of clocks?"""

from datetime import UTC, date, datetime

import orjson
import pytest

from libs.directory import Release, compile_pack, differences, parse_pack
from libs.directory.calendars import CATEGORIES, calendar_row, parts_that_differ
from libs.directory.due import WorkingCalendar
from libs.directory.findings import Finding
from tests.unit.directory_packs import TERRITORY, files, release_of

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


@pytest.mark.parametrize(
    ("country", "closed", "open_"),
    [
        ("SE", ["2026-06-19", "2026-12-24", "2026-12-31"], ["2026-04-30", "2026-06-18", "2026-12-23"]),
        ("HK", ["2026-04-03", "2026-04-06"], []),  # Good Friday, a general holiday that is no statutory one
        ("ID", ["2026-03-20", "2026-12-24"], []),  # joint holidays, on which offices are closed
        ("FI", ["2026-06-19", "2026-12-24"], ["2026-04-09"]),  # a flag day is a working day
        ("IS", ["2026-12-25"], ["2026-12-24"]),  # from one o'clock in the afternoon
        ("FR", ["2026-07-14"], ["2026-12-24"]),
    ],
)
def test_offices_are_closed_on_the_days_that_their_country_counts(
    country: str, closed: list[str], open_: list[str]
) -> None:
    days = set(calendar_row(country, None)["closed"])
    assert set(closed) <= days
    assert not set(open_) & days


def test_the_release_says_which_holidays_it_counts_and_a_pack_may_choose() -> None:
    assert calendar_row("SE", None)["categories"] == ["de_facto", "public"]
    assert release_of().row("calendar")["categories"] == ["public"]
    chosen = TERRITORY.replace("{country: FR}", "{country: SE, categories: [public, bank]}")
    assert release_of(territory=chosen).row("calendar")["categories"] == ["bank", "public"]
    assert "2026-06-18" in release_of(territory=chosen).row("calendar")["closed"]
    assert "2026-06-19" not in calendar_row("SE", None, ("public",))["closed"]


@pytest.mark.parametrize("country", sorted(CATEGORIES))
def test_a_country_has_the_kinds_of_holidays_that_are_counted_for_it(country: str) -> None:
    assert set(calendar_row(country, None, ("public",))["closed"]) < set(calendar_row(country, None)["closed"])


@pytest.mark.parametrize("country", ["GB", "DE", "CH", "AU", "ES", "US", "CA", "NZ", "IT"])
def test_a_country_whose_parts_have_holidays_of_their_own_wants_a_part_named(country: str) -> None:
    assert parts_that_differ(country)


@pytest.mark.parametrize("country", ["FR", "SE", "FI", "NO", "BE", "PL"])
def test_a_country_of_one_calendar_wants_none(country: str) -> None:
    assert parts_that_differ(country) == ()


def found_for(calendar: str) -> list[Finding]:
    territory = TERRITORY.replace("{country: FR}", calendar)
    return compile_pack(parse_pack(files(territory=territory))).findings


def test_easter_monday_is_not_lost_in_silence_for_want_of_a_part_of_the_country() -> None:
    (warning,) = found_for("{country: GB}")
    assert (warning.code, warning.level) == ("calendar-part-missing", "warning")
    assert "ENG (England), NIR (Northern Ireland), SCT (Scotland), WLS (Wales)" in warning.message
    assert found_for("{country: GB, subdivision: ENG}") == []


@pytest.mark.parametrize(
    ("calendar", "code", "said"),
    [
        ("GB", "value-invalid", "{country: FR}"),
        ("[GB]", "value-invalid", "{country: FR}"),
        ("{contry: GB}", "value-invalid", "{country: FR}"),
        ("{country: GB, part: ENG}", "value-invalid", "part is not known here"),
        ("{country: GB, subdivision: Kent}", "calendar-unknown", "GB (Kent)"),
        ("{country: SE, categories: de_facto}", "value-invalid", "[public, de_facto]"),
        ("{country: SE, categories: [holy]}", "calendar-unknown", "it has bank, de_facto, optional, public"),
    ],
)
def test_a_calendar_that_cannot_be_read_is_told_once_with_what_is_expected(calendar: str, code: str, said: str) -> None:
    (finding,) = found_for(calendar)
    assert (finding.code, finding.file) == (code, "territory.yaml")
    assert said in finding.message


def test_days_that_a_newer_calendar_closes_are_told_when_releases_are_compared() -> None:
    content = orjson.loads(release_of().to_bytes())
    content["calendar"]["closed"] = sorted({*content["calendar"]["closed"], "2026-12-24"} - {"2026-07-14"})
    (change,) = differences(release_of(), Release.of(content))
    assert change.details == {"field": "closed", "old": ["2026-07-14"], "new": ["2026-12-24"]}
    assert change.text["en"] == "Closed days: 1 more, 1 fewer (2026-12-24, 2026-07-14, …)"
