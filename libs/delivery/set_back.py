"""Do the tables know what their group has read, and what they have announced? A database that was set back is noticed.

Kafka holds for each group a note beside its offset. Ours says what the tables knew when it was written: how far the
partition was read, and the greatest number in the outbox. Tables are written first, so they are never behind the note,
unless they are an older copy of themselves. Whoever sets a group's offsets by hand leaves no note, and an earlier
version wrote none, so neither is taken for a contradiction; a group that is set back reads again, no more.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Protocol

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError, KafkaError

from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import KafkaAway
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_admin, within
from libs.events.topics import consumer_group

log = structlog.get_logger(__name__)

NOTE_SECONDS = 1.0  # what was done in the last second before a copy was taken may go unnoticed; each look is one query
NOTE = re.compile(r"tables=([0-9]{1,18}) outbox=([0-9]{1,18})")
OUTBOX = TopicPartition("outbox", 0)  # no topic has this name: ours have a version

KNOWN = "SELECT topic, partition, next_offset FROM {schema}.positions"
ANNOUNCED = "SELECT coalesce(max(seq), 0) FROM {schema}.outbox"
KEEP = """
    INSERT INTO {schema}.positions (topic, partition, next_offset)
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
"""

Places = dict[TopicPartition, int]


class SetBack(Exception):
    """The tables are older than what their service did; nothing may be read, sent or accepted on them."""


class Reader(Protocol):
    """What reads for the group, and can leave notes beside its offsets."""

    @property
    def is_member(self) -> bool: ...

    def committed(self) -> Mapping[TopicPartition, int]: ...

    def end_of(self, partition: TopicPartition) -> int | None: ...

    async def leave_notes(self, notes: Mapping[TopicPartition, str], otherwise: str) -> None: ...


class Positions:
    """The memory of one service of how far it is, in its tables and beside them."""

    def __init__(self, database: Connections, service: str, kafka: KafkaSettings) -> None:
        self._database = database
        self._service = service
        self._kafka = kafka
        self._noted: Places = {}

    async def check(self) -> dict[TopicPartition, str]:
        """Before anything begins. Raises `SetBack` with what to do, `Unavailable` while something is away.

        Returns the notes, so that they are kept when offsets are committed.
        """
        notes = await notes_of(self._kafka, self._service)  # before the tables: these are then never the older ones
        async with self._database.connection() as conn:
            known = await known_by(conn, self._service)
        refuse_older(self._service, known, notes)
        return notes

    async def run(self, reader: Reader) -> None:
        """Keep and note how far we are, for ever. Raises `SetBack` when the tables went back while we ran."""
        while True:
            if reader.is_member:
                await self.note(reader)
            await asyncio.sleep(NOTE_SECONDS)

    async def note(self, reader: Reader) -> None:
        """Once: the tables first, then Kafka."""
        read = dict(reader.committed())
        async with self._database.transaction() as conn:
            known = await known_by(conn, self._service)
            behind = [place for place, offset in self._noted.items() if known.get(place, 0) < offset]
            if behind:
                raise SetBack(_said(self._service, behind[0], known.get(behind[0], 0), self._noted[behind[0]]))
            read[OUTBOX] = known.get(OUTBOX, 0)
            kept = {place: _kept(known.get(place, 0), offset, reader.end_of(place)) for place, offset in read.items()}
            changed = {place: offset for place, offset in kept.items() if self._noted.get(place) != offset}
            if changed:
                await _keep(conn, self._service, changed)
        if changed:
            outbox = kept[OUTBOX]
            notes = {place: _note(offset, outbox) for place, offset in changed.items() if place != OUTBOX}
            await reader.leave_notes(notes, _note(0, outbox))
            self._noted |= changed


def _kept(known: int, offset: int, end: int | None) -> int:
    """The greatest there was, so that reading again changes nothing; a topic that was made anew counts from nought."""
    return offset if end is not None and known > end else max(known, offset)


def _note(offset: int, outbox: int) -> str:
    return f"tables={offset} outbox={outbox}"


async def known_by(conn: Connection, schema: str) -> Places:
    """What the tables know: of each partition, and of the outbox, whose rows go two days after they were published."""
    rows = await conn.fetch(KNOWN.format(schema=schema))
    known = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    known[OUTBOX] = max(known.get(OUTBOX, 0), await conn.fetchval(ANNOUNCED.format(schema=schema)))
    return known


async def _keep(conn: Connection, schema: str, places: Places) -> None:
    at = sorted(places)
    columns = ([one.topic for one in at], [one.partition for one in at], [places[one] for one in at])
    await conn.execute(KEEP.format(schema=schema), *columns)


def refuse_older(service: str, known: Places, notes: Mapping[TopicPartition, str]) -> None:
    """Raises `SetBack` when a note says more than the tables know."""
    for place, note in sorted(notes.items()):
        found = NOTE.fullmatch(note)
        if found is None:
            continue
        for at, offset in ((place, int(found[1])), (OUTBOX, int(found[2]))):
            if known.get(at, 0) < offset:
                raise SetBack(_said(service, at, known.get(at, 0), offset))


def _said(service: str, place: TopicPartition, known: int, noted: int) -> str:
    what = "of its own announcements" if place == OUTBOX else f"of {place.topic} partition {place.partition}"
    return (
        f"the tables of {service} are older than what {service} did: {what} they know everything before {known}, and "
        f"Kafka was told {noted}. The database was set back (a volume snapshot, a point-in-time recovery, a new one). "
        "Nothing is read, sent or accepted until it is decided: bring the newer database back; or restore the last "
        "backup into an empty one with `guichet restore FILE`, which hears again what came since and tells nobody "
        f"twice; or, to go on with these tables, stop {service}, run `python -m libs.operate.reread {service}`, and "
        "start it: it hears again what came since, and tells again whom it told meanwhile"
    )


async def notes_of(settings: KafkaSettings, service: str) -> dict[TopicPartition, str]:
    """What stands beside the offsets of a service's group. Raises `Unavailable`."""
    admin = make_admin(settings)
    try:
        async with asyncio.timeout(settings.admin_seconds_max):
            await admin.start()
            found = await admin.list_consumer_group_offsets(consumer_group(service))
    except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError) as error:
        raise KafkaAway("Kafka begins to keep groups; ask again", retry_after_seconds=0.5) from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise KafkaAway(f"Kafka does not say how far {service} is: {type(error).__name__}") from error
    finally:
        await within(STOP_SECONDS_MAX, admin.close(), "the administration client")
    return {place: one.metadata for place, one in found.items() if one.offset >= 0 and one.metadata}
