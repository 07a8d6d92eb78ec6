"""What do departments report back about a request, and what do people at a desk decide about it?"""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from libs.events.envelope import EventData
from libs.events.fields import HOPS_MAX, Code, Language, Name, RequestId, Sealed, Sentence
from libs.events.requests import ContactChannels, Hops, RequestAccepted


class _Progressed(EventData):
    request_id: RequestId
    reference: Code
    territory: Code
    service: Code | None = None
    language: Language
    department: Code
    by: Name
    note: Sealed | None = None
    at: datetime
    contact: Sealed | None = None
    contact_channels: ContactChannels = Field(default_factory=list)


class RequestAcknowledged(_Progressed):
    """The department has seen it."""

    TYPE: ClassVar[str] = "guichet.RequestAcknowledged.v1"


class RequestStarted(_Progressed):
    """Work has begun."""

    TYPE: ClassVar[str] = "guichet.RequestStarted.v1"

    expected: date | None = None
    """The day by which the department expects to be done."""


class RequestResolved(_Progressed):
    """Work has ended."""

    TYPE: ClassVar[str] = "guichet.RequestResolved.v1"

    outcome_code: Literal["solved", "moved", "duplicate", "no_action"]
    reason: Sentence | None = None


class RequestRefused(_Progressed):
    """Not ours. Carries the request, so that the router, which keeps nothing, can decide again."""

    TYPE: ClassVar[str] = "guichet.RequestRefused.v1"

    reason: Sentence
    refusers: Annotated[list[Code], Field(max_length=HOPS_MAX)]
    hops: Hops
    accepted: RequestAccepted
    was_assigned: bool | None = None
    """A person had chosen this department, so a person is asked again, not the rules."""


class RequestAssigned(_Progressed):
    """A person gave it to `department`, whatever the rules say. Carries the request, with the service that the person
    chose, so that the router, which keeps nothing, can announce the owner; `previous` had it until now."""

    TYPE: ClassVar[str] = "guichet.RequestAssigned.v1"

    service: Code
    previous: Code | None = None
    refusers: Annotated[list[Code], Field(max_length=HOPS_MAX)]
    hops: Hops
    accepted: RequestAccepted
