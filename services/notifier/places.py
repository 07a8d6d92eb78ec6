"""How does a letter say where to go, and in which language to answer?"""

from collections.abc import Mapping
from typing import Any

from libs.directory import Release, place_in_words, point_in_words
from libs.events.models import Decision, Place

LANGUAGE_NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {"en": "English", "fr": "French", "sv": "Swedish", "fi": "Finnish", "de": "German", "nl": "Dutch"},
    "fr": {"en": "anglais", "fr": "français", "sv": "suédois", "fi": "finnois", "de": "allemand", "nl": "néerlandais"},
    "sv": {"en": "engelska", "fr": "franska", "sv": "svenska", "fi": "finska", "de": "tyska", "nl": "nederländska"},
}


def place_facts(place: Place | None, decision: Decision | None, release: Release, language: str) -> dict[str, Any]:
    """`place` in words, `point` as people read it with its `accuracy_m`, `lat` and `lon` for a link to a map."""
    if place is None:
        return dict.fromkeys(("place", "point", "accuracy_m", "lat", "lon"))
    found = decision.municipality.names if decision and decision.municipality else None
    return {
        "place": place_in_words(release, place, found, language),
        "point": point_in_words(place) or None,
        "accuracy_m": round(place.accuracy_m) if place.accuracy_m else None,
        "lat": place.lat,
        "lon": place.lon,
    }


def language_name(code: str, language: str) -> str:
    """“Swedish”, in the reader's own language; the code of a language that we have no word for."""
    return LANGUAGE_NAMES[language].get(code.partition("-")[0], code)
