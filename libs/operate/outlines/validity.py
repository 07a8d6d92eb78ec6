"""From which day to which does a source hold an outline to be valid, whatever its columns are called?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from libs.operate.importing.tables import plain
from libs.operate.output import Stopped

OURS = {"validfrom", "validto"}
# As plain() writes them: ours, French registers and portals, OpenStreetMap and MapIt, German and Swedish ones.
FROM = (
    "validfrom",
    "datedebut",
    "datedeb",
    "debutvalidite",
    "datedebutvalidite",
    "startdate",
    "gueltigab",
    "giltigfran",
)
TO = ("validto", "validuntil", "datefin", "finvalidite", "datefinvalidite", "enddate", "gueltigbis", "giltigtill")
PART_OF_A_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?")
DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
NEVER = ("", "none", "null", "nan", "-")
YEARS = range(1000, 9000)  # a day before or after stands for always in tables that cannot hold an empty cell
MILLISECONDS_MIN = 10**9  # a smaller number is a year or 20270101; Esri writes moments as milliseconds since 1970
DAY = timedelta(days=1)


class Dates(NamedTuple):
    """The first and the last day; None for always."""

    first: date | None = None
    last: date | None = None

    def as_properties(self) -> dict[str, str]:
        """As places.geojson writes them: both days belong to it."""
        named = {"valid_from": self.first, "valid_to": self.last}
        return {name: day.isoformat() for name, day in named.items() if day}

    def until_the_day_before(self) -> "Dates":
        """Where a source names the first day on which it no longer holds."""
        return self._replace(last=self.last - DAY) if self.last else self


@dataclass(frozen=True, slots=True)
class Said:
    """What a feature says about its dates; `unread` is what a column of another name holds that is no day."""

    dates: Dates
    unread: tuple[str, ...] = ()


def dates_of(properties: Mapping[str, Any], zone: tzinfo, who: str) -> Said:
    """`Stopped` when our own `valid_from` or `valid_to` holds no day: without it the outline would count always."""
    columns = {plain(name): value for name, value in properties.items()}
    days, unread = list[date | None](), list[str]()
    for names, is_last in ((FROM, False), (TO, True)):
        name, value = next(((name, columns[name]) for name in names if _is_said(columns.get(name))), ("", None))
        try:
            days.append(_day(value, zone, is_last=is_last) if name else None)
        except (ValueError, OverflowError, OSError) as error:
            if name in OURS:
                raise Stopped(f"“{value}” ({who}) is no day; write it as 2027-01-01, or leave it empty.") from error
            days.append(None)
            unread.append(f"{who}: “{value}”")
    return Said(Dates(*days), tuple(unread))


def are_ends_exclusive(found: set[Dates]) -> bool:
    """Whether a source's last days are the first days of what follows: then they do not belong to it any more."""
    starts = {dates.first for dates in found if dates.first}
    ends = {dates.last for dates in found if dates.last}
    return bool(ends & starts) and not {end + DAY for end in ends} & starts


def _is_said(value: Any) -> bool:
    return value is not None and not isinstance(value, bool) and str(value).strip().lower() not in NEVER


def _day(value: Any, zone: tzinfo, *, is_last: bool) -> date | None:
    """A day, a moment on the territory's clock, a month or year (its first or last day), or milliseconds since 1970."""
    if isinstance(value, int | float) and abs(value) >= MILLISECONDS_MIN:
        day = datetime.fromtimestamp(value / 1000, UTC).astimezone(zone).date()
    else:
        day = _written(str(value).strip(), zone, is_last=is_last)
    return day if day.year in YEARS else None


def _written(text: str, zone: tzinfo, *, is_last: bool) -> date:
    if part := PART_OF_A_DATE.fullmatch(text):
        year, month = int(part[1]), int(part[2] or (12 if is_last else 1))
        return date(year + month // 12, month % 12 + 1, 1) - DAY if is_last else date(year, month, 1)
    if numbers := DAY_FIRST.fullmatch(text):
        return date(int(numbers[3]), int(numbers[2]), int(numbers[1]))
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()
