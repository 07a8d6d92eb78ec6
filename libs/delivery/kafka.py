"""How is Kafka reached? The only place where a broker, producer or consumer is made, with each setting's reason."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaClient, AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from libs.delivery import closed_connections, tolerant_records
from libs.delivery.backoff import Backoff

log = structlog.get_logger(__name__)
closed_connections.install()
tolerant_records.install()

# A member that handles its worst batch must not be thrown out of the group meanwhile, and a rebalance must wait for it:
# 60 s of batch + 45 s for the attempt begun last + 30 s for dead letters + 20 s for the commit (batch.py, consumer.py).
REBALANCE_TIMEOUT_MS = 180_000
MAX_POLL_INTERVAL_MS = 300_000  # over the above; a batch that must wait is put back and read again, not held
# How long a killed member's partitions wait for it. Kafka's own default of 45 s is as long as recovery would take; the
# event loop never pauses for seconds, and being taken for dead by mistake costs a repeat, not a loss.
SESSION_TIMEOUT_MS = 12_000
HEARTBEAT_INTERVAL_MS = 3_000
METADATA_MAX_AGE_MS = 30_000  # a moved leader or a topic's new partitions are seen within this
REQUEST_TIMEOUT_MS = 20_000
MAX_BATCH_BYTES = 256 * 1024  # per partition; 16 KiB (the default) splits a burst into many requests
MAX_REQUEST_BYTES = 2 * 1024 * 1024  # a dead letter is its record (1 MiB at most) plus our headers
LINGER_MS = 5  # collects what a batch hands in; acks=all costs about as much
BATCH_RECORDS_MAX = 500
IDLE_SLEEP_MS = 15  # FastStream sleeps this long after an empty poll; it is no linger
POLL_SECONDS_MAX = 5.0  # getmany waits without end while the group is rebalancing
START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 10.0  # aiokafka's stop() waits without end for a broker that is away


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """Where Kafka is and how we are known to it."""

    bootstrap_servers: str
    client_id: str = "guichet"
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "SCRAM-SHA-512"
    username: str = ""
    password: str = ""
    ca_file: str | None = None
    publish_seconds_max: float = 30.0
    admin_seconds_max: float = 10.0

    def __repr__(self) -> str:
        return f"KafkaSettings({self.bootstrap_servers}, {self.security_protocol}, user={self.username!r})"


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=settings.ca_file) if settings.security_protocol.endswith("SSL") else None


def _client_options(settings: KafkaSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": settings.client_id,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        "metadata_max_age_ms": METADATA_MAX_AGE_MS,
        "security_protocol": settings.security_protocol,
        "ssl_context": _ssl_context(settings),
    }
    if settings.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.username,
            "sasl_plain_password": settings.password,
        }
    return options


def make_producer(settings: KafkaSettings) -> AIOKafkaProducer:
    """Our own producer, not the one inside FastStream's broker.

    FastStream's takes only text as header values, adds headers of its own, and cannot be made anew without stopping
    the consumers; an idempotent aiokafka producer must be made anew once a batch of it was refused (aiokafka#1017).
    """
    return AIOKafkaProducer(
        **_client_options(settings),
        enable_idempotence=True,  # implies acks=all
        linger_ms=LINGER_MS,
        max_batch_size=MAX_BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        # Others read our topics, and not every client has each codec: kafkajs has gzip alone. Of what all have, none
        # costs least: 23 us a record for sending RequestRouted, with gzip 71, with lz4 44. Readers take any codec, so
        # an operator can let the broker pack a topic (`compression.type`).
        compression_type=None,
    )


def make_reader(settings: KafkaSettings, *topics: str) -> AIOKafkaConsumer:
    """A consumer without a group: it reads all there is and commits nothing."""
    return AIOKafkaConsumer(
        *topics, **_client_options(settings), group_id=None, auto_offset_reset="earliest", enable_auto_commit=False
    )


def make_offset_keeper(settings: KafkaSettings, group: str) -> AIOKafkaConsumer:
    """Commits offsets for a group without joining it: assign and commit. Kafka refuses while the group has members."""
    return AIOKafkaConsumer(**_client_options(settings), group_id=group, enable_auto_commit=False)


def make_admin(settings: KafkaSettings) -> AIOKafkaAdminClient:
    return AIOKafkaAdminClient(**_client_options(settings))


def own_sticky_assignor() -> type[StickyPartitionAssignor]:
    """One class for each consumer: aiokafka keeps a member's last assignment in the *class*, shared by the process.

    One assignor, not several: aiokafka sends one JoinGroup for each. Sticky, so that a rolling restart moves little.
    """
    return type("OwnStickyAssignor", (StickyPartitionAssignor,), {"member_assignment": None, "generation": -1})


async def topics_present(settings: KafkaSettings, wanted: Iterable[str]) -> set[str]:
    """Which of `wanted` exist. Asks for all topics: asking for one by name may create it."""
    client = AIOKafkaClient(**_client_options(settings))
    try:
        async with asyncio.timeout(settings.admin_seconds_max):
            await client.bootstrap()
            cluster = await client.fetch_all_metadata()
        return set(wanted) & set(cluster.topics())
    finally:
        await within(STOP_SECONDS_MAX, client.close(), "closing a Kafka client")


async def within(seconds: float, closing: Awaitable[object], what: str) -> None:
    """Await `closing`, but no longer than this, and never fail: it is the end of something that we no longer need."""
    try:
        async with asyncio.timeout(seconds):
            await closing
    except (TimeoutError, KafkaError, OSError) as error:
        log.warning("gave_up_closing", what=what, error=repr(error))


Nowhere = Callable[[AIOKafkaConsumer, TopicPartition, int | None], Awaitable[None]]
"""What is done where the next offset is not there any more, or there is none; it seeks one that is."""


class WatchedConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka ships no type information
    """Tells when a poll came back, so that a stalled loop can be told from an idle one; and never polls without end."""

    def __init__(self, *topics: str, polled: Callable[[], None], is_nowhere: Nowhere, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._polled = polled
        self._is_nowhere = is_nowhere

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None) -> Any:
        records: Any = None
        try:
            async with asyncio.timeout(POLL_SECONDS_MAX):
                while records is None:
                    records = await self._polled_once(*partitions, timeout_ms=timeout_ms, max_records=max_records)
        except TimeoutError:
            pass  # a rebalance goes on; polling again is all there is to do
        except KafkaError as error:
            log.warning("poll_failed", error=repr(error))
            raise
        self._polled()
        return records or {}

    async def _polled_once(self, *partitions: Any, **options: Any) -> Any:
        """None where a position had to be found first: one partition a time, of which there may be some dozens."""
        try:
            return await super().getmany(*partitions, **options)
        except OffsetOutOfRangeError as error:
            for partition, offset in error.args[0].items():
                await self._is_nowhere(self, partition, offset)
        except NoOffsetForPartitionError as error:
            await self._is_nowhere(self, error.args[0], None)
        return None


def has_lost_a_task(consumer: AIOKafkaConsumer) -> bool:
    """A task that keeps it in its group, its metadata fresh or its records coming ended by an error.

    aiokafka never begins it again: without the first every poll fails, without the second the first lookup of a
    coordinator that must be repeated waits without end.
    """
    tasks = (
        getattr(consumer._coordinator, "_coordination_task", None),
        getattr(consumer._client, "_sync_task", None),
        getattr(consumer._fetcher, "_fetch_task", None),
    )
    return any(task is not None and task.done() and not task.cancelled() and task.exception() for task in tasks)


def position(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    """The next offset to be read, if known; aiokafka's own `position()` may wait for it."""
    subscription = consumer._subscription.subscription
    state = subscription.assignment.state_value(partition) if subscription and subscription.assignment else None
    return int(state.position) if state is not None and state.has_valid_position else None


async def _at_the_beginning(consumer: AIOKafkaConsumer, partition: TopicPartition, _offset: int | None) -> None:
    await consumer.seek_to_beginning(partition)


class PatientBroker(KafkaBroker):
    """A FastStream broker that waits for Kafka and for its topics instead of failing, and stops within a deadline.

    `AsgiFastStream` starts its broker in the background, once: were it to fail, HTTP would go on being served by a
    process that never consumes.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self.before_start: Callable[[], Awaitable[None]] | None = None
        self.polled: Callable[[], None] = lambda: None
        self.is_nowhere: Nowhere = _at_the_beginning
        super().__init__(
            settings.bootstrap_servers,
            client_id=settings.client_id,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            security=_security(settings),
            consumer_only=True,  # publishing has its own producer, topics are provisioned: no admin client
            allow_auto_create_topics=False,
            apply_types=False,  # an injected parameter costs a thread hop of 120-290 us for each message
            graceful_timeout=15.0,
            logger=None,  # failures are handled and logged in consumer.py; FastStream would log every batch
        )

    async def _connect(self) -> Callable[..., AIOKafkaConsumer]:
        """FastStream settles here how consumers are made; they are made the same way, but watched."""
        await super()._connect()
        make = self.config.broker_config.builder
        assert isinstance(make, partial)
        self.config.broker_config.builder = partial(
            WatchedConsumer, *make.args, **make.keywords, polled=self._on_poll, is_nowhere=self.is_nowhere
        )
        return self.config.broker_config.builder

    def _on_poll(self) -> None:
        self.polled()

    async def start(self) -> None:
        backoff = Backoff(base_seconds=0.2, max_seconds=5.0)
        if self.before_start is not None:
            await self.before_start()
        while not await self._has_started():  # noqa: ASYNC110  nothing tells when a broker is back
            await asyncio.sleep(backoff.next_seconds())

    async def _has_started(self) -> bool:
        wanted = {topic for each in self.subscribers if isinstance(each, BatchSubscriber) for topic in each.topic_names}
        try:
            missing = wanted - await topics_present(self.settings, wanted)
            if missing:
                log.warning("topics_missing", topics=sorted(missing), remedy="python -m libs.delivery.provision")
                return False
            async with asyncio.timeout(START_SECONDS_MAX):
                await super().start()
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("kafka_away", bootstrap=self.settings.bootstrap_servers, error=repr(error))
            await within(STOP_SECONDS_MAX, super().stop(), "a half-started broker")
            return False
        return True

    async def stop(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> None:
        graceful = self.config.graceful_timeout or 0.0
        await within(graceful + STOP_SECONDS_MAX, super().stop(exc_type, exc_val, exc_tb), "the broker")


def _security(settings: KafkaSettings) -> BaseSecurity | None:
    context = _ssl_context(settings)
    if not settings.security_protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context, use_ssl=True) if context else None
    kinds = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
    kind = kinds[settings.sasl_mechanism]
    return kind(settings.username, settings.password, ssl_context=context, use_ssl=context is not None)
