"""How does a service consume? One group, one loop, batches, and a commit only for what is durable."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    UnknownMemberIdError,
)
from faststream import AckPolicy
from faststream.kafka.message import KafkaAckableMessage

from libs.delivery import kafka
from libs.delivery.backoff import Backoff
from libs.delivery.batch import Batches
from libs.delivery.commits import as_committed, cut
from libs.delivery.dead_letters import DeadLetters
from libs.delivery.errors import KafkaAway, Unavailable
from libs.delivery.messages import Handler
from libs.delivery.publisher import Publisher
from libs.delivery.skipped import Skipped
from libs.delivery.stop_limit import StopLimit, StopLimits, is_open
from libs.delivery.tenure import Tenure

log = structlog.get_logger(__name__)

COMMIT_SECONDS_MAX = (
    20.0  # aiokafka's commit() tries without end; what is not committed is read again and changes nothing
)
MEMBERSHIP_LOST = (CommitFailedError, IllegalStateError, IllegalGenerationError, UnknownMemberIdError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerSettings:
    """What may be tuned; the group's name and the limits against loss are not."""

    limits: StopLimits = field(default_factory=StopLimits)
    records_max: int = kafka.BATCH_RECORDS_MAX
    retry_seconds_base: float = 0.2
    retry_seconds_max: float = 10.0  # under the broker's graceful timeout of 15 s, so that a stop is not held up
    version: str = "dev"


class Consumer:
    """One consumer of all topics of a service, in the group `guichet-<service>`."""

    def __init__(
        self,
        broker: kafka.PatientBroker,
        service: str,
        handlers: Mapping[str, Handler],
        publisher: Publisher,
        settings: ConsumerSettings | None = None,
        *,
        whatever_they_say: bool = False,
    ) -> None:
        self._settings = settings or ConsumerSettings()
        self._tenure = Tenure()
        limits = self._settings.limits
        self._limits = {topic: StopLimit(limits, is_open=is_open(topic)) for topic in handlers}
        self._backoff = Backoff(self._settings.retry_seconds_base, self._settings.retry_seconds_max)
        self._in_flight: dict[TopicPartition, int] = {}
        self._written: dict[TopicPartition, int] = {}  # when the first record was that is taken and not done
        self._committed: dict[TopicPartition, tuple[int, int]] = {}  # with the tenure's epoch
        self.notes: dict[TopicPartition, str] = {}  # what stands beside the offsets: libs/delivery/set_back.py
        self.stop_reason: str | None = None
        self.dead_letters = DeadLetters(service, publisher, broker.settings, self._settings.version)
        self._batches = Batches(handlers, self.dead_letters, self._limits, whatever_they_say=whatever_they_say)
        self.counts = self._batches.counts
        self.skipped = Skipped(service, handlers)
        broker.polled, broker.is_nowhere = self._on_poll, self.skipped.begin
        self._subscriber = broker.subscriber(
            *handlers,
            group_id=f"guichet-{service}",
            batch=True,
            max_records=self._settings.records_max,
            batch_timeout_ms=kafka.IDLE_SLEEP_MS,
            ack_policy=AckPolicy.MANUAL,  # the default, ACK_FIRST, loses what a handler fails on
            auto_offset_reset="none",  # "earliest" goes on without a word at the first record that is still there
            partition_assignment_strategy=(kafka.own_sticky_assignor(),),
            session_timeout_ms=kafka.SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=kafka.HEARTBEAT_INTERVAL_MS,
            rebalance_timeout_ms=kafka.REBALANCE_TIMEOUT_MS,
            max_poll_interval_ms=kafka.MAX_POLL_INTERVAL_MS,
            parser=self._parse,
            decoder=_as_it_is,
            listener=self._tenure,
        )
        self._subscriber(self._on_batch)

    async def _parse(self, records: tuple[Any, ...]) -> KafkaAckableMessage:
        """FastStream's own parser decodes headers as text: one null or non-UTF-8 header loses the whole batch."""
        return KafkaAckableMessage(
            raw_message=records, body=records, headers={}, correlation_id="-", message_id="-", consumer=self._consumer
        )

    @property
    def _consumer(self) -> AIOKafkaConsumer:
        consumer = self._subscriber.consumer
        assert consumer is not None, "the broker has not been started"
        return consumer

    async def _on_batch(self, records: tuple[Any, ...]) -> None:
        try:
            trouble = await self._take(self._consumer, records)
        except Exception as error:
            # FastStream would drop the error and go on, and the next commit would skip this batch.
            log.critical("consumer_broken", exc_info=error)
            self._stop(f"a bug in the consumer: {type(error).__name__}")
            return
        if trouble is None:
            self._backoff.reset()
            return
        wait, limit = trouble.retry_after_seconds, self._settings.retry_seconds_max
        delay = self._backoff.next_seconds() if wait is None else min(wait, limit)
        log.warning("again", slug=trouble.slug, reason=trouble.message, seconds=round(delay, 2))
        self._tenure.moved()
        await asyncio.sleep(delay)  # without the lock: a rebalance need not wait for this

    async def _take(self, consumer: AIOKafkaConsumer, records: Sequence[Any]) -> Unavailable | None:
        """Handle, commit what is done, and go back to the first record that is not. Returns why, if any is not."""
        first: dict[TopicPartition, int] = {}
        written: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            first.setdefault(partition, record.offset)
            written.setdefault(partition, record.timestamp)
        async with self._tenure.lock:
            if self.stop_reason is not None or not self._tenure.holds(consumer, first):
                return None  # not ours any more: its next owner reads it again
            self._in_flight = first
            self._written.update(written)
            try:
                outcome = await self._batches.process(records)
                self._let_rest(consumer)
                commit, again = cut(records, outcome)
                trouble = outcome.trouble
                if commit and not await self._has_committed(consumer, commit):
                    # Doing it again changes nothing; leaving a hole would show as lag until the next restart.
                    again, trouble = first, KafkaAway("the offsets could not be committed")
                for partition, offset in again.items():
                    consumer.seek(partition, offset)
                for partition in first.keys() - again.keys():
                    self._written.pop(partition, None)
                return trouble
            finally:
                self._in_flight = {}

    def _let_rest(self, consumer: AIOKafkaConsumer) -> None:
        """Read no further in topics of which too much was given up. After a rebalance one is met, and paused, again."""
        for topic, limit in self._limits.items():
            paused = {each for each in consumer.assignment() if each.topic == topic} if limit.is_reached else set()
            if paused - consumer.paused():
                consumer.pause(*paused)
                log.critical("topic_rests", topic=topic, reason=limit.reason, seconds=round(limit.rest_seconds))

    def _on_poll(self) -> None:
        self._tenure.polled()
        for topic, limit in self._limits.items():
            if limit.begin_again():
                paused = [each for each in self._consumer.paused() if each.topic == topic]
                self._consumer.resume(*paused)
                log.warning("topic_goes_on", topic=topic)

    def alarms(self) -> list[dict[str, Any]]:
        """Topics that rest, senders of whose events very many are given up, and records that were gone unread."""
        resting = [
            {"kind": "topic-rests", "topic": topic, "reason": limit.reason, "seconds": round(limit.rest_seconds)}
            for topic, limit in self._limits.items()
            if limit.is_reached
        ]
        return [
            *resting,
            *self.skipped.alarms(),
            *(
                {"kind": "sender-given-up", "topic": topic, "source": source, "events": number}
                for topic, limit in self._limits.items()
                for source, number in limit.offenders.items()
            ),
        ]

    def _stop(self, reason: str) -> None:
        """Handle nothing and commit nothing from here on; the process says that it is not alive, and ends."""
        log.critical("consumer_stopped", reason=reason)
        self.stop_reason = reason
        self._consumer.pause(*self._consumer.assignment())

    async def _has_committed(self, consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> bool:
        """Commit by name, never "what was read": `commit()` alone takes the position of every assigned partition."""
        try:
            async with asyncio.timeout(COMMIT_SECONDS_MAX):
                await consumer.commit({at: (offset, self.notes.get(at, "")) for at, offset in offsets.items()})
            self._committed |= {at: (offset, self._tenure.epoch) for at, offset in offsets.items()}
        except MEMBERSHIP_LOST as error:
            log.warning("commit_refused", error=repr(error), meaning="the partitions moved and are read again there")
        except (KafkaError, TimeoutError) as error:
            log.warning("commit_failed", error=repr(error), meaning="what was done is read again")
            return False
        return True

    def committed(self) -> dict[TopicPartition, int]:
        """What this process has committed since it was given its partitions: all before is durable."""
        epoch = self._tenure.epoch
        return {partition: offset for partition, (offset, then) in self._committed.items() if then == epoch}

    def end_of(self, partition: TopicPartition) -> int | None:
        """Where the partition ends, if it is ours and Kafka has said so."""
        consumer = self._subscriber.consumer
        if consumer is None or partition not in consumer.assignment():
            return None
        end = consumer.highwater(partition)
        return None if end is None else int(end)

    async def leave_notes(self, notes: Mapping[TopicPartition, str], otherwise: str) -> None:
        """Commit again what is committed, with these notes beside; `otherwise` beside one partition, if it is none."""
        consumer = self._subscriber.consumer
        if consumer is None or not self.is_member:
            raise KafkaAway("not in the group yet, so that no note can be left")
        async with self._tenure.lock:
            offsets = {at: offset for at, offset in self.committed().items() if at in notes}
            new = {at: notes[at] for at in offsets}
            if not offsets and (held := sorted(consumer.assignment())):
                offsets, new = await as_committed(consumer, held[0]), {held[0]: otherwise}
            self.notes |= new
            if offsets and not await self._has_committed(consumer, offsets):
                raise KafkaAway("the notes beside the offsets could not be left")

    @property
    def last_poll_age_seconds(self) -> float | None:
        """Since the loop last moved: a poll came back, or a try ended in `Unavailable`. None before the first poll."""
        return self._tenure.still_for_seconds

    @property
    def is_stopped(self) -> bool:
        """By a bug of its own, and for good: only another process can go on."""
        return self.stop_reason is not None

    @property
    def is_retrying(self) -> bool:
        """Alive, but something that the handlers need is away."""
        return self._backoff.tries > 0

    @property
    def is_member(self) -> bool:
        """In the group, with the partitions it was given (none, when there are more members than partitions)."""
        return self._tenure.is_member

    @property
    def has_lost_a_task(self) -> bool:
        """Of those that aiokafka keeps it going with, and for good: only another process can go on."""
        consumer = self._subscriber.consumer
        return consumer is not None and kafka.has_lost_a_task(consumer)

    def lag(self) -> dict[str, int | None]:
        """Records not yet done, for each topic, of the partitions that this process holds; None: not known yet.

        Before it is a member of its group, and before the first answer of each partition, a consumer has no idea.
        """
        consumer = self._subscriber.consumer
        if consumer is None or not self.is_member:
            return dict.fromkeys(self._subscriber.topic_names)
        lag: dict[str, int | None] = dict.fromkeys(self._subscriber.topic_names, 0)
        for partition in consumer.assignment():
            behind, so_far = self._behind(consumer, partition), lag[partition.topic]
            lag[partition.topic] = None if behind is None or so_far is None else so_far + behind
        return lag

    def unread_age_seconds(self) -> dict[str, float]:
        """How old the oldest record is that was taken and is not done, for each topic; 0 where all is done.

        What waits behind it, or is not fetched yet, is younger. The times are those of whoever wrote the records.
        """
        consumer, ages = self._subscriber.consumer, dict.fromkeys(self._subscriber.topic_names, 0.0)
        held = consumer.assignment() if consumer is not None else frozenset()
        for partition, written in self._written.items():
            if partition in held:
                ages[partition.topic] = max(ages[partition.topic], time.time() - written / 1000)
        return ages

    def _behind(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
        end, position = consumer.highwater(partition), kafka.position(consumer, partition)
        done = self._in_flight.get(partition, position)
        return None if end is None or done is None else max(0, end - done)


async def _as_it_is(message: KafkaAckableMessage) -> Any:
    return message.raw_message
