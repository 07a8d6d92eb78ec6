"""Which events become leaves, and what does each leaf say? Pure: salts and the head of the log are passed in."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from libs.events.envelope import Event
from libs.ledger.leaf import SALT_BYTES, Leaf, commitment, request_id_in
from libs.ledger.tree import Frontier, Stored, leaf_hash


@dataclass(frozen=True, slots=True)
class Heard:
    """One event, and the record it came in."""

    event: Event
    topic: str
    partition: int
    offset: int
    value: bytes


@dataclass(slots=True)
class Appended:
    """What an append adds to the log, column by column, as it is stored."""

    indexes: list[int]
    event_ids: list[UUID]
    request_ids: list[UUID | None]
    hashes: list[bytes]
    entries: list[bytes]
    salts: list[bytes]
    tile_roots: list[Stored]


def not_recorded(heard: Sequence[Heard], recorded: Collection[UUID]) -> list[Heard]:
    """The first record of each event that the log does not have yet, in the order heard."""
    new: dict[UUID, Heard] = {}
    for record in heard:
        if record.event.id not in recorded:
            new.setdefault(record.event.id, record)
    return list(new.values())


def append(frontier: Frontier, new: Sequence[Heard], salts: bytes) -> Appended:
    """Put `new` at the end of the log; `frontier` moves along. `salts` are as many times 32 random bytes."""
    added = Appended([], [], [], [], [], [], [])
    for record, salt in zip(new, _slices(salts), strict=True):
        leaf = leaf_of(record, frontier.size, salt)
        entry = leaf.entry()
        digest = leaf_hash(entry)
        added.indexes.append(leaf.index)
        added.event_ids.append(record.event.id)
        added.request_ids.append(request_id_in(leaf.subject))
        added.hashes.append(digest)
        added.entries.append(entry)
        added.salts.append(salt)
        added.tile_roots += frontier.append(digest)
    return added


def leaf_of(record: Heard, index: int, salt: bytes) -> Leaf:
    """The attributes of the event, where its record was, and a commitment to the record's value as it was published.

    The value's own bytes are committed to, not the event as this version would write it, so that a commitment can be
    recomputed from the topic whatever fields later versions add.
    """
    event = record.event
    return Leaf(
        index=index,
        event_id=str(event.id),
        type=event.type,
        source=event.source,
        subject=event.subject,
        time=time_text(event.time),
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        commitment=commitment(salt, record.value),
        causation_id=str(event.causation_id) if event.causation_id else None,
        directory_version=event.directory_version,
        replay_id=event.replay_id,
    )


def next_offsets(heard: Sequence[Heard]) -> dict[tuple[str, int], int]:
    """For each partition, the offset after the last one heard."""
    offsets: dict[tuple[str, int], int] = {}
    for record in heard:
        place = (record.topic, record.partition)
        offsets[place] = max(offsets.get(place, 0), record.offset + 1)
    return offsets


def time_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _slices(salts: bytes) -> Iterator[bytes]:
    return (salts[at : at + SALT_BYTES] for at in range(0, len(salts), SALT_BYTES))
