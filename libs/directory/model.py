"""Who and what does a territory consist of?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Names = Mapping[str, str]
"""The same name in several languages, by language code."""

Row = Mapping[str, Any]
"""One entry as it stands in a release: plain JSON values."""

MUNICIPALITY = "municipality"
AUTHORITY_KINDS = (MUNICIPALITY, "metropole", "department", "region", "state", "operator", "private")
# What another code is to a municipality: the code of a part of it, or one that it had itself, or a part had.
CODE_RELATIONS = ("part", "former")
SERVICE_KINDS = ("report", "request", "question", "complaint")
FRONT_DESK = "accueil"  # the role that answers when an authority has no department for a subject
OUTSIDE = "@outside"  # in postal.csv: this postal code is also used beyond the territory
OPEN_END = date.max.toordinal()


def days_of(row: Row) -> range:
    """The days on which an entry is valid, as ordinals; both dates belong to it."""
    first, last = row.get("valid_from"), row.get("valid_to")
    start = date.fromisoformat(first).toordinal() if first else 1
    end = date.fromisoformat(last).toordinal() if last else OPEN_END
    return range(start, end + 1)


def without_dates(row: Row) -> dict[str, Any]:
    """The fields of an entry besides its validity."""
    return {name: value for name, value in row.items() if name not in ("valid_from", "valid_to")}


@dataclass(frozen=True, slots=True)
class Territory:
    """The whole area served, and how it wants to be served."""

    code: str
    names: Names
    languages: tuple[str, ...]
    time_zone: str
    calendar: Mapping[str, Any]
    border_band_m: float
    confidence_min: float
    hops_max: int
    desk: str
    code_scheme: str
    arbitration: str | None = None
    """The department that settles what too many refused; None where the desk does that too."""

    @classmethod
    def of(cls, row: Row) -> "Territory":
        """From a release's row."""
        return cls(**{**row, "languages": tuple(row["languages"])})


@dataclass(frozen=True, slots=True)
class Authority:
    """Who can own. A municipality is found in the world by its official code."""

    code: str
    kind: str
    official_code: str
    names: Names
    parent: str | None
    population: int | None
    days: range

    @classmethod
    def of(cls, row: Row) -> "Authority":
        """From a release's row."""
        return cls(**without_dates(row), days=days_of(row))


@dataclass(frozen=True, slots=True)
class Department:
    """Who acts, and how it is reached."""

    code: str
    authority: str
    role: str
    names: Names
    opening_hours: str | None
    email: str | None
    webhook: str | None
    days: range

    @classmethod
    def of(cls, row: Row) -> "Department":
        """From a release's row."""
        return cls(**without_dates(row), days=days_of(row))


@dataclass(frozen=True, slots=True)
class Service:
    """What can be asked for. `target` is `{"working_days": n}`, `{"hours": n}` or empty."""

    code: str
    names: Names
    words: Mapping[str, list[str]]
    examples: Mapping[str, list[str]]
    kind: str
    target: Mapping[str, int]
    safety: Names | None
    questions: Mapping[str, Any] | None
    urgent: bool = False
    """Asking for it is enough: it cannot wait. Releases of format 1 do not say."""

    @classmethod
    def of(cls, row: Row) -> "Service":
        """From a release's row."""
        return cls(**row)


@dataclass(frozen=True, slots=True)
class PostalCode:
    """Which municipalities share a postal code. A CEDEX code belongs to a large receiver of mail, not to a place."""

    code: str
    municipalities: tuple[str, ...]
    is_cedex: bool
    is_shared_outside: bool

    @classmethod
    def of(cls, code: str, rows: Sequence[Row]) -> "PostalCode":
        """From a release's rows."""
        used_by = {row["municipality"] for row in rows}
        is_cedex = any(row["cedex"] for row in rows)
        return cls(code, tuple(sorted(used_by - {OUTSIDE})), is_cedex, OUTSIDE in used_by)
