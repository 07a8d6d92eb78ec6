"""What does every event carry around its data?"""

from dataclasses import field
from datetime import UTC, datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from libs.value import named_value

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of another system's event that says none: CloudEvents leaves it open, and so does `foreign_event_id`."""


class EventData(BaseModel):
    """The body of one kind of event. Fields that this version does not know are ignored: change is additive."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    TYPE: ClassVar[str] = ""
    FOREIGN: ClassVar[bool] = False
    """Made by other systems: its CloudEvents id may be any text, and no request id exists yet."""

    def subject(self) -> str:
        """What the event is about, and the record key, so that order is kept per subject."""
        request_id: UUID = self.request_id  # type: ignore[attr-defined]  # every event but four is about a request
        return str(request_id)


class Origin(NamedTuple):
    """The system that handed a request in, and its own number for it."""

    source: str
    number: str


@named_value
class Envelope:
    """What a CloudEvent says besides its data. `id` is deterministic: the same work done twice makes the same event."""

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    causation_id: UUID | None = None
    directory_version: str | None = None
    traceparent: str | None = None
    replay_id: str | None = None
    replay_depth: int = 0
    source_id: str | None = None
    """The id as another system gave it; `id` is then made from (source, source_id)."""
    origin: Origin | None = None
    """Who handed in the request that this is about. No part of what the id is made from: versions without it agree."""


@named_value
class Event(Envelope):
    """One CloudEvent."""

    data: EventData
    content: bytes | None = field(default=None, compare=False, repr=False)
    """The data's own bytes, when the event was read: with fields that this version does not know."""


class InvalidEvent(Exception):
    """A record or document that is no event of ours, and never will be. The message names the field and the remedy."""

    def __init__(self, slug: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.slug = slug
        self.message = message
        self.field = field
