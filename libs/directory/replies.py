"""How are the answers to a service's own questions said to a person, in the words of the pack?"""

from collections.abc import Mapping
from typing import Any

from libs.directory.model import Service

YES_NO: Mapping[str, tuple[str, str]] = {"en": ("yes", "no"), "fr": ("oui", "non"), "sv": ("ja", "nej")}
FALLBACK = "en"
DECIMAL_COMMA = ("fr", "sv")
PLACES = 6  # digits after the point: what a form takes, without the noise of binary fractions


def replies_in_words(service: Service | None, answers: Mapping[str, Any], language: str) -> dict[str, str]:
    """Each question by its title, with the chosen titles, in the order of the pack; what it does not ask comes last.

    A question without a title, and one that a later release no longer asks, keeps its code: the answer is not lost.
    """
    asked: Mapping[str, Any] = ((service.questions if service else None) or {}).get("properties") or {}
    said: dict[str, str] = {}
    for name in (*(name for name in asked if name in answers), *(name for name in answers if name not in asked)):
        if answers[name] is None:
            continue
        schema = asked.get(name) or {}
        title = _title(schema, language) or name
        said[title if title not in said else f"{title} ({name})"] = _said(schema, answers[name], language)
    return said


def _said(schema: Mapping[str, Any], answer: Any, language: str) -> str:
    options = (*schema.get("oneOf", ()), *(schema.get("items") or {}).get("oneOf", ()))
    titles = {str(option["const"]): _title(option, language) for option in options}
    values = answer if isinstance(answer, list) else [answer]
    return ", ".join(titles.get(str(value)) or _plainly(value, language) for value in values)


def _plainly(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return YES_NO.get(language, YES_NO[FALLBACK])[not value]
    if isinstance(value, float):
        digits = f"{value:.{PLACES}f}".rstrip("0").rstrip(".")
        return digits.replace(".", ",") if language in DECIMAL_COMMA else digits
    return str(value)


def _title(part: Mapping[str, Any], language: str) -> str:
    titles: Mapping[str, str] = part.get("titles") or {}
    return titles.get(language) or titles.get(FALLBACK) or next(iter(titles.values()), "")
