"""Which cells does each table of a pack have, and what may stand in them?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args

from libs.directory.addresses import compact
from libs.directory.decision import Outcome
from libs.directory.endpoints import as_email, as_webhook
from libs.directory.model import AUTHORITY_KINDS, CODE_RELATIONS
from libs.directory.opening_hours import UNDERSTOOD, is_understood
from libs.directory.urgency import wanted_in

LANGUAGE = re.compile(r"^[a-z]{2,3}$")
CODE = re.compile(r"^[\w@][\w.:@-]{0,63}$")  # 64 characters: a code travels in keys, headers and metrics
POSTAL_CODE = re.compile(r"^(?:[^\W_][ .-]?){1,11}[^\W_]$")  # the longest has ten
TEXT_CHARACTERS_MAX = 500  # a name or a legal basis stands in one line of a notice
SENTENCES_CHARACTERS_MAX = 4_000  # an example may be as long as a request's description
PRIORITY_MAX = 1_000_000


def as_code(text: str) -> str:
    """A stable name: letters, digits and `. _ - : @`."""
    if not CODE.match(text):
        raise ValueError("a code has up to 64 letters, digits, dots, dashes or underscores, and no spaces")
    return text


def as_postal_code(text: str) -> str:
    """As its country writes it, kept as it is compared: `H1 1AA` is `H11AA`."""
    if not POSTAL_CODE.match(text):
        raise ValueError("a postal code has 2 to 12 letters and digits, with a space, a dash or a dot between")
    return compact(text)


def as_text(text: str) -> str:
    """A line for people."""
    if len(text) > TEXT_CHARACTERS_MAX or "\x00" in text:
        raise ValueError(f"more than {TEXT_CHARACTERS_MAX} characters, or a null character")
    return text


def as_opening_hours(text: str) -> str:
    """As OpenStreetMap writes them."""
    if not is_understood(as_text(text)):
        raise ValueError(f"not understood; opening hours are written as OpenStreetMap does: {UNDERSTOOD}")
    return text


def as_sentences(text: str) -> str:
    """What a citizen wrote."""
    if len(text) > SENTENCES_CHARACTERS_MAX or "\x00" in text:
        raise ValueError(f"more than {SENTENCES_CHARACTERS_MAX} characters, or a null character")
    return text


def as_language(text: str) -> str:
    """A language code."""
    if not LANGUAGE.match(text):
        raise ValueError("a language code has two or three letters, such as fr")
    return text


def as_urgent_words(text: str) -> str:
    """A line of urgent words, kept as it is written."""
    wanted_in(text)
    return text


def as_date(text: str) -> str:
    """A day, kept as it is written."""
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("a date is written 2026-12-31")
    return text


def as_count(text: str) -> int:
    """A whole number, not negative."""
    number = int(text)
    if not 0 <= number < 10**10:
        raise ValueError("expected a whole number, not negative")
    return number


def as_priority(text: str) -> int:
    """Higher wins among rules of equal reach."""
    number = int(text)
    if abs(number) > PRIORITY_MAX:
        raise ValueError(f"a priority lies between -{PRIORITY_MAX} and {PRIORITY_MAX}")
    return number


def as_flag(text: str) -> bool:
    """0 or 1."""
    if text not in ("0", "1"):
        raise ValueError("expected 0 or 1")
    return text == "1"


def as_kind(text: str) -> str:
    """One of the kinds of authority."""
    if text not in AUTHORITY_KINDS:
        raise ValueError(f"expected one of {', '.join(AUTHORITY_KINDS)}")
    return text


def as_relation(text: str) -> str:
    """What a code is to its municipality."""
    if text not in CODE_RELATIONS:
        raise ValueError(f"expected one of {', '.join(CODE_RELATIONS)}")
    return text


def as_degrees(text: str) -> float:
    """A coordinate; which of the two it is, its column says."""
    return _between(text, -180, 180)


def as_metres(text: str) -> float:
    """How far off a point may be."""
    return _between(text, 0, 1_000_000)


def _between(text: str, low: float, high: float) -> float:
    number = float(text)
    if not low <= number <= high:
        raise ValueError(f"expected a number from {low:g} to {high:g}")
    return number


def as_moment(text: str) -> str:
    """A day, or a day and a time on the territory's clock, kept as it is written."""
    datetime.fromisoformat(text)
    return text


def as_expected(text: str) -> str:
    """A code, or a dash for nobody."""
    return text if text == "-" else as_code(text)


def as_outcome(text: str) -> str:
    """One of the outcomes of a decision."""
    if text not in get_args(Outcome):
        raise ValueError(f"expected one of {', '.join(get_args(Outcome))}")
    return text


@dataclass(frozen=True, slots=True)
class Column:
    """How a cell is read, whether it must be filled, and what an empty one means."""

    read: Callable[[str], Any]
    is_required: bool = False
    empty: Any = None


CODE_REQUIRED = Column(as_code, is_required=True)
VALIDITY = {"valid_from": Column(as_date), "valid_to": Column(as_date)}

TABLES: Mapping[str, Mapping[str, Column]] = {
    "authorities.csv": {
        "code": CODE_REQUIRED,
        "kind": Column(as_kind, is_required=True),
        "official_code": Column(as_code, empty=""),
        "parent": Column(as_code),
        "population": Column(as_count),
        **VALIDITY,
    },
    "departments.csv": {
        "code": CODE_REQUIRED,
        "authority": CODE_REQUIRED,
        "role": CODE_REQUIRED,
        "opening_hours": Column(as_opening_hours),
        "email": Column(as_email),
        "webhook": Column(as_webhook),
        **VALIDITY,
    },
    "competences.csv": {
        "id": CODE_REQUIRED,
        "service": CODE_REQUIRED,
        "where": Column(as_text, is_required=True),
        "condition": Column(as_text, empty=""),
        "decides": CODE_REQUIRED,
        "acts": CODE_REQUIRED,
        "priority": Column(as_priority, empty=0),
        **VALIDITY,
        "basis": Column(as_text),
    },
    "postal.csv": {
        "postal_code": Column(as_postal_code, is_required=True),
        "municipality": CODE_REQUIRED,
        "cedex": Column(as_flag, empty=False),
    },
    "codes.csv": {
        "code": CODE_REQUIRED,
        "municipality": CODE_REQUIRED,
        "relation": Column(as_relation, is_required=True),
        **VALIDITY,
    },
    "golden.csv": {
        "case": Column(as_text, is_required=True),
        "service": Column(as_code),
        "answers": Column(as_text, empty=""),
        "at": Column(as_moment),
        "lat": Column(as_degrees),
        "lon": Column(as_degrees),
        "accuracy_m": Column(as_metres),
        "municipality_code": Column(as_code),
        "postal_code": Column(as_text),
        "municipality_name": Column(as_text),
        "outcome": Column(as_outcome, is_required=True),
        "municipality": Column(as_expected),
        "authority": Column(as_expected),
        "department": Column(as_expected),
        "due": Column(as_text),
    },
    "uncovered.csv": {
        "service": CODE_REQUIRED,
        "where": Column(as_text, is_required=True),
        "reason": Column(as_text, is_required=True),
    },
    "safety.csv": {
        "service": CODE_REQUIRED,
        "language": Column(as_language, is_required=True),
        "words": Column(as_urgent_words, is_required=True),
    },
    "examples.csv": {
        "text": Column(as_sentences, is_required=True),
        "language": Column(as_language, is_required=True),
        "service": Column(as_code, empty=""),
    },
}
NAMED = ("authorities.csv", "departments.csv")  # these have a column name_fr, name_en, … per language
MAY_BE_NAMED = ("codes.csv",)  # and these may
NAME_PREFIX = "name_"
OPTIONAL = {"opening_hours", "webhook", "email", "condition", "priority", "basis", "cedex", "parent", "population"}


def may_be_left_out(file: str, column: str) -> bool:
    """Whether a header may go without it: an absent column reads as an empty one."""
    return column in OPTIONAL | VALIDITY.keys() or (file == "golden.csv" and not TABLES[file][column].is_required)
