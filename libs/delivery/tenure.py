"""Whose are the partitions, right now? Nothing may be committed for a partition after it was taken away.

aiokafka rebalances in a background task, also in the middle of a batch. The lock makes the revoke wait for the batch;
the epoch tells a batch that was read before a revoke from one read after it (all partitions are revoked at every
rebalance and read again from their committed offset, so such a batch is simply dropped).
"""

import asyncio
import time
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition


class Tenure(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no type information
    """Our hold on the partitions of one consumer."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self._epoch = 0
        self._epoch_polled = 0
        self._moved_at: float | None = None
        self.is_member = False

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        async with self.lock:
            self._epoch += 1
            self.is_member = False

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self.is_member = True

    @property
    def epoch(self) -> int:
        """Another one after every revoke: what was known of the partitions before may not be so any more."""
        return self._epoch

    def polled(self) -> None:
        """A poll came back just now; what it brought belongs to the present epoch."""
        self._epoch_polled = self._epoch
        self.moved()

    def moved(self) -> None:
        """The loop is alive: it polled, or a try came to its end."""
        self._moved_at = time.monotonic()

    def holds(self, consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> bool:
        """Whether what the last poll brought is still ours. Ask with the lock in hand."""
        return self._epoch == self._epoch_polled and set(partitions) <= consumer.assignment()

    @property
    def still_for_seconds(self) -> float | None:
        """How long since the loop last moved; None before its first poll."""
        return None if self._moved_at is None else time.monotonic() - self._moved_at
