"""Which topics exist, what do they carry, who writes and who reads them?

The only place where topics are named. Provisioning, the AsyncAPI document and the table in the README follow it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from libs.events.envelope import EventData, InvalidEvent
from libs.events.models import (
    CheckpointPublished,
    DirectoryPart,
    DirectoryPublished,
    DirectoryWithdrawn,
    NoticeFailed,
    NoticeIndeterminate,
    NoticeSent,
    RequestAccepted,
    RequestAcknowledged,
    RequestAssigned,
    RequestHeld,
    RequestRefused,
    RequestResolved,
    RequestRouted,
    RequestStarted,
    RequestSubmitted,
)

SERVICES = ("intake", "router", "notifier", "audit")
OTHER_SYSTEMS = "other systems"
OPERATORS = "operators"
ANYONE = "anyone"

REQUESTS_INBOUND = "requests.inbound.v1"
REQUESTS_ACCEPTED = "requests.accepted.v1"
REQUESTS_ROUTED = "requests.routed.v1"
REQUESTS_PROGRESSED = "requests.progressed.v1"
NOTICES_SENT = "notices.sent.v1"
DIRECTORY_PUBLISHED = "directory.published.v1"
AUDIT_CHECKPOINTS = "audit.checkpoints.v1"

BY_REQUEST_PARTITIONS = 6  # four services on a few cores keep up with thousands a second; more only cost rebalances
IN_ORDER_PARTITIONS = 1  # one order over the whole topic matters more than speed


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the map. `retention_days` None means for ever (compacted); `key` says what keeps its order."""

    name: str
    events: tuple[type[EventData], ...]
    writer: str
    readers: tuple[str, ...]
    retention_days: int | None
    compacted: bool
    partitions: int
    key: str
    summary: str


def dead_topic(service: str) -> str:
    """Where a service puts what it had to give up on."""
    return f"{service}.dead.v1"


def _by_request(
    name: str,
    events: tuple[type[EventData], ...],
    writer: str,
    readers: tuple[str, ...],
    retention_days: int,
    summary: str,
    key: str = "request_id",
) -> Topic:
    return Topic(name, events, writer, readers, retention_days, False, BY_REQUEST_PARTITIONS, key, summary)


_TOPICS = (
    _by_request(
        REQUESTS_INBOUND,
        (RequestSubmitted,),
        OTHER_SYSTEMS,
        ("intake",),
        3,
        "requests that other systems hand in",
        key="source_id",
    ),
    _by_request(
        REQUESTS_ACCEPTED,
        (RequestAccepted,),
        "intake",
        ("router", "notifier", "audit"),
        90,
        "requests that are kept and will not be lost",
    ),
    _by_request(
        REQUESTS_ROUTED,
        (RequestRouted, RequestHeld),
        "router",
        ("intake", "notifier", "audit"),
        90,
        "who owns a request and why, or who must choose",
    ),
    _by_request(
        REQUESTS_PROGRESSED,
        (RequestAcknowledged, RequestStarted, RequestResolved, RequestRefused, RequestAssigned),
        "intake",
        ("router", "notifier", "audit"),
        90,
        "what departments report back, and to whom people assign",
    ),
    _by_request(
        NOTICES_SENT,
        (NoticeSent, NoticeFailed, NoticeIndeterminate),
        "notifier",
        ("intake", "audit"),
        30,
        "who was told, and whether it arrived",
    ),
    Topic(
        DIRECTORY_PUBLISHED,
        (DirectoryPart, DirectoryPublished, DirectoryWithdrawn),
        OPERATORS,
        SERVICES,
        None,
        True,
        IN_ORDER_PARTITIONS,
        "territory/version[/part]",
        "releases of the directory: who owns what",
    ),
    Topic(
        AUDIT_CHECKPOINTS,
        (CheckpointPublished,),
        "audit",
        (ANYONE,),
        365,
        False,
        IN_ORDER_PARTITIONS,
        "origin",
        "signed size and root of the audit log",
    ),
    *(
        Topic(
            dead_topic(service),
            (),
            service,
            (OPERATORS,),
            365,
            False,
            IN_ORDER_PARTITIONS,
            "as it came",
            f"what {service} had to give up on, as it came, with the reason",
        )
        for service in SERVICES
    ),
)
TOPICS: Mapping[str, Topic] = MappingProxyType({topic.name: topic for topic in _TOPICS})
_TOPIC_OF: Mapping[str, Topic] = {data.TYPE: topic for topic in _TOPICS for data in topic.events}


def topic_of(event_type: str) -> Topic:
    """The one topic that carries this type of event."""
    try:
        return _TOPIC_OF[event_type]
    except KeyError:
        raise InvalidEvent("unknown-type", f"no topic carries {event_type!r:.120}; see libs/events/topics.py") from None


def consumer_group(service: str) -> str:
    """The one Kafka consumer group of a service."""
    return f"guichet-{service}"


def is_read_whole(topic: Topic, service: str) -> bool:
    """Whether every process of the service reads the topic from its beginning, without a group.

    Releases of the directory are state that each process needs in full; audit only records that they came.
    """
    return topic.compacted and service != "audit"


def topics_read_by(service: str) -> tuple[Topic, ...]:
    """What a service listens to, in the order of the map."""
    return tuple(topic for topic in _TOPICS if service in topic.readers)
