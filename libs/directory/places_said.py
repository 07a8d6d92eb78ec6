"""How is a place said so that somebody can go there: street, postal code and municipality, never a bare code?"""

from collections.abc import Mapping

from libs.directory.asked import PlaceNoted
from libs.directory.release import Release

UNKNOWN_CODE: Mapping[str, str] = {
    "en": "municipality with the official code {code}",
    "fr": "commune de code officiel {code}",
    "sv": "kommun med koden {code}",
}
FALLBACK = "en"


def place_in_words(
    release: Release | None,
    place: PlaceNoted,
    found: Mapping[str, str] | None,
    language: str,
    *,
    has_point: bool = True,
) -> str:
    """Each part once, because many people write the town into the address as well. `found` are the names of the
    municipality that a decision found. Without any word it is the point, unless that is shown elsewhere."""
    address = " ".join((place.address or "").split())
    postal_code, town = place.postal_code or "", _town(release, place, found, language)
    if postal_code in address:
        postal_code = ""
    if town.casefold() in address.casefold():
        town = ""
    line = ", ".join(part for part in (address, f"{postal_code} {town}".strip()) if part)
    return line or (point_in_words(place) if has_point else "")


def point_in_words(place: PlaceNoted) -> str:
    """To a metre, as people copy it into a map; empty without a point."""
    return f"{place.lat:.5f}, {place.lon:.5f}" if place.lat is not None and place.lon is not None else ""


def _town(release: Release | None, place: PlaceNoted, found: Mapping[str, str] | None, language: str) -> str:
    chosen = release.municipalities.get(place.municipality_code or "") if release else None
    names = found or (chosen.names if chosen else {})
    if named := names.get(language) or next(iter(names.values()), place.municipality_name):
        return named
    said = UNKNOWN_CODE.get(language, UNKNOWN_CODE[FALLBACK])
    return said.format(code=place.municipality_code) if place.municipality_code else ""
