"""Which events exist? All of them, by type, and the parts they are made of."""

from collections.abc import Mapping
from types import MappingProxyType

from libs.events.audit import CheckpointPublished
from libs.events.decision import Candidate, Decision, Party, Reason
from libs.events.directory import DirectoryPart, DirectoryPublished, DirectoryWithdrawn
from libs.events.envelope import EventData
from libs.events.notices import NoticeFailed, NoticeIndeterminate, NoticeSent
from libs.events.place import Contact, Place, PlaceGiven
from libs.events.progress import (
    RequestAcknowledged,
    RequestAssigned,
    RequestRefused,
    RequestResolved,
    RequestStarted,
)
from libs.events.reading import Guess, Reading
from libs.events.requests import RequestAccepted, RequestHeld, RequestRouted, RequestSubmitted

__all__ = [
    "EVENTS",
    "Candidate",
    "CheckpointPublished",
    "Contact",
    "Decision",
    "DirectoryPart",
    "DirectoryPublished",
    "DirectoryWithdrawn",
    "Guess",
    "NoticeFailed",
    "NoticeIndeterminate",
    "NoticeSent",
    "Party",
    "Place",
    "PlaceGiven",
    "Reading",
    "Reason",
    "RequestAccepted",
    "RequestAcknowledged",
    "RequestAssigned",
    "RequestHeld",
    "RequestRefused",
    "RequestResolved",
    "RequestRouted",
    "RequestStarted",
    "RequestSubmitted",
]

_CLASSES: tuple[type[EventData], ...] = (
    RequestSubmitted,
    RequestAccepted,
    RequestRouted,
    RequestHeld,
    RequestAcknowledged,
    RequestStarted,
    RequestResolved,
    RequestRefused,
    RequestAssigned,
    NoticeSent,
    NoticeFailed,
    NoticeIndeterminate,
    DirectoryPart,
    DirectoryPublished,
    DirectoryWithdrawn,
    CheckpointPublished,
)
EVENTS: Mapping[str, type[EventData]] = MappingProxyType({data.TYPE: data for data in _CLASSES})
