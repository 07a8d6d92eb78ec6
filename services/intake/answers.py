"""What does the HTTP interface answer? Models for OpenAPI; every field says what it means."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from libs.directory import Release
from services.intake.standing import State
from services.intake.status import Status

Texts = dict[str, str]

DECISION_FIELDS = (
    "outcome",
    "municipality",
    "authority",
    "department",
    "due",
    "safety",
    "urgent",
    "confidence",
    "legal_basis",
    "rule",
    "reasons",
)


class Links(BaseModel):
    """Where to go on from here."""

    self: str = Field(description="this request; needs an API key")
    page: str | None = Field(None, description="its page for the person who asked; whoever has this link can see it")
    history: str | None = Field(None, description="its history in the audit log, with proofs")


class ReceiptAnswer(BaseModel):
    """The request is kept and will not be lost. Handing the same thing in again gives the same answer."""

    request_id: UUID
    reference: str = Field(description="what a person reads out at the counter", examples=["G-7K3M-2QX9-4TB2"])
    status: Literal["accepted"]
    token: str = Field(description="opens the status page; a secret of the person who asked")
    safety: Texts | None = Field(None, description="what to do at once, when it is dangerous; show it before all else")
    links: Links


class StepAnswer(BaseModel):
    """One thing that happened."""

    at: datetime
    kind: str = Field(
        description="a state, `refused`, `assigned`, `opened` by a desk, or a notice's `notice_sent`, ..."
    )
    sentence: Texts
    note: str | None = Field(None, description="what the department wrote to the person; only by the token")


class StatusAnswer(BaseModel):
    """Where a request stands. What the router decided is null until it has."""

    request_id: UUID
    reference: str
    status: State
    outcome_code: str | None = Field(description="how it was resolved")
    territory: str
    service: str | None
    language: str
    source: str
    source_id: str | None = Field(description="the number it was handed in under, where there was one")
    accepted_at: datetime
    changed_at: datetime
    directory_version: str = Field(description="the release of the directory that decides about it")
    held_by: str | None = Field(description="code of the department, or desk, that has it now")
    outcome: str | None = Field(description="what the router decided: routed, ambiguous, uncovered, ...")
    municipality: dict[str, Any] | None
    authority: dict[str, Any] | None
    department: dict[str, Any] | None
    due: datetime | None
    safety: Texts | None = Field(description="what to do at once, when it is dangerous")
    urgent: str | None = Field(description="code of the service whose danger makes it urgent")
    confidence: float | None = Field(description="how likely the classifier's guess is; null when a service was named")
    expected: date | None = Field(description="by when the department that has begun expects to be done")
    legal_basis: str | None
    rule: str | None
    reasons: list[dict[str, Any]] | None
    sentence: Texts = Field(description="one plain sentence, in each language of the territory")
    history: list[StepAnswer]
    links: Links

    @classmethod
    def of(cls, status: Status, links: Links, notes: Sequence[str | None] = ()) -> "StatusAnswer":
        """From what the status page shows too; `notes` are the departments' words, one for each step, opened."""
        decision = status.decision or {}
        return cls(
            request_id=status.request_id,
            reference=status.reference,
            status=status.state,
            outcome_code=status.outcome,
            territory=status.territory,
            service=decision.get("service") or status.service,
            language=status.language,
            source=status.source,
            source_id=status.source_id,
            accepted_at=status.accepted_at,
            changed_at=status.changed_at,
            directory_version=status.directory_version,
            held_by=status.department,
            **{name: decision.get(name) for name in DECISION_FIELDS},
            sentence=dict(status.sentence),
            expected=status.expected,
            history=[
                StepAnswer(at=step.at, kind=step.kind, sentence=dict(step.sentence), note=note)
                for step, note in zip(status.history, notes or [None] * len(status.history), strict=True)
            ],
            links=links,
        )


class ProgressAnswer(BaseModel):
    """Where the request stands after the report; after a refusal that is `accepted`: the next owner is being found."""

    request_id: UUID
    reference: str
    status: State


class ServiceAnswer(BaseModel):
    """What can be asked for."""

    code: str
    names: Texts
    kind: str = Field(description="report, request, question or complaint")
    safety: Texts | None = Field(description="what to do at once, when it is dangerous")
    questions: dict[str, Any] | None = Field(description="JSON Schema of `answers`")


class ServicesAnswer(BaseModel):
    """All services of a territory, by the release that is in force now."""

    territory: str
    release: str
    services: list[ServiceAnswer]

    @classmethod
    def of(cls, release: Release) -> "ServicesAnswer":
        """In the order of their codes."""
        services = [
            ServiceAnswer(
                code=service.code,
                names=dict(service.names),
                kind=service.kind,
                safety=dict(service.safety) if service.safety else None,
                questions=dict(service.questions) if service.questions else None,
            )
            for service in sorted(release.services.values(), key=lambda service: service.code)
        ]
        return cls(territory=release.territory.code, release=release.version, services=services)


class TerritoryAnswer(BaseModel):
    """One whole area that is served here."""

    code: str
    names: Texts
    languages: list[str]
    time_zone: str
    release: str = Field(description="the release of the directory that is in force now")
    has_boundaries: bool = Field(description="whether coordinates alone are enough to find the municipality")

    @classmethod
    def of(cls, release: Release) -> "TerritoryAnswer":
        """From its release."""
        territory = release.territory
        return cls(
            code=territory.code,
            names=dict(territory.names),
            languages=list(territory.languages),
            time_zone=territory.time_zone,
            release=release.version,
            has_boundaries=release.has_boundaries,
        )
