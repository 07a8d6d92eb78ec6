"""What is handed to a channel, and what must every channel be able to do?"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from libs.events.envelope import Origin
from services.notifier.outcomes import Answer
from services.notifier.rules import Audience, ChannelName, Kind


@dataclass(frozen=True, slots=True)
class Taken:
    """A notice whose turn has come. It is marked as being sent, durably, before anyone outside hears of it."""

    notice_id: UUID
    event_id: UUID
    request_id: UUID
    audience: Audience
    kind: Kind
    channel: ChannelName
    recipient: str
    language: str
    destination: str
    address: str | None
    sealed: Mapping[str, str]
    facts: Mapping[str, Any]
    directory_version: str | None
    attempts: int
    sender: UUID
    gone_reason: str | None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """Ready to go. `message_id` is the same at every attempt, so that a receiver can tell a repeat."""

    message_id: str
    address: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a channel is used at once. A lane is one connection that carries a group of notices."""

    lanes_max: int
    lanes_per_destination_max: int
    group_notices_max: int


class Undeliverable(Exception):
    """There is no letter to send or nowhere to send it, and never will be; the message is a reason without a person."""


class Line(Protocol):
    """An open connection to one destination."""

    @property
    def is_worn(self) -> bool:
        """Whether the next letter had better have a connection of its own."""
        ...

    async def send(self, letter: Letter) -> Answer:
        """Hand over one letter. What goes wrong is an answer, never an exception."""
        ...


class Away(Exception):
    """The destination cannot be reached; nothing was handed over."""

    def __init__(self, reason: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class Channel(Protocol):
    """One way of telling someone."""

    name: ChannelName
    limits: Limits

    def write(self, notice: Taken, opened: Mapping[str, bytes]) -> Letter:
        """The letter for a notice, with what was sealed opened. Raises `Undeliverable`."""
        ...

    def line(self, destination: str) -> AbstractAsyncContextManager[Line]:
        """Lend a connection. Entering it raises `Away` or `Undeliverable`."""
        ...

    async def close(self) -> None:
        """Let go of connections kept for later."""
        ...
