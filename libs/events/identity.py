"""Which id does an event have, so that doing the same work twice makes the same event?

A request id is a UUID of version 7. Every later event's id is a UUID of version 8: the 48-bit millisecond timestamp of
the request, then a hash of (type, causation, content). An inbox is partitioned by that time, never by now().
"""

import hashlib
import unicodedata
from datetime import UTC, datetime
from uuid import UUID

import orjson
import uuid_utils.compat
from pydantic import BaseModel

from libs.events.envelope import Event, EventData, Origin

SOURCE_PREFIX = "urn:guichet:"
COUNTER_SOURCE = "urn:guichet:counter"
"""Where requests of people without an API key come from. Nobody else may claim it."""
NO_CAUSE = bytes(16)
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U to misread
# 55 bits: among four million references a year two are alike once in millennia; 35 bits would clash hundreds of times.
REFERENCE_DIGITS = 11
MISREAD = str.maketrans("OIL", "011")  # what nobody writes and everybody hears; there is no U to misread either
TYPED_CHARACTERS_MAX = 100  # of a reference with blanks around each character, and some to spare
_TIME_VERSIONS = (7, 8)


def new_request_id() -> UUID:
    """A UUID of version 7, increasing with time."""
    return uuid_utils.compat.uuid7()


def canonical(value: object) -> bytes:
    """The same bytes for the same content: compact JSON, keys sorted, UTF-8, no absent fields of a model.

    Raises TypeError for what JSON cannot say, such as integers beyond 64 bits.
    """
    if isinstance(value, BaseModel):
        value = orjson.loads(value.__pydantic_serializer__.to_json(value, exclude_none=True))
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def event_id(of: UUID, type: str, causation: UUID | None, content: bytes) -> UUID:  # noqa: A002 the word CloudEvents uses
    """The id of what was said about `of`; it keeps the time inside `of`."""
    if of.version not in _TIME_VERSIONS:
        raise ValueError(f"{of} holds no time: use a request id (UUID version 7) or an event id (version 8)")
    cause = causation.bytes if causation else NO_CAUSE
    return _version_8(of.int >> 80, hashlib.sha256(b"%b\0%b%b" % (type.encode(), cause, content)))


def is_as_made(event: Event) -> bool:
    """Whether an event that was read still says what its id was computed of: its type, its cause and its content.

    Asked of the bytes, so that fields which this version does not know count too. An id of another system says nothing
    about content.
    """
    if event.content is None or type(event.data).FOREIGN:
        return True
    return event.id == event_id(event.id, event.type, event.causation_id, canonical(orjson.loads(event.content)))


def foreign_event_id(source: str, source_id: str) -> UUID:
    """The id of another system's event. It holds no time (all zero): a sender may repeat itself with a new one."""
    return _version_8(0, hashlib.sha256(orjson.dumps([source, source_id])))


def id_at(moment: datetime, content: bytes = b"") -> UUID:
    """An id for something that belongs to no request, such as a release: its moment, and a hash of what it is."""
    return _version_8(int(moment.timestamp() * 1000), hashlib.sha256(content))


def _version_8(milliseconds: int, digest: "hashlib._Hash") -> UUID:
    bits = int.from_bytes(digest.digest()[:10], "big")
    bits = (bits & ~(0xF << 76)) | (0x8 << 76)  # version
    bits = (bits & ~(0x3 << 62)) | (0x2 << 62)  # variant
    return UUID(int=(milliseconds << 80) | bits)


def time_of(id: UUID) -> datetime:  # noqa: A002 it is the id
    """The moment inside an id of version 7 or 8, to the millisecond. ValueError past the year 9999."""
    seconds, milliseconds = divmod(id.int >> 80, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def source_of(service: str) -> str:
    """How a service signs its events."""
    return SOURCE_PREFIX + service


def origin_of(source: str, source_id: str | None) -> Origin | None:
    """Whose number travels with a request's events. What the counter draws for a person is nobody's own number."""
    return Origin(source, source_id) if source_id is not None and source != COUNTER_SOURCE else None


def make_event(
    data: EventData,
    *,
    source: str,
    of: UUID,
    time: datetime,
    causation_id: UUID | None = None,
    directory_version: str | None = None,
    traceparent: str | None = None,
    replay_id: str | None = None,
    replay_depth: int = 0,
    origin: Origin | None = None,
) -> Event:
    """An event with its deterministic id. `source` is a URI: `source_of("router")`; `of` is the request's id."""
    if ":" not in source:
        raise ValueError(f"source {source!r} is no URI; use source_of({source!r})")
    return Event(
        id=event_id(of, data.TYPE, causation_id, canonical(data)),
        type=data.TYPE,
        source=source,
        subject=data.subject(),
        time=time.astimezone(UTC),
        data=data,
        causation_id=causation_id,
        directory_version=directory_version,
        traceparent=traceparent,
        replay_id=replay_id,
        replay_depth=replay_depth,
        origin=origin,
    )


def reference_for(request_id: UUID) -> str:
    """What a person reads out at the counter, like G-7K3M-2QX9-4TB2. The last character checks the others."""
    number = int.from_bytes(hashlib.sha256(request_id.bytes).digest()[:8], "big")
    digits = [number >> (5 * place) & 31 for place in range(REFERENCE_DIGITS)]
    return _written("".join(REFERENCE_ALPHABET[digit] for digit in [*digits, _check_digit(digits)]))


def reference_in(text: str) -> str | None:
    """The reference that someone wrote down or typed as it was read out, None if it is none.

    Crockford's alphabet is read as it is meant: O is 0, I and L are 1, small letters are capitals, blanks and dashes of
    any kind mean nothing. A single wrong character or two swapped neighbours almost never pass.
    """
    typed = unicodedata.normalize("NFKC", text[:TYPED_CHARACTERS_MAX]).upper()
    characters = "".join(each for each in typed if each.isalnum()).translate(MISREAD)
    if len(characters) == REFERENCE_DIGITS + 2 and characters.startswith("G"):
        characters = characters[1:]
    digits = [REFERENCE_ALPHABET.find(each) for each in characters]
    if len(digits) != REFERENCE_DIGITS + 1 or min(digits) < 0 or digits[-1] != _check_digit(digits[:-1]):
        return None
    return _written(characters)


def is_reference(text: str) -> bool:
    """Whether this is a reference, written as we write it."""
    return reference_in(text) == text


def _written(characters: str) -> str:
    return f"G-{characters[:4]}-{characters[4:8]}-{characters[8:]}"


def _check_digit(digits: list[int]) -> int:
    """Luhn's algorithm over 32 characters."""
    doubled = (digit * 2 if place % 2 == 0 else digit for place, digit in enumerate(reversed(digits)))
    return -sum(digit // 32 + digit % 32 for digit in doubled) % 32
