"""How is a moment written in the reader's language and in the territory's own time?"""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

WEEKDAYS: Mapping[str, str] = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "sv": "måndag tisdag onsdag torsdag fredag lördag söndag",
}
MONTHS: Mapping[str, str] = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
}
CLOCKS: Mapping[str, str] = {"en": " at {:%H:%M}", "fr": " à {:%H h %M}", "sv": " kl. {:%H.%M}"}
FIRST_OF_MONTH: Mapping[str, str] = {"fr": "1er"}


def local_date(moment: datetime, time_zone: str, language: str, *, has_hour: bool) -> str:
    """For example “lundi 30 novembre 2026 à 17 h 00”. KeyError for a language without words here."""
    local = moment.astimezone(ZoneInfo(time_zone))
    day = FIRST_OF_MONTH.get(language, "1") if local.day == 1 else str(local.day)
    weekday = WEEKDAYS[language].split()[local.weekday()]
    month = MONTHS[language].split()[local.month - 1]
    clock = CLOCKS[language].format(local) if has_hour else ""
    return f"{weekday} {day} {month} {local.year}{clock}"
