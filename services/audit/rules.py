"""Which events become leaves, and what does each leaf say? Pure: salts and the head of the log are passed in."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from libs.events.envelope import Event
from libs.events.identity import event_id, is_as_made, source_of
from libs.ledger.leaf import SALT_BYTES, Leaf, LeafInvalid, commitment, parse_leaf, request_id_in
from libs.ledger.tree import Frontier, Stored, leaf_hash

OTHER_CONTENT = "guichet.OtherContentHeard.v1"
"""The type of a leaf about a record that came under the id of an event, and says something else than that event."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One event, and the record it came in."""

    event: Event
    topic: str
    partition: int
    offset: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """A leaf that the log has, and what opens its commitment; None when that was erased."""

    entry: bytes
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class New:
    """A record that becomes a leaf. `of` is set when it says something else than the event of that id."""

    heard: Heard
    leaf_id: UUID
    subject: str
    of: UUID | None = None


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
    others: list[tuple[int, UUID]]
    """Which of the indexes are about other content, and the id that it came under."""


def new_among(heard: Sequence[Heard], recorded: Mapping[UUID, Recorded]) -> list[New]:
    """What the log does not have yet, in the order heard: the first record of each event, and each other content.

    A record is of the event whose id it carries when the id fits its content, and when it says what the first record
    of that event said: the same bytes, and the same about them. What else comes under that id is a leaf of its own, so
    that nobody's decision has a cause that the log does not show.
    """
    new: dict[UUID, New] = {}
    for record in heard:
        id_ = record.event.id
        first = new.get(id_)
        if not is_as_made(record.event):
            about = first.subject if first else _subject_in(recorded.get(id_), record)
        elif first is not None and not _says_the_same(record, first.heard):
            about = first.subject
        elif id_ in recorded and not _is_recorded_as(recorded[id_], record):
            about = _subject_in(recorded[id_], record)
        else:
            if id_ not in recorded:
                new.setdefault(id_, New(record, id_, record.event.subject))
            continue
        new.setdefault(other_id(record), New(record, other_id(record), about, of=id_))
    return list(new.values())


def other_id(record: Heard) -> UUID:
    """The id of the leaf about this content under its id: the same record heard again makes no second leaf."""
    said = b"\0".join(str(one).encode() for one in _said(record.event))
    return event_id(record.event.id, OTHER_CONTENT, record.event.id, said + b"\0" + record.value)


def _said(event: Event) -> tuple[object, ...]:
    """What a leaf says of an event beside its content. Not its time: the same work done again may have a later one."""
    return event.type, event.source, event.subject, event.causation_id, event.directory_version


def _says_the_same(record: Heard, other: Heard) -> bool:
    return record.value == other.value and _said(record.event) == _said(other.event)


def _is_recorded_as(known: Recorded, record: Heard) -> bool:
    """A leaf that cannot be read is for the verification to tell of; without a salt only its words can be compared."""
    leaf = _leaf_in(known)
    if leaf is None:
        return True
    cause = UUID(leaf.causation_id) if leaf.causation_id else None
    if (leaf.type, leaf.source, leaf.subject, cause, leaf.directory_version) != _said(record.event):
        return False
    return known.salt is None or hmac.compare_digest(leaf.commitment, commitment(known.salt, record.value))


def _subject_in(known: Recorded | None, record: Heard) -> str:
    """The history it belongs to: that of the event whose id it carries."""
    leaf = _leaf_in(known) if known else None
    return leaf.subject if leaf else record.event.subject


def _leaf_in(known: Recorded) -> Leaf | None:
    try:
        return parse_leaf(known.entry)
    except LeafInvalid:
        return None


def append(frontier: Frontier, new: Sequence[New], salts: bytes) -> Appended:
    """Put `new` at the end of the log; `frontier` moves along. `salts` are as many times 32 random bytes."""
    added = Appended([], [], [], [], [], [], [], [])
    for one, salt in zip(new, _slices(salts), strict=True):
        leaf = leaf_of(one, frontier.size, salt)
        entry = leaf.entry()
        digest = leaf_hash(entry)
        added.indexes.append(leaf.index)
        added.event_ids.append(one.leaf_id)
        added.request_ids.append(request_id_in(leaf.subject))
        added.hashes.append(digest)
        added.entries.append(entry)
        added.salts.append(salt)
        if one.of is not None:
            added.others.append((leaf.index, one.of))
        added.tile_roots += frontier.append(digest)
    return added


def leaf_of(new: New, index: int, salt: bytes) -> Leaf:
    """The attributes of the event, where its record was, and a commitment to the record's value as it was published.

    The value's own bytes are committed to, not the event as this version would write it, so that a commitment can be
    recomputed from the topic whatever fields later versions add. A leaf about other content is audit's own word: its
    cause is the id that the record came under.
    """
    record, event = new.heard, new.heard.event
    cause = event.causation_id if new.of is None else new.of
    return Leaf(
        index=index,
        event_id=str(new.leaf_id),
        type=event.type if new.of is None else OTHER_CONTENT,
        source=event.source if new.of is None else source_of("audit"),
        subject=new.subject,
        time=time_text(event.time),
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        commitment=commitment(salt, record.value),
        causation_id=str(cause) if cause else None,
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
