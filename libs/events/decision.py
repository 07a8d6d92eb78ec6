"""Who owns a request, and how does that decision explain itself?"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from libs.events.fields import CANDIDATES_MAX, REASONS_MAX, Code, Confidence, LocalText, Sentence, Translation

Outcome = Literal["routed", "ambiguous", "uncovered", "out_of_territory", "unclear"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Party(_Part):
    """A municipality, an authority, a department or a desk."""

    code: Code
    names: LocalText


class Reason(_Part):
    """One fact that led to the decision."""

    code: Code
    text: LocalText | None = None
    details: dict[str, JsonValue] = Field(default_factory=dict)


class Candidate(_Part):
    """A rule that could have decided, and why it did or did not."""

    rule: Code
    authority: Code | None = None
    department: Code | None = None
    rank: int
    outcome: Literal["won", "lost"]
    reason: Translation


class Decision(_Part):
    """What `libs.directory.decide` answers, as it travels; the same question and release give the same bytes."""

    outcome: Outcome
    territory: Code
    release: Code
    service: Code | None = None
    municipality: Party | None = None
    authority: Party | None = None
    department: Party | None = None
    due: datetime | None = None
    rule: Code | None = None
    legal_basis: Sentence | None = None
    safety: LocalText | None = None
    reasons: Annotated[list[Reason], Field(max_length=REASONS_MAX)] = Field(default_factory=list)
    candidates: Annotated[list[Candidate], Field(max_length=CANDIDATES_MAX)] = Field(default_factory=list)
    sentence: LocalText
    confidence: Confidence | None = None
    urgent: Code | None = None
