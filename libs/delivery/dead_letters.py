"""Where does a record go that we had to give up on? To `<service>.dead.v1`, complete, with the reason beside it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from libs.delivery.errors import KafkaAway, Rejected
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_reader, within
from libs.delivery.letter_size import PREFIX, fitted
from libs.delivery.messages import OutgoingRecord, Received
from libs.delivery.publisher import Publisher
from libs.events.topics import dead_topic

MESSAGE_CHARACTERS_MAX = 1000  # a reason is a sentence; a validator's report can be as long as the record


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a record was given up on, and how often and since when it was tried."""

    error: Rejected
    attempts: int
    first_at: datetime
    last_at: datetime


def dead_letter(received: Received, verdict: Verdict, *, service: str, version: str) -> OutgoingRecord:
    """The original key, bytes and headers (also null and non-UTF-8 ones), and ours after them.

    A record that was dead before and came back carries older headers of ours: they are replaced, and its attempts
    and first time are carried on.
    """
    kept = [(name, value) for name, value in received.headers if not name.startswith(PREFIX)]
    before = {name: value for name, value in received.headers if name.startswith(PREFIX)}
    ours = {
        "topic": received.topic,
        "partition": str(received.partition),
        "offset": str(received.offset),
        "timestamp": str(received.timestamp_ms),
        "slug": verdict.error.slug,
        "message": verdict.error.message[:MESSAGE_CHARACTERS_MAX],
        "service": service,
        "version": version,
        "attempts": str(verdict.attempts + _number(before.get(PREFIX + "attempts"))),
        "last-at": verdict.last_at.isoformat(),
    }
    first_at = before.get(PREFIX + "first-at") or verdict.first_at.isoformat().encode()
    headers = [*kept, *((PREFIX + name, text.encode("utf-8", "replace")) for name, text in ours.items())]
    headers.append((PREFIX + "first-at", first_at))
    value = received.value
    if received.key is None and value is None:
        value = b""  # aiokafka writes no record without both
        headers.append((PREFIX + "value", b"null"))
    return fitted(OutgoingRecord(dead_topic(service), received.key, value, headers))


def _number(value: bytes | None) -> int:
    """A count that was written by us, or by anyone: the header may hold anything."""
    return int(value) if value is not None and value.isdigit() and len(value) < 10 else 0


class DeadLetters:
    """Writes the dead letters of one service, and counts those that are kept."""

    def __init__(self, service: str, publisher: Publisher, settings: KafkaSettings, version: str) -> None:
        self._service = service
        self._publisher = publisher
        self._settings = settings
        self._version = version

    async def write(self, given_up: Sequence[tuple[Received, Verdict]]) -> None:
        """Raises `Unavailable` when they cannot be written; the caller must then not commit past them."""
        letters = [dead_letter(each, at, service=self._service, version=self._version) for each, at in given_up]
        try:
            await self._publisher.publish_records(letters)
        except Rejected as error:  # its topic takes less than we send: the record waits until somebody mends that
            raise KafkaAway(f"{dead_topic(self._service)} refuses a dead letter: {error.message}") from error

    async def count(self) -> int:
        """How many are kept in the topic, of this run and of earlier ones. Raises `Unavailable`."""
        partition = TopicPartition(dead_topic(self._service), 0)
        reader = make_reader(self._settings)
        try:
            async with asyncio.timeout(self._settings.admin_seconds_max):
                await reader.start()
                reader.assign([partition])
                reader.pause(partition)  # only its ends are of interest
                first = await reader.beginning_offsets([partition])
                end = await reader.end_offsets([partition])
        except (KafkaError, OSError, TimeoutError) as error:
            raise KafkaAway("Kafka does not say how many dead letters there are") from error
        finally:
            await within(STOP_SECONDS_MAX, reader.stop(), "the dead letters' reader")
        return int(end[partition] - first[partition])


def now() -> datetime:
    return datetime.now(UTC)
