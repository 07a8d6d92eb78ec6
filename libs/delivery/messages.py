"""What does a handler get, and what may it answer?

A handler gets the events of one topic in offset order and answers in one of three ways: it returns (done; those in
`GivenUp` are dead-lettered), it raises `Unavailable` (the same events again, later), or it raises anything else
(the batch is split until the culprit stands alone, which is dead-lettered; a bug only after a few more tries).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import orjson

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

SOURCE_CHARACTERS_MAX = 200  # of a sender's name that is kept for counting; a source is a URI reference of any length


def sender_of(received: Received) -> str:
    """The event's source, as far as the record tells; "" where it does not."""
    if isinstance(received, Incoming):
        return received.event.source[:SOURCE_CHARACTERS_MAX]
    named = next((value for name, value in received.headers if name.lower() == "ce_source" and value), None)
    if named is None:
        named = _source_within(received.value)
    return named.decode("utf-8", "replace")[:SOURCE_CHARACTERS_MAX]


def _source_within(value: bytes | None) -> bytes:
    """Of a structured document that is JSON, whatever else is wrong with it."""
    try:
        document = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return b""
    source = document.get("source") if isinstance(document, dict) else None
    return source.encode("utf-8", "replace") if isinstance(source, str) else b""


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
