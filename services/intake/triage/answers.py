"""What does the triage interface answer? Models for OpenAPI; every field says what it means."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.answers import Texts
from services.intake.standing import State
from services.intake.triage.queue import Case, Line, Page
from services.intake.triage.rules import Choice, Guessed, Source


class HeldAnswer(BaseModel):
    """One request that waits for a person; nothing personal."""

    request_id: UUID
    reference: str
    territory: str
    service: str | None
    language: str
    place: dict[str, Any]
    outcome: str = Field(description="what the router decided: ambiguous, uncovered, out_of_territory or unclear")
    reason: str = Field(description="code of the most telling reason")
    sentence: Texts
    desk: str = Field(description="code of the department that should choose")
    hops: int = Field(description="how many departments said “not ours”")
    accepted_at: datetime
    held_at: datetime

    @classmethod
    def of(cls, line: Line) -> "HeldAnswer":
        """From a line of the queue."""
        accepted, held = line.accepted, line.held
        return cls(
            request_id=held.request_id,
            reference=accepted.reference,
            territory=held.territory,
            service=line.service,
            language=accepted.language,
            place=accepted.place.model_dump(exclude_none=True),
            outcome=held.outcome,
            reason=held.reason,
            sentence=line.decision["sentence"],
            desk=held.desk,
            hops=line.hops,
            accepted_at=accepted.accepted_at,
            held_at=held.held_at,
        )


class TallyAnswer(BaseModel):
    """How many wait of one kind."""

    territory: str
    outcome: str
    reason: str
    requests: int


class QueueAnswer(BaseModel):
    """A part of the queue, oldest first."""

    requests: list[HeldAnswer]
    next: UUID | None = Field(description="pass it as `after` for the following page; null on the last")
    total: int = Field(description="on all pages, with these filters")
    tallies: list[TallyAnswer] = Field(description="of everything you may see, whatever the filters")

    @classmethod
    def of(cls, page: Page) -> "QueueAnswer":
        """From a part of the queue."""
        tallies = [
            TallyAnswer(territory=one.territory, outcome=one.outcome, reason=one.reason, requests=one.requests)
            for one in page.tallies
        ]
        return cls(
            requests=[HeldAnswer.of(line) for line in page.lines], next=page.next, total=page.total, tallies=tallies
        )


class ChoiceAnswer(BaseModel):
    """A department that comes into question."""

    department: str
    names: Texts
    authority: str
    authority_names: Texts
    source: Source = Field(
        description="named by the rules today, a possible owner, a rule that lost, or the front desk"
    )
    why: Texts = Field(description="the place that it depends on, or a lost rule's remark; by language")
    has_refused: bool

    @classmethod
    def of(cls, choice: Choice) -> "ChoiceAnswer":
        """From what comes into question."""
        return cls(
            department=choice.department,
            names=dict(choice.names),
            authority=choice.authority,
            authority_names=dict(choice.authority_names),
            source=choice.source,
            why=dict(choice.why),
            has_refused=choice.has_refused,
        )


class GuessAnswer(BaseModel):
    """A subject that the text may be about."""

    service: str
    names: Texts
    confidence: float
    department: str | None = Field(description="whom the rules would name for it today")

    @classmethod
    def of(cls, guess: Guessed) -> "GuessAnswer":
        """From what was read."""
        names = dict(guess.names)
        return cls(service=guess.service, names=names, confidence=guess.confidence, department=guess.department)


class RefusalAnswer(BaseModel):
    """Who said “not ours”, why and when."""

    department: str
    reason: str
    refused_at: datetime


class OpeningAnswer(BaseModel):
    """Who opened what the citizen wrote, and when."""

    opened_by: str
    opened_at: datetime


class CaseAnswer(BaseModel):
    """One request with all that is needed to choose. Reading it is recorded."""

    request_id: UUID
    reference: str
    territory: str
    status: State
    service: str | None
    language: str
    place: dict[str, Any]
    answers: dict[str, Any]
    description: str | None = Field(description="what the citizen wrote; null when nothing, or erased")
    contact: dict[str, str] | None = Field(description="how to ask the citizen who agreed to be asked; null otherwise")
    is_erased: bool
    accepted_at: datetime
    held_by: str | None = Field(description="code of the department, or desk, that has it now")
    assigned: str | None = Field(description="code of the department that a person chose")
    sentence: Texts
    reasons: list[dict[str, Any]]
    candidates: list[ChoiceAnswer]
    guesses: list[GuessAnswer] = Field(description="what the text may be about, while nobody has said it")
    refusals: list[RefusalAnswer]
    openings: list[OpeningAnswer] = Field(description="the last first")
    proposal: dict[str, Any] | None = Field(
        description="what the rules would decide now, when a person chose otherwise"
    )

    @classmethod
    def of(cls, case: Case) -> "CaseAnswer":
        """From an opened request."""
        accepted, standing = case.accepted, case.standing
        return cls(
            request_id=accepted.request_id,
            reference=accepted.reference,
            territory=accepted.territory,
            status=standing.state,
            service=case.service,
            language=accepted.language,
            place=accepted.place.model_dump(exclude_none=True),
            answers=dict(accepted.answers),
            description=case.personal.description,
            contact=dict(case.personal.contact) or None,
            is_erased=case.personal.is_erased,
            accepted_at=accepted.accepted_at,
            held_by=standing.department,
            assigned=standing.assigned,
            sentence=case.decision.get("sentence", {}),
            reasons=case.decision.get("reasons", []),
            candidates=[ChoiceAnswer.of(choice) for choice in case.choices],
            guesses=[GuessAnswer.of(guess) for guess in case.guesses],
            refusals=[
                RefusalAnswer(department=one.department, reason=one.reason, refused_at=one.refused_at)
                for one in case.refusals
            ],
            openings=[OpeningAnswer(opened_by=one.opened_by, opened_at=one.opened_at) for one in case.openings],
            proposal=None if case.proposal is None else dict(case.proposal),
        )


class CorrectionAnswer(BaseModel):
    """A service that a person chose where the request said another one, or none."""

    request_id: UUID
    language: str
    service: str
    text: str | None = Field(None, description="what the citizen wrote; only when asked for, and not erased")


class CorrectionsAnswer(BaseModel):
    """A part of the corrections, in the order of the requests."""

    corrections: list[CorrectionAnswer]
    next: UUID | None = Field(description="pass it as `after` for the following page; null on the last")
