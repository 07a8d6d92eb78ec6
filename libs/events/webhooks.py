"""What is a department's own system told? The body of each webhook, by its type.

These are no events of Kafka: what is sealed there stands here in the clear, for the one department that is meant, and
links lead on. They have names of their own, and change as events do: within a version, fields are only added.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from libs.events.decision import Decision, Party
from libs.events.fields import Answers, Code, Language, Name, RequestId
from libs.events.place import Place
from libs.events.requests import ContactChannels, Hops

WebhookKind = Literal["new_request", "no_longer_yours", "to_decide", "to_arbitrate"]

Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class NoticeOrigin(BaseModel):
    """The system that handed the request in, and its own number for it."""

    source: Name
    number: Name


class NoticeLinks(BaseModel):
    """Where to go on from here."""

    request: Annotated[Address, Field(description="where the request stands; GET with a key of the scope `read`")]
    progress: Annotated[
        Address | None,
        Field(description="say acknowledged, started, resolved or refused; POST with a key of the scope `progress`"),
    ] = None
    answer: Annotated[
        Address | None,
        Field(description="a page for a person of the department, who can answer there without a key: a secret"),
    ] = None
    console: Annotated[Address | None, Field(description="where a person at the desk decides")] = None


class _NoticeData(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    request_id: RequestId
    reference: Annotated[Code, Field(description="what a person reads out at the counter")]
    territory: Code
    language: Annotated[Language, Field(description="the person's")]
    service: Code | None = None
    hops: Annotated[Hops, Field(description="how often it was refused before")] = 0
    contact_channels: Annotated[ContactChannels, Field(description="how the person is told; never the address")] = []
    origin: NoticeOrigin | None = None
    links: NoticeLinks


class _Decided(_NoticeData):
    decision: Decision
    place: Place
    answers: Answers = {}


class NewRequestData(_Decided):
    """A request that the department has now."""

    service: Code
    description: Annotated[str | None, Field(description="what the person wrote, in the clear")] = None
    note: Annotated[str | None, Field(description="what whoever assigned it wants the department to know")] = None


class NoLongerYoursData(_NoticeData):
    """A request that a person gave to another department."""

    service: Code
    department: Annotated[Code, Field(description="who has it now")]
    previous: Annotated[Code | None, Field(description="who had it: you")] = None
    by: Annotated[Name, Field(description="who gave it")]
    at: datetime
    refusers: list[Code] = []


class ToDecideData(_Decided):
    """A request for which a person at the desk must choose. What the person wrote is read at the console."""

    desk: Party


class _Notice(BaseModel):
    timestamp: Annotated[datetime, Field(description="when that happened which is told")]


class NewRequestNotice(_Notice):
    """You have a new request."""

    type: Literal["guichet.notice.new_request.v1"]
    data: NewRequestData


class NoLongerYoursNotice(_Notice):
    """A request was given to another department."""

    type: Literal["guichet.notice.no_longer_yours.v1"]
    data: NoLongerYoursData


class ToDecideNotice(_Notice):
    """A request waits for your decision."""

    type: Literal["guichet.notice.to_decide.v1"]
    data: ToDecideData


class ToArbitrateNotice(_Notice):
    """Too many have refused a request; the arbitration desk settles who has it."""

    type: Literal["guichet.notice.to_arbitrate.v1"]
    data: ToDecideData


WEBHOOKS: Mapping[WebhookKind, type[BaseModel]] = MappingProxyType(
    {
        "new_request": NewRequestNotice,
        "no_longer_yours": NoLongerYoursNotice,
        "to_decide": ToDecideNotice,
        "to_arbitrate": ToArbitrateNotice,
    }
)


def webhook_type(kind: str) -> str:
    """How the webhook for a notice of this kind is called."""
    return f"guichet.notice.{kind}.v1"
