"""By when should a request be dealt with?

Working days are counted after the day of acceptance, in the territory's own time zone; the answer is due by the end of
the last of them. Hours are elapsed hours. Holidays are written into the release when it is compiled, so that the same
release gives the same date whatever version of `holidays` is installed later.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

LAST_SECOND = time(23, 59, 59)  # not midnight, which reads as the next day
DATES_KEPT_MAX = 4_096


class WorkingCalendar:
    """The working days of a territory, and its clock."""

    def __init__(self, row: Mapping[str, Sequence[Any]], time_zone: str) -> None:
        self._weekend = frozenset(row["weekend"])
        self._closed = frozenset(row["closed"])
        self.zone = ZoneInfo(time_zone)
        self._end_after = lru_cache(DATES_KEPT_MAX)(self._count)

    def local(self, moment: datetime) -> datetime:
        """The moment on the territory's clocks."""
        return moment.astimezone(self.zone)

    def is_working(self, day: date) -> bool:
        """Neither weekend nor holiday."""
        return day.weekday() not in self._weekend and day.isoformat() not in self._closed

    def due(self, accepted: datetime, target: Mapping[str, int]) -> datetime | None:
        """In UTC; None without a target."""
        if "hours" in target:
            return accepted.astimezone(UTC).replace(microsecond=0) + timedelta(hours=target["hours"])
        if "working_days" in target:
            return self._end_after(self.local(accepted).date(), target["working_days"])
        return None

    def _count(self, day: date, working_days: int) -> datetime:
        """Zero working days means today, or the next day on which anyone works."""
        while working_days or not self.is_working(day):
            day += timedelta(days=1)
            working_days -= self.is_working(day) and working_days > 0
        return datetime.combine(day, LAST_SECOND, self.zone).astimezone(UTC)
