"""Which cells does each table of a pack have, and what may stand in them?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from libs.directory.model import AUTHORITY_KINDS

CODE = re.compile(r"^[\w@][\w.:@-]{0,63}$")  # 64 characters: a code travels in keys, headers and metrics
EMAIL = re.compile(r"^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]+$")
WEBHOOK = re.compile(r"^https?://[^\s/]+")
TEXT_CHARACTERS_MAX = 500  # a name or a legal basis stands in one line of a notice
PRIORITY_MAX = 1_000_000


def as_code(text: str) -> str:
    """A stable name: letters, digits and `. _ - : @`."""
    if not CODE.match(text):
        raise ValueError("a code has up to 64 letters, digits, dots, dashes or underscores, and no spaces")
    return text


def as_text(text: str) -> str:
    """A line for people."""
    if len(text) > TEXT_CHARACTERS_MAX or "\x00" in text:
        raise ValueError(f"more than {TEXT_CHARACTERS_MAX} characters, or a null character")
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


def as_email(text: str) -> str:
    """One address."""
    if not EMAIL.match(text):
        raise ValueError("expected one e-mail address")
    return text


def as_webhook(text: str) -> str:
    """An address of the web."""
    if not WEBHOOK.match(text):
        raise ValueError("expected an address that begins with https://")
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
        "opening_hours": Column(as_text),
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
        "postal_code": CODE_REQUIRED,
        "municipality": CODE_REQUIRED,
        "cedex": Column(as_flag, empty=False),
    },
}
NAMED = ("authorities.csv", "departments.csv")  # these have a column name_fr, name_en, … per language
NAME_PREFIX = "name_"
# What a header may leave out: an absent column reads as an empty one.
OPTIONAL = {"opening_hours", "webhook", "email", "condition", "priority", "basis", "cedex", "parent", "population"}
