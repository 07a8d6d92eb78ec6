"""Does the embedded Kafka keep its records and its port through everything that happens to it?"""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError

from libs.operate.embedded.kafka import EmbeddedKafka
from libs.operate.embedded.process import Holder, ProcessId
from tests.brokers import free_port

TOPIC = "kept"


@pytest.fixture(scope="module")
def broker(work_folder: Path) -> Iterator[EmbeddedKafka]:
    broker = EmbeddedKafka(work_folder / "own-kafka", port=free_port())
    broker.start()
    yield broker
    broker.stop()


async def create_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    finally:
        await admin.close()


async def write(bootstrap: str, value: bytes, topic: str = TOPIC) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, request_timeout_ms=3_000)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def read(bootstrap: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        partition = TopicPartition(TOPIC, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        return [(await consumer.getone()).value for _ in range(end)]
    finally:
        await consumer.stop()


def test_records_and_port_survive_a_stop_and_a_crash(broker: EmbeddedKafka) -> None:
    before = broker.bootstrap
    asyncio.run(create_topic(before))
    asyncio.run(write(before, b"one"))
    broker.stop()
    broker.start()
    asyncio.run(write(before, b"two"))
    broker.kill()
    assert not broker.is_running
    broker.start()
    assert broker.bootstrap == before
    assert asyncio.run(read(before)) == [b"one", b"two"]


def test_a_topic_that_nobody_provisioned_does_not_come_into_being(broker: EmbeddedKafka) -> None:
    with pytest.raises(UnknownTopicOrPartitionError):
        asyncio.run(asyncio.wait_for(write(broker.bootstrap, b"lost", topic="never-made"), 10))


async def test_it_can_be_started_and_stopped_inside_an_event_loop(broker: EmbeddedKafka) -> None:
    broker.stop()
    broker.start()
    assert broker.is_running


def test_a_broker_left_by_a_crashed_run_is_ended_and_its_folder_taken_over(broker: EmbeddedKafka) -> None:
    left = ProcessId.of(broker.pid or 0)
    assert left is not None
    pid_file = broker.log_file.with_name("kafka.pid")
    Holder(left, ProcessId(left.pid, "an earlier boot")).write(pid_file)  # as if its owner had died
    port = int(broker.bootstrap.rpartition(":")[2])
    successor = EmbeddedKafka(broker.log_file.parent, port=port)
    successor.start()
    assert not left.is_alive
    assert successor.bootstrap == broker.bootstrap
    successor.stop()
    broker.start()


def test_a_port_that_is_taken_is_passed_over(work_folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken: int = other.getsockname()[1]
        moved = EmbeddedKafka(work_folder / "moved-kafka", port=taken)
        moved.start()
        assert taken < int(moved.bootstrap.rpartition(":")[2]) < taken + 200
        moved.stop()
