"""Which offsets may be committed? Those before the first record that is not done, and those that were."""

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.delivery.batch import Outcome


def cut(records: Sequence[Any], outcome: Outcome) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """Where each partition's unbroken run of done records ends: what to commit, and where to go on reading."""
    commit: dict[TopicPartition, int] = {}
    again: dict[TopicPartition, int] = {}
    for record in records:
        partition = TopicPartition(record.topic, record.partition)
        if partition in again:
            continue
        if (record.topic, record.partition, record.offset) in outcome.done:
            commit[partition] = record.offset + 1
        else:
            again[partition] = record.offset
    return commit, again


async def as_committed(consumer: AIOKafkaConsumer, partition: TopicPartition) -> dict[TopicPartition, int]:
    """Who has committed nothing yet is where the partition begins."""
    offset = await consumer.committed(partition)
    return {partition: offset} if offset is not None else dict(await consumer.beginning_offsets([partition]))
