"""What was decided, and what does the record of it hold?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import orjson

from libs.directory.model import Authority, Department, Names
from libs.directory.written import Around, Written, assemble, write
from libs.value import named_value

SECONDS_DIGITS = len("2026-11-30T22:59:59")  # a due date is in UTC, to the second

WHO = b'"authority":%b,"department":%b'  # the only part of a candidate in which municipalities differ
HOLE = "\x00"

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
        return write(vars(self))


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
        return write(vars(self))


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
            return write({name: value for name, value in self.as_dict().items() if value is not None})
        return self.model._around.fill(WHO % (orjson.dumps(self.authority), orjson.dumps(self.department)))

    @cached_property
    def _around(self) -> Around:
        hole = orjson.dumps(HOLE)
        return Around({**self.as_dict(), "authority": HOLE, "department": HOLE}, WHO % (hole, hole))


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
            "due": self._due,
            "rule": self.rule,
            "legal_basis": self.legal_basis,
            "safety": dict(self.safety) if self.safety else None,
            "reasons": [reason.as_dict() for reason in self.reasons],
            "candidates": [candidate.as_dict() for candidate in self.candidates],
            "sentence": dict(self.sentence),
            "confidence": self.confidence,
            "urgent": self.urgent,
        }

    def written(self) -> tuple[bytes, bytes]:
        """The same as bytes, as declared and sorted, put together from parts that were written before."""
        return assemble(
            {
                "outcome": self.outcome,
                "territory": self.territory,
                "release": self.release,
                "service": self.service,
                "municipality": self.municipality and self.municipality.written,
                "authority": self.authority and self.authority.written,
                "department": self.department and self.department.written,
                "due": self._due,
                "rule": self.rule,
                "legal_basis": self.legal_basis,
                "safety": self.safety,
                "reasons": [reason.written for reason in self.reasons],
                "candidates": [candidate.written for candidate in self.candidates],
                "sentence": self.sentence,
                "confidence": self.confidence,
                "urgent": self.urgent,
            }
        )

    @property
    def _due(self) -> str | None:
        return f"{self.due.isoformat()[:SECONDS_DIGITS]}Z" if self.due else None
