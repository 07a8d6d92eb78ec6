"""Who was told what, over which channel, and did it arrive?"""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from libs.events.envelope import EventData
from libs.events.fields import Code, Count, Language, Name, RequestId, Sentence


class _Notice(EventData):
    notice_id: UUID
    request_id: RequestId
    audience: Literal["citizen", "department", "desk"]
    kind: Literal[
        "acknowledged", "routed", "held", "resolved", "new_request", "no_longer_yours", "to_decide", "to_arbitrate"
    ]
    channel: Literal["email", "webhook"]
    recipient: Annotated[Code, Field(description="pseudonym: HMAC of the address, never the address")]
    language: Language
    attempts: Count
    message_id: Name | None = None
    reason: Sentence | None = None


class NoticeSent(_Notice):
    """The next system took it over."""

    TYPE: ClassVar[str] = "guichet.NoticeSent.v1"


class NoticeFailed(_Notice):
    """It will not arrive, and `reason` says why."""

    TYPE: ClassVar[str] = "guichet.NoticeFailed.v1"


class NoticeIndeterminate(_Notice):
    """It may have arrived: the answer was lost, and sending again could tell someone twice."""

    TYPE: ClassVar[str] = "guichet.NoticeIndeterminate.v1"
