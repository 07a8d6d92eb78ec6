"""What does a handler get, and what may it answer?

A handler gets the events of one topic in offset order and answers in one of three ways: it returns (done; those in
`GivenUp` are dead-lettered), it raises `Unavailable` (the same events again, later), or it raises anything else
(the batch is split until the culprit stands alone, which is dead-lettered; a bug only after a few more tries).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from libs.delivery.errors import Rejected
from libs.events.envelope import Event
from libs.value import value

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(slots=True)
class Incoming:
    """One event as it was read, with the bytes it came from."""

    event: Event
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


@dataclass(slots=True)
class Unreadable:
    """One record that is no event of ours, and why."""

    error: Rejected
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


Received = Incoming | Unreadable


@dataclass(slots=True, frozen=True)
class GivenUp:
    """A handler's word that this event can never be handled."""

    incoming: Received
    error: Rejected


Handler = Callable[[Sequence[Incoming]], Awaitable[Sequence[GivenUp] | None]]


@value
class OutgoingRecord:
    """One record to be written to a topic, already encoded. Without a time it gets the present one."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int | None = None
