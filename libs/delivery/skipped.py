"""What was gone before we read it? Where our next record is no more, we go on at the first that is there, and say so.

Kafka's clients do that without a word (`auto_offset_reset`): records that were deleted, or that expired while a service
was away, are then lost to it and nobody knows.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.delivery.kafka import position
from libs.delivery.positions import Gap

log = structlog.get_logger(__name__)

LOOKUP_SECONDS_MAX = 10.0  # then it is tried again by the next poll
GAPS_MAX = 100  # remembered, the last ones; there are some dozens of partitions
ALARM_SECONDS = 24 * 3600.0  # an operator looks once a day


class Skipped:
    """The gaps that one consumer met since its process began."""

    def __init__(self, service: str, topics: Iterable[str]) -> None:
        self._service = service
        self._records: Counter[str] = Counter(dict.fromkeys(topics, 0))
        self._gaps: deque[tuple[float, Gap]] = deque(maxlen=GAPS_MAX)

    async def begin(self, consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int | None) -> None:
        """Go on at the first record that is there; `offset` is where we wanted to, None where nothing was committed."""
        if position(consumer, partition) != offset:
            return  # the echo of what was dealt with
        try:
            async with asyncio.timeout(LOOKUP_SECONDS_MAX):
                first = (await consumer.beginning_offsets([partition]))[partition]
                if offset is None:  # so that whatever is gone by the next start is known to have been unread
                    await consumer.commit({partition: first})
        except (KafkaError, TimeoutError) as error:
            log.warning("beginning_unknown", topic=partition.topic, partition=partition.partition, error=repr(error))
            return
        if partition not in consumer.assignment() or position(consumer, partition) != offset:
            return  # it was taken away meanwhile
        consumer.seek(partition, first)
        if offset is not None and first > offset:
            self._note(Gap(partition.topic, partition.partition, offset, first))
        elif offset is not None:
            log.error(
                "position_beyond_end",
                topic=partition.topic,
                partition=partition.partition,
                wanted=offset,
                goes_on_at=first,
                meaning="the topic was made anew or set back; what is there is read again",
            )

    def _note(self, gap: Gap) -> None:
        self._records[gap.topic] += gap.records
        self._gaps.append((time.monotonic(), gap))
        log.error("records_skipped", **asdict(gap), records=gap.records, meaning=gap.sentence(self._service))

    def totals(self) -> list[tuple[str, int]]:
        """How many records were gone, by topic."""
        return list(self._records.items())

    def shown(self) -> list[dict[str, Any]]:
        """For /status: each gap, the last one last."""
        return [asdict(gap) for _, gap in self._gaps]

    def alarms(self) -> list[dict[str, Any]]:
        """The gaps of the last day."""
        since = time.monotonic() - ALARM_SECONDS
        return [{"kind": "records-skipped", **asdict(gap)} for at, gap in self._gaps if at > since]
