"""What was decided, and what does the record of it hold?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Literal

from libs.directory.model import Authority, Department, Names
from libs.directory.written import HOLE, Frame, Written, listed, text, write, write_to_keep
from libs.value import named_value

SECONDS_DIGITS = len("2026-11-30T22:59:59")  # a due date is in UTC, to the second
MOMENTS_KEPT_MAX = 4_096  # due dates, most of them the end of a day
WHO = ("authority", "department")  # the only fields of a candidate in which municipalities differ
# In which decisions by one rule differ.
OWN = ("municipality", "authority", "department", "due", "reasons", "candidates", "sentence")
LISTS = ("reasons", "candidates")

Outcome = Literal["routed", "ambiguous", "uncovered", "out_of_territory", "unclear"]


@dataclass(frozen=True)
class Party:
    """A municipality, an authority or a department, by code and names."""

    code: str
    names: Names

    @classmethod
    def of(cls, who: Authority | Department) -> "Party":
        """An authority or a department."""
        return cls(who.code, who.names)

    def as_dict(self) -> dict[str, Any]:
        """As it travels."""
        return {"code": self.code, "names": dict(self.names)}

    @cached_property
    def written(self) -> Written:
        """As it travels, in bytes."""
        return write_to_keep(vars(self))


@dataclass(frozen=True)
class Reason:
    """One fact that led to the decision: a stable code, the text in every language, the values behind it."""

    code: str
    text: Names
    details: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """As it travels."""
        return {"code": self.code, "text": dict(self.text), "details": dict(self.details)}

    @cached_property
    def written(self) -> Written:
        """As it travels, in bytes."""
        return write_to_keep(vars(self))


@dataclass
class Candidate:
    """A rule about this service and place, and why it won or lost. `rank` 1 is asked first. Not to be changed."""

    rule: str
    authority: str | None
    department: str | None
    rank: int
    outcome: Literal["won", "lost"]
    reason: str
    model: "Candidate | None" = field(default=None, repr=False, compare=False)
    """The same rule elsewhere, written with room for other names."""

    def of(self, authority: str, department: str | None) -> "Candidate":
        """The same rule where it names these."""
        return Candidate(self.rule, authority, department, self.rank, self.outcome, self.reason, self)

    def as_dict(self) -> dict[str, Any]:
        """As it travels."""
        return {
            "rule": self.rule,
            "authority": self.authority,
            "department": self.department,
            "rank": self.rank,
            "outcome": self.outcome,
            "reason": self.reason,
        }

    @cached_property
    def written(self) -> Written:
        """As it travels, in bytes; without an authority or a department that there is not."""
        if self.model is None or self.authority is None or self.department is None:
            return write_to_keep({name: value for name, value in self.as_dict().items() if value is not None})
        return self.model._frame.fill((text(self.authority), text(self.department)))

    @cached_property
    def _frame(self) -> Frame:
        return Frame(self.as_dict() | dict.fromkeys(WHO, HOLE), WHO)


@named_value
class Decision:
    """The decision and its record. Its parts are shared between decisions: read them, do not change them."""

    outcome: Outcome
    territory: str
    release: str
    service: str | None
    municipality: Party | None
    authority: Party | None
    department: Party | None
    due: datetime | None
    rule: str | None
    legal_basis: str | None
    safety: Names | None
    reasons: Sequence[Reason]
    candidates: Sequence[Candidate]
    sentence: Names
    confidence: float | None = None
    """How likely the classifier's first service is, chosen or not; None when one was named or urgent words decided."""
    urgent: str | None = None
    """The service whose danger makes the request urgent."""
    framed: Frame | None = field(default=None, repr=False, compare=False)
    """What it has in common with others, written once for all of them."""

    def as_dict(self) -> dict[str, Any]:
        """As it travels: plain JSON values, a fresh copy. The same decision gives the same content."""
        return {
            "outcome": self.outcome,
            "territory": self.territory,
            "release": self.release,
            "service": self.service,
            "municipality": self.municipality.as_dict() if self.municipality else None,
            "authority": self.authority.as_dict() if self.authority else None,
            "department": self.department.as_dict() if self.department else None,
            "due": _moment(self.due) if self.due else None,
            "rule": self.rule,
            "legal_basis": self.legal_basis,
            "safety": dict(self.safety) if self.safety else None,
            "reasons": [reason.as_dict() for reason in self.reasons],
            "candidates": [candidate.as_dict() for candidate in self.candidates],
            "sentence": dict(self.sentence),
            "confidence": self.confidence,
            "urgent": self.urgent,
        }

    def frame(self) -> Frame:
        """This record with holes for what other decisions by the same rule have of their own."""
        here = {name: getattr(self, name) for name in RECORDED}
        holes = [name for name in OWN if here[name] is not None]
        return Frame(here | {name: [HOLE] if name in LISTS else HOLE for name in holes}, holes)

    def written(self) -> Written:
        """As it travels, in bytes, put together from parts that were written before."""
        parties = (self.municipality, self.authority, self.department)
        parts = [party.written for party in parties if party is not None]
        if self.due is not None:
            parts.append(_written(self.due))
        parts.append(listed([reason.written for reason in self.reasons]))
        parts.append(listed([candidate.written for candidate in self.candidates]))
        parts.append(write(self.sentence))
        return (self.framed or self.frame()).fill(parts)


def _moment(due: datetime) -> str:
    return f"{due.isoformat()[:SECONDS_DIGITS]}Z"


@lru_cache(MOMENTS_KEPT_MAX)
def _written(due: datetime) -> Written:
    return text(_moment(due))


RECORDED = tuple(one.name for one in fields(Decision) if one.name != "framed")
