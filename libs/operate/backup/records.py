"""Which records of Kafka are in a backup, and how do they get into another Kafka?

Those that are nowhere else, or not yet where they must go: every release of the directory (requests are stamped with
old ones), every dead letter, and of each topic what some service had not read when the backup began. The database has
what came of all the others.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from aiokafka import TopicPartition

from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.kafka import KafkaSettings
from libs.delivery.messages import OutgoingRecord
from libs.delivery.provision import DEAD_TOPICS
from libs.delivery.publisher import Publisher
from libs.events.topics import SERVICES, TOPICS, Topic, is_read_whole
from libs.operate import broker
from libs.operate.backup.archive import Reader, Write, records_member
from libs.operate.backup.manifest import Offsets
from libs.operate.broker import Spans
from libs.operate.output import Away, Stopped

PAGE_RECORDS = 1000  # written together; at a few KiB each this is what is held in memory

Behind = Callable[[int], None]
Positions = Mapping[str, Mapping[TopicPartition, int]]
"""How far each service has read."""


def groups_of(topic: Topic) -> list[str]:
    """The services that read this topic as a group, each record once."""
    return [service for service in topic.readers if service in SERVICES and not is_read_whole(topic, service)]


def kept_from(topic: Topic, partition: TopicPartition, span: broker.Span, read: Positions) -> int:
    """The first offset that a backup needs."""
    if topic.compacted or topic.name in DEAD_TOPICS:
        return span.first
    unread = [read[service].get(partition, span.first) for service in groups_of(topic)]
    return min(max(min(unread, default=span.end), span.first), span.end)


def kept(held: Spans, read: Positions) -> dict[str, Spans]:
    """What is copied of each topic, by its name."""
    found: dict[str, Spans] = {name: {} for name in TOPICS}
    for partition, span in held.items():
        first = kept_from(TOPICS[partition.topic], partition, span, read)
        if first < span.end:
            found[partition.topic][partition] = broker.Span(first, span.end)
    return {name: spans for name, spans in found.items() if spans}


async def copy(settings: KafkaSettings, spans: Spans, write: Write, behind: Behind) -> int:
    """One line for each record; how many there were."""
    count = 0
    async with broker.connected(settings) as reader:
        async for record in broker.read(reader, spans, behind):
            write(line_of(record))
            count += 1
    return count


def line_of(record: Any) -> bytes:
    """A header's name may be anything but text (libs/delivery/tolerant_records.py), so JSON is written in ASCII."""
    fields = {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": _base64(record.key),
        "value": _base64(record.value),
        "headers": [[name, _base64(value)] for name, value in record.headers],
    }
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def lines_of(archive: Reader, topic: str) -> Iterator[tuple[TopicPartition, int, OutgoingRecord]]:
    """Each with where it was. Time and key stay, so retention counts as before and a request keeps its order."""
    for line in archive.lines(records_member(topic)):
        found = json.loads(line)
        headers = [(name, _bytes(value)) for name, value in found["headers"]]
        record = OutgoingRecord(topic, _bytes(found["key"]), _bytes(found["value"]), headers, found["timestamp"])
        yield TopicPartition(topic, found["partition"]), found["offset"], record


async def write_back(settings: KafkaSettings, archive: Reader, missing: Callable[[TopicPartition, int], bool]) -> int:
    """Publish the records of the backup that are `missing`, topic by topic in their order; how many were."""
    publisher, count = Publisher(settings), 0
    try:
        for topic in archive.manifest.records:
            records = (record for at, offset, record in lines_of(archive, topic) if missing(at, offset))
            while page := list(islice(records, PAGE_RECORDS)):
                await publisher.publish_records(page)
                count += len(page)
    except Unavailable as error:
        raise Away(f"{error}; run the same restore again when Kafka is back") from error
    except Rejected as error:
        raise Stopped(f"Kafka does not take a record of the backup: {error}") from error
    finally:
        await publisher.stop()
    return count


def as_offsets(places: Mapping[TopicPartition, int]) -> Offsets:
    found: Offsets = {}
    for partition, offset in sorted(places.items()):
        found.setdefault(partition.topic, {})[partition.partition] = offset
    return found
