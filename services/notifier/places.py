"""How is a place said so that somebody can go there, and a language so that somebody can answer in it?"""

from collections.abc import Mapping
from typing import Any

from libs.directory import Release
from libs.events.models import Decision, Place

UNKNOWN_CODE: Mapping[str, str] = {
    "en": "municipality with the official code {code}",
    "fr": "commune de code officiel {code}",
    "sv": "kommun med koden {code}",
}
LANGUAGE_NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {"en": "English", "fr": "French", "sv": "Swedish", "fi": "Finnish", "de": "German", "nl": "Dutch"},
    "fr": {"en": "anglais", "fr": "français", "sv": "suédois", "fi": "finnois", "de": "allemand", "nl": "néerlandais"},
    "sv": {"en": "engelska", "fr": "franska", "sv": "svenska", "fi": "finska", "de": "tyska", "nl": "nederländska"},
}


def place_facts(place: Place | None, decision: Decision | None, release: Release, language: str) -> dict[str, Any]:
    """`place` in words, `point` as people read it with its `accuracy_m`, `lat` and `lon` for a link to a map."""
    if place is None or place.lat is None or place.lon is None:
        line = _line(place, decision, release, language) if place else None
        return {"place": line, "point": None, "accuracy_m": None, "lat": None, "lon": None}
    point = f"{place.lat:.5f}, {place.lon:.5f}"
    return {
        "place": _line(place, decision, release, language) or point,
        "point": point,
        "accuracy_m": round(place.accuracy_m) if place.accuracy_m else None,
        "lat": place.lat,
        "lon": place.lon,
    }


def _line(place: Place, decision: Decision | None, release: Release, language: str) -> str:
    """Street, postal code and municipality, each once: many people write the town into the address as well."""
    address = " ".join((place.address or "").split())
    postal_code, town = place.postal_code or "", _town(place, decision, release, language)
    if postal_code in address:
        postal_code = ""
    if town.casefold() in address.casefold():
        town = ""
    return ", ".join(part for part in (address, f"{postal_code} {town}".strip()) if part)


def _town(place: Place, decision: Decision | None, release: Release, language: str) -> str:
    """The municipality that the decision found, else the one that was chosen, by name."""
    found = decision.municipality if decision else None
    chosen = release.municipalities.get(place.municipality_code or "")
    names = found.names if found else chosen.names if chosen else {}
    if named := names.get(language) or next(iter(names.values()), place.municipality_name):
        return named
    is_unknown = place.municipality_code is not None
    return UNKNOWN_CODE[language].format(code=place.municipality_code) if is_unknown else ""


def language_name(code: str, language: str) -> str:
    """“Swedish”, in the reader's own language; the code of a language that we have no word for."""
    return LANGUAGE_NAMES[language].get(code.partition("-")[0], code)
