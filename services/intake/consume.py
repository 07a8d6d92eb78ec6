"""Which function hears which topic? Translation only: events in, submissions and projections out."""

from collections.abc import Mapping, Sequence

from libs.delivery.errors import Rejected
from libs.delivery.messages import GivenUp, Handler, Incoming
from libs.events.envelope import Event, EventData
from libs.events.models import (
    NoticeFailed,
    NoticeIndeterminate,
    NoticeSent,
    RequestHeld,
    RequestRouted,
    RequestSubmitted,
)
from libs.events.topics import NOTICES_SENT, REQUESTS_INBOUND, REQUESTS_ROUTED
from services.intake.accept import Acceptance
from services.intake.project import Projection
from services.intake.submission import Submission


def handlers(acceptance: Acceptance, projection: Projection) -> Mapping[str, Handler]:
    """Each topic that intake reads, and its handler; the directory's topic is read by `libs.delivery.releases`."""

    async def on_submitted(batch: Sequence[Incoming]) -> list[GivenUp]:
        expected, given_up = _expected(batch, RequestSubmitted)
        answers = await acceptance.accept_batch([submission_in(incoming.event) for incoming in expected])
        for incoming, answer in zip(expected, answers, strict=True):
            if isinstance(answer, Rejected):
                given_up.append(GivenUp(incoming, answer))
        return given_up

    async def on_decided(batch: Sequence[Incoming]) -> list[GivenUp]:
        expected, given_up = _expected(batch, RequestRouted, RequestHeld)
        await projection.apply_decisions([incoming.event for incoming in expected])
        return given_up

    async def on_noticed(batch: Sequence[Incoming]) -> list[GivenUp]:
        expected, given_up = _expected(batch, NoticeSent, NoticeFailed, NoticeIndeterminate)
        await projection.apply_notices([incoming.event for incoming in expected])
        return given_up

    return {REQUESTS_INBOUND: on_submitted, REQUESTS_ROUTED: on_decided, NOTICES_SENT: on_noticed}


def submission_in(event: Event) -> Submission:
    """A foreign event as a submission. The sender's number is data.source_id, or else the event's own id."""
    assert isinstance(event.data, RequestSubmitted)
    return Submission(
        data=event.data,
        channel="kafka",
        source=event.source,
        source_id=event.data.source_id or event.source_id,
        causation_id=event.id,
        traceparent=event.traceparent,
    )


def _expected(batch: Sequence[Incoming], *kinds: type[EventData]) -> tuple[list[Incoming], list[GivenUp]]:
    """Those that belong on this topic, and those that a mistaken sender put there."""
    expected = [incoming for incoming in batch if isinstance(incoming.event.data, kinds)]
    names = " or ".join(kind.TYPE for kind in kinds)
    strays = (incoming for incoming in batch if not isinstance(incoming.event.data, kinds))
    return expected, [GivenUp(stray, _wrong_topic(stray, names)) for stray in strays]


def _wrong_topic(stray: Incoming, names: str) -> Rejected:
    message = f"{stray.event.type} does not belong on {stray.topic}; send {names} there"
    return Rejected(message, slug="wrong-topic", field="ce_type")
