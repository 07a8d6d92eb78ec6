"""How does a release come back whose content was let go of? Its parts are read from the topic once more."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from libs.delivery.errors import KafkaAway, Rejected
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_reader, within
from libs.delivery.release_parts import Assembly, Packed
from libs.events.cloudevents import decode
from libs.events.directory import DirectoryPart
from libs.events.envelope import InvalidEvent
from libs.events.topics import DIRECTORY_PUBLISHED

PARTITION = TopicPartition(DIRECTORY_PUBLISHED, 0)
READ_SECONDS_MAX = 20.0  # a country's 12 MB take one; after this Kafka is called away
POLL_MS = 1000


async def read_again(settings: KafkaSettings, packed: Packed) -> Packed:
    """The same with its content. Raises `Unavailable` when Kafka is away or has compacted the parts meanwhile."""
    reader, assembly = make_reader(settings), Assembly()
    assembly.add(packed.announced, packed.parts.stop)
    try:
        async with asyncio.timeout(READ_SECONDS_MAX):
            await reader.start()
            reader.assign([PARTITION])
            reader.seek(PARTITION, packed.parts.start)
            while await reader.position(PARTITION) < packed.parts.stop:
                records = await reader.getmany(timeout_ms=POLL_MS)
                for record in records.get(PARTITION, ()):
                    _add(assembly, record, packed.version)
    except (KafkaError, OSError, TimeoutError) as error:
        raise KafkaAway(f"release {packed.version} cannot be read again") from error
    finally:
        await within(STOP_SECONDS_MAX, reader.stop(), "the reader of a release")
    found = assembly.packed.get(packed.version)
    if found is None:
        raise KafkaAway(f"release {packed.version} is not where it was; its newer copy is on its way")
    return replace(packed, content=found.content)


def _add(assembly: Assembly, record: Any, version: str) -> None:
    """Parts of this release; whatever else stands between them was heard before."""
    with suppress(InvalidEvent, Rejected):
        data = decode(record.value, record.headers).data
        if isinstance(data, DirectoryPart) and data.version == version:
            assembly.add(data, record.offset)
