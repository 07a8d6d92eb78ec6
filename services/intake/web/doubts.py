"""Does what was said about the place contradict itself, so that a person can put it right before sending?

The rules would hold such a request for a person at the desk, who knows less about the place than who stands there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.directory.asked import where_of
from libs.directory.decision import Reason
from libs.directory.place import locate
from libs.directory.release import Release
from libs.events.place import Place
from services.intake.web.filled import Filled
from services.intake.web.texts import Texts, pick

AS_IT_IS = "as-it-is"
POINT = ("lat", "lon", "accuracy_m")
WORDS = ("municipality_code", "postal_code", "municipality_name")
# What a press on one of the buttons clears, before the form is sent.
CLEARED_BY = {
    "by-point": WORDS,
    "by-words": POINT,
    "by-choice": ("postal_code", "municipality_name"),
    "by-typed": ("municipality_code",),
    "no-postal": ("postal_code",),
}
# For each reason of the directory: the field to look at, and the ways out of it.
WAYS_OUT = {
    "contradiction": ("where", ("by-point", "by-words")),
    "words-differ": ("where", ("by-point", "by-words")),
    "code-differs": ("municipality_code", ("by-choice", "by-typed")),
    "postal-differs": ("postal_code", ("no-postal",)),
    "postal-unknown": ("postal_code", ()),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """What does not fit together, in a sentence, and the buttons that settle it."""

    field: str
    sentence: str
    ways: tuple[str, ...]


def doubt_about(place: Place, release: Release, at: datetime, texts: Texts) -> Doubt | None:
    """The first thing that is known to be wrong; None when nothing is."""
    located = locate(release, where_of(place), at)
    if located.outcome not in ("ambiguous", "unknown") or located.is_incomplete:
        return None
    reason = next((one for one in located.reasons if one.code in WAYS_OUT), None)
    if reason is None:
        return None
    field, ways = WAYS_OUT[reason.code]
    return Doubt(field, texts(f"doubt-{reason.code}", **_values(reason, release, texts)), (*ways, AS_IT_IS))


def settled(filled: Filled) -> Filled:
    """The form after a press on one of the buttons."""
    cleared = CLEARED_BY.get(filled.one("step"), ())
    return filled.having(**dict.fromkeys(cleared, "")) if cleared else filled


def _values(reason: Reason, release: Release, texts: Texts) -> dict[str, Any]:
    details = reason.details
    stated = details.get("stated", details.get("codes"))
    several = stated if isinstance(stated, list) else [stated]
    return {
        "given": details.get("given", ""),
        "name": details.get("name", ""),
        "point": _name(details.get("point"), release, texts),
        "stated": ", ".join(_name(code, release, texts) for code in several),
    }


def _name(code: str | None, release: Release, texts: Texts) -> str:
    known = release.municipalities.get(code or "")
    return pick(known.names, texts.language) if known else texts("elsewhere")
