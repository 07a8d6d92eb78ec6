"""What is said when a request is handed in, accepted, routed or held?"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

import orjson
from pydantic import AfterValidator, ConfigDict, Field

from libs.events.decision import Decision, Party
from libs.events.envelope import EventData
from libs.events.fields import (
    ANSWERS_BYTES_MAX,
    CHANNELS_MAX,
    HOPS_MAX,
    Answers,
    Code,
    Language,
    Name,
    RequestId,
    Sealed,
)
from libs.events.given import GivenAnswers, GivenCode, GivenDescription, GivenLanguage, GivenName
from libs.events.place import Contact, Place, PlaceGiven
from libs.events.reading import Reading


def _fits(answers: dict[str, object]) -> dict[str, object]:
    if answers and len(orjson.dumps(answers)) > ANSWERS_BYTES_MAX:
        raise ValueError(f"answers may take {ANSWERS_BYTES_MAX} bytes of JSON in all; shorten them")
    return answers


AnswersGiven = Annotated[GivenAnswers, AfterValidator(_fits)]
ContactChannels = Annotated[list[Code], Field(max_length=CHANNELS_MAX)]
Hops = Annotated[int, Field(ge=0, le=HOPS_MAX, strict=True)]


class RequestSubmitted(EventData):
    """Another system hands a request in. Unknown fields are refused, because a misspelt one would be lost unseen."""

    TYPE: ClassVar[str] = "guichet.RequestSubmitted.v1"
    FOREIGN: ClassVar[bool] = True
    model_config = ConfigDict(extra="forbid")

    territory: GivenCode | None = None
    service: GivenCode | None = None
    place: PlaceGiven
    description: GivenDescription | None = None
    contact: Contact | None = None
    language: GivenLanguage | None = None
    answers: AnswersGiven = Field(default_factory=dict)
    source_id: GivenName | None = None

    def subject(self) -> str:
        """The sender's own number for it; a request id does not exist yet."""
        return self.source_id or ""


class RequestAccepted(EventData):
    """The request is kept and will not be lost."""

    TYPE: ClassVar[str] = "guichet.RequestAccepted.v1"

    request_id: RequestId
    reference: Code
    territory: Code
    service: Code | None = None
    place: Place
    answers: Answers = Field(default_factory=dict)
    language: Language
    channel: Literal["api", "counter", "kafka"]
    source: Name
    source_id: Name | None = None
    accepted_at: datetime
    contact: Sealed | None = None
    description: Sealed | None = None
    contact_channels: ContactChannels = Field(default_factory=list)
    reading: Reading | None = None


class _Decided(EventData):
    """Copies what readers need, so that nobody asks back."""

    request_id: RequestId
    reference: Code
    territory: Code
    language: Language
    decision: Decision
    hops: Hops = 0
    place: Place
    contact: Sealed | None = None
    description: Sealed | None = None
    contact_channels: ContactChannels = Field(default_factory=list)
    answers: Answers = Field(default_factory=dict)


class RequestRouted(_Decided):
    """The request has exactly one owner."""

    TYPE: ClassVar[str] = "guichet.RequestRouted.v1"

    service: Code
    note: Sealed | None = None
    """What a person who assigned it wants the department to know."""


class RequestHeld(_Decided):
    """A person must choose the owner; the desk named here has it meanwhile."""

    TYPE: ClassVar[str] = "guichet.RequestHeld.v1"

    service: Code | None = None
    desk: Party
