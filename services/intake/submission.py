"""What goes into intake, and what does its sender get back?"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from libs.delivery.errors import Rejected
from libs.events.models import RequestSubmitted
from services.intake.rules import Channel, Refusal


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in, and by whom. `source` and `source_id` together say whether it was handed in before."""

    data: RequestSubmitted
    channel: Channel
    source: str
    source_id: str | None = None
    causation_id: UUID | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a submission; a repeated submission gets the same one. `token` opens the status page."""

    request_id: UUID
    reference: str
    token: str
    safety: Mapping[str, str] | None = None
    """What to do at once, in each language, when the request is about danger."""


def rejected(refusal: Refusal) -> Rejected:
    """A rule's refusal as the error that both doors understand."""
    return Rejected(refusal.message, slug=refusal.slug, field=refusal.field)
