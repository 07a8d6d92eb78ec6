"""Which entries stand in the YAML files of a pack?"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from libs.directory.columns import LANGUAGE, TEXT_CHARACTERS_MAX, as_code
from libs.directory.findings import Finding, found
from libs.directory.model import SERVICE_KINDS
from libs.directory.pack import Entry
from libs.directory.public import read_often_asked, read_public
from libs.directory.yaml_read import load

BAND_M_MAX = 10_000.0  # a wider band would make every place of a municipality ambiguous
HOPS_MAX = 100
TRUTH = {"yes": True, "on": True, "no": False, "off": False}
CALENDAR_FIELDS = ("country", "subdivision", "categories")
TARGET_MAX = {"working_days": 1_000, "hours": 24_000}  # about four years; later is no promise


def read_territory(file: str, text: str) -> tuple[Entry | None, list[Finding]]:
    """The territory, with defaults filled in."""
    node, data, doubts = load(file, text)
    if _has_errors(doubts) or not isinstance(data, dict):
        return None, doubts or [found("file-unreadable", file, 1, "expected `code:`, `names:` and so on")]
    line_of = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    values, findings = _fields(TERRITORY_FIELDS, data, lambda name: found_at(file, line_of.get(name, 1)))
    return (None if _has_errors(findings) else Entry(file, 1, values)), [*doubts, *findings]


def read_services(file: str, text: str) -> tuple[list[Entry], list[Finding]]:
    """The services, each with the line it begins on."""
    node, data, findings = load(file, text)
    if _has_errors(findings) or not isinstance(data, list):
        return [], findings or [found("file-unreadable", file, 1, "expected a list of services")]
    entries = []
    for child, item in zip(node.value, data, strict=True):
        at = found_at(file, child.start_mark.line + 1)
        if not isinstance(item, dict):
            findings.append(at("value-invalid", "expected a service with code and names"))
            continue
        values, problems = _fields(SERVICE_FIELDS, item, partial(_always, at))
        findings += problems
        if not _has_errors(problems):
            entries.append(Entry(file, child.start_mark.line + 1, values))
    return entries, findings


Reporter = Callable[[str, str], Finding]


def found_at(file: str, line: int) -> Reporter:
    """Findings of one place."""
    return lambda code, message: found(code, file, line, message)


def _always(at: Reporter, _name: str) -> Reporter:
    return at


def _has_errors(findings: list[Finding]) -> bool:
    return any(finding.level == "error" for finding in findings)


def _fields(
    fields: Mapping[str, Any], data: Mapping[Any, Any], at: Callable[[str], Reporter]
) -> tuple[dict[str, Any], list[Finding]]:
    values: dict[str, Any] = {}
    return values, list(_read_fields(fields, data, at, values))


def _read_fields(
    fields: Mapping[str, Any], data: Mapping[Any, Any], at: Callable[[str], Reporter], values: dict[str, Any]
) -> Iterator[Finding]:
    for name in data:
        if name not in fields:
            yield at(str(name))("field-unknown", f"the field {name} is not known here")
    for name, (read, default) in fields.items():
        if data.get(name) is None:
            if default is REQUIRED:
                yield at(name)("value-missing", f"{name} is missing")
            values[name] = default
            continue
        try:
            values[name] = read(data[name])
        except (ValueError, TypeError, AttributeError) as error:
            yield at(name)("value-invalid", f"{name}: {error}")


def _names(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise ValueError("expected a text for each language, such as {fr: …, en: …}")
    for language, text in value.items():
        if not (isinstance(language, str) and LANGUAGE.match(language)):
            raise ValueError(f"“{language}” is not a language code of two or three letters")
        if not isinstance(text, str) or not text.strip() or len(text) > TEXT_CHARACTERS_MAX:
            raise ValueError(f"the text in “{language}” must have 1 to {TEXT_CHARACTERS_MAX} characters")
    return dict(value)


def _word_lists(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        raise ValueError("expected a list of words for each language")
    return {str(language): [str(word) for word in words] for language, words in value.items()}


def _languages(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) and LANGUAGE.match(v) for v in value):
        raise ValueError("expected a list of language codes, such as [fr, en]")
    return value


def _time_zone(value: Any) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"“{value}” is not a time zone such as Europe/Paris") from error


def _calendar(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.get("country"):
        raise ValueError("expected a country, such as {country: FR}, and its part where that has holidays of its own")
    if unknown := sorted(map(str, value.keys() - CALENDAR_FIELDS)):
        raise ValueError(f"{', '.join(unknown)} is not known here; expected {', '.join(CALENDAR_FIELDS)}")
    subdivision, categories = value.get("subdivision"), value.get("categories")
    if categories is not None and not (isinstance(categories, list) and categories):
        raise ValueError("categories: expected a list, such as [public, de_facto]")
    calendar = {"country": str(value["country"]), "subdivision": str(subdivision) if subdivision else None}
    return calendar | ({"categories": [str(one) for one in categories]} if categories else {})


def _between(low: float, high: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        number = float(value)
        if not low <= number <= high:
            raise ValueError(f"expected a number from {low:g} to {high:g}")
        return number

    return read


def _hops(value: Any) -> int:
    return int(_between(0, HOPS_MAX)(value))


def _target(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= TARGET_MAX.keys():
        raise ValueError("expected {working_days: n} or {hours: n}")
    (unit, amount), *_ = value.items()
    if not isinstance(amount, int) or not 0 <= amount <= TARGET_MAX[unit]:
        raise ValueError(f"expected a whole number from 0 to {TARGET_MAX[unit]}")
    return {unit: amount}


def _safety(value: Any) -> dict[str, str]:
    return _names(value["text"] if isinstance(value, dict) and "text" in value else value)


def _urgent(value: Any) -> bool:
    """Also yes and no, which are text to us and were truth values before."""
    if isinstance(value, str) and value.lower() in TRUTH:
        return TRUTH[value.lower()]
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def _schema(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("expected a JSON Schema, with `properties`")
    return value


def _service_kind(value: Any) -> str:
    if value not in SERVICE_KINDS:
        raise ValueError(f"expected one of {', '.join(SERVICE_KINDS)}")
    return str(value)


def _code(value: Any) -> str:
    return as_code(str(value))


REQUIRED = object()
TERRITORY_FIELDS: Mapping[str, tuple[Callable[[Any], Any], Any]] = {
    "code": (_code, REQUIRED),
    "names": (_names, REQUIRED),
    "languages": (_languages, REQUIRED),
    "time_zone": (_time_zone, REQUIRED),
    "calendar": (_calendar, REQUIRED),
    "border_band_m": (_between(0, BAND_M_MAX), 50.0),  # official outlines differ by tens of metres
    "confidence_min": (_between(0, 1), 0.8),
    "hops_max": (_hops, 3),
    "desk": (_code, REQUIRED),
    "code_scheme": (str, ""),
    "arbitration": (_code, None),
    "public": (read_public, {}),
    "often_asked": (read_often_asked, []),
}
SERVICE_FIELDS: Mapping[str, tuple[Callable[[Any], Any], Any]] = {
    "code": (_code, REQUIRED),
    "names": (_names, REQUIRED),
    "words": (_word_lists, {}),
    "examples": (_word_lists, {}),
    "kind": (_service_kind, "report"),
    "target": (_target, {}),
    "safety": (_safety, None),
    "urgent": (_urgent, False),
    "questions": (_schema, None),
}
