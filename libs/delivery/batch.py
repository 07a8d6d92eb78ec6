"""What happens to a batch of records? Each is done, dead-lettered, or read again later."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from libs.delivery.dead_letters import DeadLetters, Verdict, now
from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.messages import GivenUp, Handler, Incoming, Received, Unreadable, sender_of
from libs.delivery.stop_limit import OURSELVES, StopLimit
from libs.events.cloudevents import decode
from libs.events.envelope import InvalidEvent
from libs.events.identity import is_as_made

log = structlog.get_logger(__name__)

RETRIES_OF_A_BUG = 3  # what looks like a bug may be a race; more tries would only hold up the others
BUG_RETRY_SECONDS = (0.05, 0.2, 0.5)
HANDLER_SECONDS_MAX = 45.0  # over the database's own limit of 30 s; a handler past it is told to try again later
BUGS = frozenset({"bug", "undecodable"})  # the slugs of what nobody but us can have done wrong
BATCH_SECONDS_MAX = 60.0  # what is left after this is read again: a rebalance waits for the whole batch
OTHER_CONTENT = (
    "ce_id is not the id of this content: the event was changed after it was made. Send the record as it was first; "
    "what shall be done otherwise is asked for at a door (the counter, the interface, the desk), not on this topic"
)


@dataclass(slots=True)
class BatchCounts:
    """What happened since the start of the process, for the metrics."""

    handled: int = 0
    given_up: int = 0
    put_back: int = 0
    bugs: int = 0
    batches: int = 0
    seconds: float = 0.0
    slugs: Counter[str] = field(default_factory=Counter)
    """Of those given up: why. Slugs are words of our own code, so there are few."""


@dataclass(slots=True)
class Outcome:
    """What of a batch is durable, and why the rest is not."""

    done: set[tuple[str, int, int]] = field(default_factory=set)
    trouble: Unavailable | None = None


def read(record: Any, *, whatever_it_says: bool = False) -> Received:
    """Decode one ConsumerRecord; whatever is wrong with it becomes an `Unreadable`, never an exception.

    An event that was changed under its id is nothing to act on: its readers may have acted on the first already. Only
    who keeps a record of what was said reads it, `whatever_it_says`.
    """
    place = (
        record.topic,
        record.partition,
        record.offset,
        record.key,
        record.value,
        record.headers,
        record.timestamp,
    )
    try:
        event = decode(record.value, record.headers)
        if whatever_it_says or is_as_made(event):
            return Incoming(event, *place)
        return Unreadable(Rejected(OTHER_CONTENT, slug="other-content", field="ce_id"), *place)
    except InvalidEvent as error:
        return Unreadable(Rejected(error.message, slug=error.slug, field=error.field), *place)
    except Exception as error:  # noqa: BLE001  bytes from anyone: one record must not stop the others
        log.warning("decoder_failed", topic=record.topic, offset=record.offset, error=type(error).__name__)
        return Unreadable(Rejected("the record cannot be decoded", slug="undecodable"), *place)


def _blamed(given_up: tuple[Received, Rejected, int]) -> str | None:
    """Whose fault it is that this was given up on."""
    received, error, _ = given_up
    return OURSELVES if error.slug in BUGS else sender_of(received)


class Batches:
    """Takes batches through the handlers of one service."""

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        dead_letters: DeadLetters,
        limits: Mapping[str, StopLimit],
        *,
        whatever_they_say: bool = False,
    ) -> None:
        """`whatever_they_say`: also events that were changed under their id (see `read`)."""
        self._handlers = handlers
        self._whatever_they_say = whatever_they_say
        self._dead_letters = dead_letters
        self._limits = limits
        self._began_at = now()
        self.counts = BatchCounts()

    async def process(self, records: Sequence[Any]) -> Outcome:
        """Handle topic by topic in offset order. One topic's trouble, or its rest, does not hold up the others."""
        outcome, began = Outcome(), time.monotonic()
        self._began_at = now()
        by_topic: dict[str, list[Received]] = {}
        for record in records:
            by_topic.setdefault(record.topic, []).append(read(record, whatever_it_says=self._whatever_they_say))
        for topic, received in by_topic.items():
            try:
                await self._process_topic(self._handlers[topic], received, outcome.done, began + BATCH_SECONDS_MAX)
            except Unavailable as trouble:
                outcome.trouble = trouble
        self.counts.batches += 1
        self.counts.seconds += time.monotonic() - began
        self.counts.put_back += len(records) - len(outcome.done)
        return outcome

    async def _process_topic(
        self, handler: Handler, received: list[Received], done: set[tuple[str, int, int]], deadline: float
    ) -> None:
        """Halve what fails until the culprit stands alone. Raises `Unavailable`; `done` then says how far it came."""
        waiting, limit = [received], self._limits[received[0].topic]
        while waiting and not limit.is_reached:
            part = waiting.pop()
            if time.monotonic() > deadline:
                raise Unavailable("the batch takes too long; the rest is read again", retry_after_seconds=0.0)
            try:
                given_up = await self._attempt(handler, part)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001  a bug in a handler must not stop the consumer
                if len(part) > 1:
                    middle = len(part) // 2
                    waiting += [part[middle:], part[:middle]]
                    continue
                given_up = await self._alone(handler, part[0], error)
            await self._settle(part, given_up, done)

    async def _attempt(self, handler: Handler, part: Sequence[Received]) -> list[tuple[Received, Rejected, int]]:
        incoming = [each for each in part if isinstance(each, Incoming)]
        given_up: Sequence[GivenUp] | None = None
        if incoming:
            try:
                async with asyncio.timeout(HANDLER_SECONDS_MAX):
                    given_up = await handler(incoming)
            except TimeoutError as error:
                raise Unavailable(f"no answer within {HANDLER_SECONDS_MAX:.0f} s", slug="handler-timeout") from error
        unreadable = [(each, each.error, 1) for each in part if isinstance(each, Unreadable)]
        return unreadable + [(each.incoming, each.error, 1) for each in given_up or ()]

    async def _alone(
        self, handler: Handler, culprit: Received, error: Exception
    ) -> list[tuple[Received, Rejected, int]]:
        """A lone `Rejected` is given up at once, a lone bug only after a few more tries."""
        attempts = 1
        while not isinstance(error, Rejected):
            self.counts.bugs += 1
            log.error("bug", topic=culprit.topic, partition=culprit.partition, offset=culprit.offset, exc_info=error)
            if attempts > RETRIES_OF_A_BUG:
                error = Rejected(f"a bug: {type(error).__name__}", slug="bug")
                break
            await asyncio.sleep(BUG_RETRY_SECONDS[attempts - 1])
            attempts += 1
            try:
                return await self._attempt(handler, [culprit])
            except Unavailable:
                raise
            except Exception as again:  # noqa: BLE001  see above
                error = again
        return [(culprit, error, attempts)]

    async def _settle(
        self,
        part: Sequence[Received],
        given_up: Sequence[tuple[Received, Rejected, int]],
        done: set[tuple[str, int, int]],
    ) -> None:
        """Write the dead letters, then call the whole part done. At the topic's stop limit neither happens."""
        limit = self._limits[part[0].topic]
        limit.count(Counter(map(sender_of, part)), Counter(map(_blamed, given_up)))
        if limit.is_reached:
            return
        if given_up:
            ended_at = now()
            verdicts = [
                (each, Verdict(error, attempts, self._began_at, ended_at)) for each, error, attempts in given_up
            ]
            await self._dead_letters.write(verdicts)
            for each, error, attempts in given_up:
                log.warning("given_up", topic=each.topic, offset=each.offset, slug=error.slug, attempts=attempts)
        self.counts.given_up += len(given_up)
        self.counts.slugs.update(error.slug for _, error, _ in given_up)
        self.counts.handled += len(part) - len(given_up)
        done.update((each.topic, each.partition, each.offset) for each in part)
