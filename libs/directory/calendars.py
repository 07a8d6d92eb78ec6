"""Which days are closed in a country, as a release keeps them?

`holidays` files a country's days under categories, and moves them from one to another between versions: Sweden's eves
were public and are now de facto. So what counts is said here by country, or in the pack, and stands in the release.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import holidays

# The years for which holidays are written down; a release is not expected to decide outside of them.
YEARS = range(2015, 2061)
PUBLIC = "public"
# Where public offices are closed on other days, too, all day and by law or by the custom of all:
CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "SE": (PUBLIC, "de_facto"),  # eves of Midsummer, Christmas and New Year: holidays to the acts on terms and leave
    "HK": (PUBLIC, "optional"),  # general holidays that are no statutory ones, such as Good Friday
    "ID": (PUBLIC, "government"),  # joint holidays (cuti bersama)
    "EG": (PUBLIC, "government"),
    "MO": (PUBLIC, "government"),
}
COMPARED_YEARS = range(2026, 2030)  # enough to see whether a part has days of its own
# Their list is that of nearly all; parts that differ are listed beside school districts and islands.
MOSTLY_ALIKE = ("FR",)
PARTS_SAID_MAX = 64  # only Italy has more


@lru_cache(16)  # working out 46 years takes a tenth of a second, and checking a pack needs it twice
def calendar_row(country: str, subdivision: str | None, categories: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The closed days of a country, as a release keeps them. ValueError when `holidays` does not know it."""
    known = holidays.list_supported_countries()
    if country not in known or subdivision not in (None, *known[country], *aliases_of(country)):
        raise ValueError(f"no holidays are known for {country}{f' ({subdivision})' if subdivision else ''}")
    counted = categories or CATEGORIES.get(country, (PUBLIC,))
    supported = getattr(holidays, country).supported_categories
    if unknown := [category for category in counted if category not in supported]:
        raise ValueError(f"{country} has no holidays of the kind {', '.join(unknown)}; it has {', '.join(supported)}")
    found = holidays.country_holidays(country, subdiv=subdivision, years=YEARS, categories=counted)
    weekend = sorted(found.weekend)
    closed = sorted(day.isoformat() for day in found if day.year in YEARS and day.weekday() not in weekend)
    return {"weekend": weekend, "closed": closed, "categories": sorted(counted)}


def calendar_asked(calendar: Mapping[str, Any]) -> tuple[str, str | None, tuple[str, ...] | None]:
    """What a territory says of its calendar: country, part, and the kinds of holidays, where it names them."""
    categories = calendar.get("categories")
    return calendar["country"], calendar["subdivision"], tuple(categories) if categories else None


def aliases_of(country: str) -> Mapping[str, str]:
    """Other names of a country's parts."""
    return getattr(getattr(holidays, country), "subdivisions_aliases", {})


@lru_cache(16)
def parts_that_differ(country: str) -> tuple[str, ...]:
    """The parts of a country, where most have other public holidays than the country's own list."""
    parts = getattr(holidays, country).subdivisions if country not in MOSTLY_ALIKE else ()
    whole = set(holidays.country_holidays(country, years=COMPARED_YEARS)) if parts else set()
    differ = [part for part in parts if set(holidays.country_holidays(country, part, COMPARED_YEARS)) != whole]
    return tuple(parts) if 2 * len(differ) > len(parts) else ()


def parts_said(country: str, parts: Sequence[str]) -> str:
    """The parts by code, with a name where there is one, and how many more there are."""
    names = {code: name for name, code in reversed(list(aliases_of(country).items()))}
    said = [f"{part} ({names[part]})" if part in names else part for part in parts[:PARTS_SAID_MAX]]
    more = f" and {len(parts) - PARTS_SAID_MAX} more" if len(parts) > PARTS_SAID_MAX else ""
    return ", ".join(said) + more
