"""Who is told what, over which channel, in which language? Pure functions of event and release."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from libs.directory import Release
from libs.events.envelope import Event, EventData
from libs.events.identity import event_id
from libs.events.models import (
    Party,
    RequestAccepted,
    RequestAssigned,
    RequestHeld,
    RequestResolved,
    RequestRouted,
)

Audience = Literal["citizen", "department", "desk"]
Kind = Literal[
    "acknowledged", "routed", "held", "resolved", "new_request", "no_longer_yours", "to_decide", "to_arbitrate"
]
ChannelName = Literal["email", "webhook"]

LANGUAGES = ("en", "fr", "sv")  # that there are templates in; the first serves whoever speaks none of them
RELAY = "smtp"  # all mail goes to one relay, so it is one destination
NOTICE = "guichet.Notice"  # sets the ids of notices apart from those of events

# What is said on hearing of it, and to whom. An event that is not here is heard and told to nobody.
TOLD: Mapping[type[EventData], tuple[tuple[Audience, Kind], ...]] = MappingProxyType(
    {
        RequestAccepted: (("citizen", "acknowledged"),),
        RequestRouted: (("citizen", "routed"), ("department", "new_request")),
        RequestHeld: (("citizen", "held"), ("desk", "to_decide")),
        RequestAssigned: (("department", "no_longer_yours"),),
        RequestResolved: (("citizen", "resolved"),),
    }
)
# “Received” waits a little for the decision; when that comes first, its letter says both, and this one is not sent.
SUPERSEDED: Kind = "acknowledged"
SUPERSEDING: tuple[Kind, ...] = ("routed", "held", "resolved")
DISPUTED = "hop-limit"  # the router's reason when too many have refused: the desk is asked to settle, not to choose
# Which sealed fields of the event a letter of this kind opens. A department needs no citizen's address, and a desk
# reads what was written on its console, where each reading is recorded.
OPENED: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        "acknowledged": ("contact",),
        "routed": ("contact",),
        "held": ("contact",),
        "resolved": ("contact", "note"),
        "new_request": ("description", "note"),
        "no_longer_yours": (),
        "to_decide": (),
        "to_arbitrate": (),
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One notice that an event calls for. `address` is None for a citizen: it is still sealed."""

    audience: Audience
    kind: Kind
    channel: ChannelName
    language: str
    destination: str
    address: str | None
    sealed: Mapping[str, str]


def wanted(event: Event, release: Release) -> list[Wanted]:
    """All notices of one event. A citizen without an address, and a department without an endpoint, cannot be told."""
    notices: list[Wanted] = []
    for audience, kind in TOLD.get(type(event.data), ()):
        if audience == "citizen":
            notices += _to_citizen(event.data, kind, release)
        else:
            notices += _to_department(event.data, audience, kind, release)
    return notices


def recipient_of(data: EventData, audience: Audience) -> str | None:
    """Which department a notice to departments or desks goes to."""
    party: Party | None = None
    if isinstance(data, RequestRouted):
        party = data.decision.department
    elif isinstance(data, RequestHeld):
        party = data.desk if audience == "desk" else None
    elif isinstance(data, RequestAssigned):
        return data.previous
    return party.code if party else None


def _to_citizen(data: EventData, kind: Kind, release: Release) -> list[Wanted]:
    assert isinstance(data, RequestAccepted | RequestRouted | RequestHeld | RequestResolved)
    if data.contact is None or "email" not in data.contact_channels:
        return []
    language = language_for(data.language, release.territory.languages)
    return [Wanted("citizen", kind, "email", language, RELAY, None, _sealed(data, kind))]


def _to_department(data: EventData, audience: Audience, kind: Kind, release: Release) -> list[Wanted]:
    """Over every endpoint that the department has in the release of the event, in the territory's own language."""
    department = release.departments.get(recipient_of(data, audience) or "")
    if department is None:
        return []
    if isinstance(data, RequestHeld) and any(reason.code == DISPUTED for reason in data.decision.reasons):
        kind = "to_arbitrate"
    language = language_for(None, release.territory.languages)
    endpoints: Iterable[tuple[ChannelName, str | None, str]] = (
        ("email", department.email, RELAY),
        ("webhook", department.webhook, department.webhook or ""),
    )
    return [
        Wanted(audience, kind, channel, language, destination, address, _sealed(data, kind))
        for channel, address, destination in endpoints
        if address
    ]


def _sealed(data: EventData, kind: Kind) -> dict[str, str]:
    fields = {field: getattr(data, field, None) for field in OPENED[kind]}
    return {field: text for field, text in fields.items() if text}


def language_for(asked: str | None, spoken: Sequence[str], written: Collection[str] = LANGUAGES) -> str:
    """The language asked for, else the territory's first, else English: the first of these that we can write."""
    choices = [asked.partition("-")[0]] if asked else []
    return next((language for language in [*choices, *spoken] if language in written), LANGUAGES[0])


def notice_id(event: Event, notice: Wanted, recipient: str) -> UUID:
    """The same notice planned twice has the same id, which is also in its Message-ID and its webhook-id."""
    parts = "\0".join((notice.audience, notice.channel, recipient))
    return event_id(UUID(event.subject), NOTICE, event.id, hashlib.sha256(parts.encode()).digest())
