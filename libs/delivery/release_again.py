"""How does a release come back whose content was let go of? Its parts are read from the topic once more."""

import asyncio
import base64
import hashlib
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.delivery.errors import KafkaAway
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_reader, within
from libs.delivery.release_parts import Packed
from libs.events.cloudevents import decode
from libs.events.directory import DirectoryPart
from libs.events.envelope import InvalidEvent
from libs.events.topics import DIRECTORY_PUBLISHED

PARTITION = TopicPartition(DIRECTORY_PUBLISHED, 0)
READ_SECONDS_MAX = 20.0  # a country's 12 MB take one; after this Kafka is called away
POLL_MS = 1000


async def read_again(settings: KafkaSettings, packed: Packed) -> Packed:
    """The same with its content. Raises `Unavailable` when Kafka is away or has compacted the parts meanwhile."""
    reader = make_reader(settings)
    parts: dict[int, bytes] = {}
    try:
        async with asyncio.timeout(READ_SECONDS_MAX):
            await reader.start()
            reader.assign([PARTITION])
            reader.seek(PARTITION, packed.parts.start)
            while await reader.position(PARTITION) < packed.parts.stop:
                parts |= await _some_of(reader, packed.version)
    except (KafkaError, OSError, TimeoutError) as error:
        raise KafkaAway(f"release {packed.version} cannot be read again") from error
    finally:
        await within(STOP_SECONDS_MAX, reader.stop(), "the reader of a release")
    content = b"".join(parts[index] for index in sorted(parts))
    if hashlib.sha256(content).hexdigest() != packed.sha256:
        raise KafkaAway(f"release {packed.version} is not where it was; its newer copy is on its way")
    return replace(packed, content=content)


async def _some_of(reader: AIOKafkaConsumer, version: str) -> dict[int, bytes]:
    records = await reader.getmany(timeout_ms=POLL_MS)
    found = (_part(record) for record in records.get(PARTITION, ()))
    return {part.index: base64.b64decode(part.content) for part in found if part and part.version == version}


def _part(record: Any) -> DirectoryPart | None:
    try:
        data = decode(record.value, record.headers).data
    except InvalidEvent:
        return None
    return data if isinstance(data, DirectoryPart) else None
