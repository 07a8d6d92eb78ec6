"""Does this Kafka really work? Only a record that was written, read back and accounted for shows it."""

import asyncio
import contextlib
import gc
import logging
import secrets
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from libs.operate.embedded.errors import NotReady

TOPIC = "embedded.ready"  # not on the map of topics: nothing of the system is written here
GROUP = "embedded-ready"
RETENTION_MS = 3_600_000
REQUEST_TIMEOUT_MS = 5_000
PAUSE_SECONDS = 0.05
AIOKAFKA_LOGGER = "aiokafka"


def wait_for_round_trip(bootstrap: str, deadline_seconds: float) -> None:
    """Return when an idempotent produce, a consume and a group's commit worked. Callable inside an event loop too."""
    with ThreadPoolExecutor(max_workers=1) as elsewhere:
        elsewhere.submit(asyncio.run, _until(bootstrap, deadline_seconds)).result()


async def _until(bootstrap: str, deadline_seconds: float) -> None:
    last = "none"
    try:
        async with asyncio.timeout(deadline_seconds):
            while True:
                try:
                    with _quiet():
                        await _wait_for_port(bootstrap)
                        return await _round_trip(bootstrap)
                except (KafkaError, OSError) as error:
                    last = str(error)  # not the error itself: its traceback would hold the clients that failed
                _drop_failed_connections()
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError as error:
        message = f"no record made the round trip within {deadline_seconds:.0f} s; last trouble: {last}"
        raise NotReady(message) from error


def _drop_failed_connections() -> None:
    """aiokafka does not close the connection of a client that failed to start; here its loop still runs to do it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """While a broker starts, failed connections are the expected thing and no news for a log."""
    logger = logging.getLogger(AIOKAFKA_LOGGER)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


async def _wait_for_port(bootstrap: str) -> None:
    host, _, port = bootstrap.rpartition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.close()
    await writer.wait_closed()


async def _round_trip(bootstrap: str) -> None:
    await _make_topic(bootstrap)
    token = secrets.token_bytes(16)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=GROUP, enable_auto_commit=False)
    async with contextlib.AsyncExitStack() as stack:
        for client in (producer, consumer):  # both, before either is started: the first may fail to start
            stack.push_async_callback(client.stop)
        await producer.start()
        await consumer.start()
        sent = await producer.send_and_wait(TOPIC, token)
        partition = TopicPartition(TOPIC, sent.partition)
        consumer.assign([partition])
        consumer.seek(partition, sent.offset)
        received = await consumer.getone(partition)
        if received.value != token:
            raise OSError("another record came back than the one that was written")
        await consumer.commit({partition: received.offset + 1})


async def _make_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        settings = {"retention.ms": str(RETENTION_MS)}
        answer = await admin.create_topics([NewTopic(TOPIC, 1, 1, topic_configs=settings)])
        codes = [error[1] for error in answer.topic_errors]
        if any(code not in (0, TopicAlreadyExistsError.errno) for code in codes):
            raise OSError(f"the broker does not create topics yet (error {codes[0]})")
    finally:
        await admin.close()
