"""How does an event reach Kafka, and when do we know that it did?"""

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from libs.delivery.errors import KafkaAway, Rejected
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_producer, within
from libs.delivery.messages import OutgoingRecord
from libs.events.cloudevents import encode
from libs.events.envelope import Event
from libs.events.topics import topic_of

log = structlog.get_logger(__name__)


def outgoing(event: Event) -> OutgoingRecord:
    """The record that carries this event on its own topic."""
    encoded = encode(event)
    return OutgoingRecord(topic_of(event.type).name, encoded.key, encoded.value, encoded.headers)


class Publisher:
    """Writes to Kafka with an idempotent producer; returns when every record is on all in-sync replicas.

    After any failure the producer is thrown away *before* the error is raised: what it still held must not arrive
    after a later try, and once a batch of it was refused every later one would be too (aiokafka#1017).
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._changing = asyncio.Lock()
        self._waiting: dict[asyncio.Timeout, AIOKafkaProducer] = {}
        self.published_total = 0
        self.failed_total = 0
        self.is_reachable = False

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish each on the topic of its type. Raises `Unavailable` when not all are acknowledged in time."""
        await self.publish_records([outgoing(event) for event in events])

    async def publish_records(self, records: Sequence[OutgoingRecord]) -> None:
        """Publish as they are; records with one key keep their order. An error means: some may have arrived."""
        if not records:
            return
        producer = None
        try:
            async with asyncio.timeout(self._settings.publish_seconds_max) as deadline:
                producer = await self._connected()
                self._waiting[deadline] = producer
                try:
                    await _send_all(producer, records)
                finally:
                    del self._waiting[deadline]
        except MessageSizeTooLargeError as error:
            await self._discard(producer)
            raise Rejected(f"a record is larger than Kafka takes: {error}", slug="event-too-large") from error
        except (KafkaError, OSError, TimeoutError) as error:
            await self._discard(producer)
            self.failed_total += len(records)
            self.is_reachable = False
            log.warning("publish_failed", records=len(records), error=repr(error))
            raise KafkaAway(f"Kafka did not take {len(records)} records: {type(error).__name__}") from error
        self.published_total += len(records)
        self.is_reachable = True

    async def _connected(self) -> AIOKafkaProducer:
        async with self._changing:
            if self._producer is None:
                producer = make_producer(self._settings)
                try:
                    await producer.start()
                except BaseException:
                    await _close_now(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer | None) -> None:
        async with self._changing:
            if producer is not None and producer is self._producer:
                self._producer = None
                await _close_now(producer)
                for deadline, used in self._waiting.items():
                    if used is producer:  # what others sent through it is not answered any more
                        deadline.reschedule(asyncio.get_running_loop().time())

    async def stop(self) -> None:
        """Every call to publish awaits its acknowledgements, so there is nothing left to flush."""
        async with self._changing:
            producer, self._producer = self._producer, None
            if producer is not None:
                await _close_now(producer)


async def _send_all(producer: AIOKafkaProducer, records: Sequence[OutgoingRecord]) -> None:
    # One send for each record, not FastStream's publish_batch: that puts all keys on one partition and drops headers.
    futures: list[asyncio.Future[object]] = []
    try:
        for record in records:
            futures.append(  # noqa: PERF401  what was sent before a failure must be known
                await producer.send(
                    record.topic,
                    value=record.value,
                    key=record.key,
                    headers=list(record.headers),
                    timestamp_ms=record.timestamp_ms,
                )
            )
        await asyncio.gather(*futures)
    finally:
        for future in futures:
            future.add_done_callback(_heard)


def _heard(future: asyncio.Future[object]) -> None:
    """After the first failure nobody awaits the others; asyncio would complain of each."""
    if not future.cancelled():
        future.exception()


async def _close_now(producer: AIOKafkaProducer) -> None:
    """Close without flushing: `stop()` waits without end for a broker that is away, so its sender is ended first."""
    sender = producer._sender
    if sender is not None:
        await within(STOP_SECONDS_MAX, sender.close(), "the producer's sender")
    producer._closed = True
    await within(STOP_SECONDS_MAX, producer.client.close(), "the producer's connections")
