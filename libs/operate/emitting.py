"""How does a file of JSON become events, and how do they get to Kafka?

A document is a CloudEvent in structured mode when it has `specversion`, else the bare data of one `--type`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any
from uuid import uuid4

import orjson

from libs.delivery.messages import OutgoingRecord
from libs.events import EVENTS, Encoded, Event, InvalidEvent, encode, encode_structured, make_event, parse_data
from libs.events.attributes import CONTENT_TYPE, JSON_TYPE, NAMES, STRUCTURED_TYPE
from libs.events.cloudevents import decode_structured
from libs.events.identity import foreign_event_id, id_at
from libs.events.topics import topic_of
from libs.operate.output import WrongUse

DOCUMENT_BYTES_MAX = 200_000_000  # of an array or a document over several lines, which are read whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """How documents are to be sent."""

    type: str | None = None
    source: str
    topic: str | None = None
    is_structured: bool = False
    is_raw: bool = False


def documents(stream: IO[bytes]) -> Iterator[bytes]:
    """Each JSON document: an array's elements, one a line, or one over several lines. Lines are read as they come."""
    first = stream.readline()
    while first and not first.strip():
        first = stream.readline()
    if first.lstrip().startswith(b"[") or (first.strip() and not _is_json(first)):
        yield from _whole(first + stream.read(DOCUMENT_BYTES_MAX))
        return
    if first:
        yield first.strip()
    yield from (line.strip() for line in stream if line.strip())


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _whole(text: bytes) -> Iterator[bytes]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:  # lines, of which the first is wrong; each is looked at by itself
        yield from (line.strip() for line in text.splitlines() if line.strip())
        return
    yield from (orjson.dumps(one) for one in (found if isinstance(found, list) else [found]))


def record_of(document: bytes, emission: Emission) -> OutgoingRecord:
    """The record to send. Raises `InvalidEvent`, or `WrongUse` when an option is missing."""
    if emission.is_raw:
        return _raw(document, emission)
    event = event_of(document, emission)
    encoded: Encoded = encode_structured(event) if emission.is_structured else encode(event)
    return OutgoingRecord(emission.topic or topic_of(event.type).name, encoded.key, encoded.value, encoded.headers)


def event_of(document: bytes, emission: Emission) -> Event:
    """The event in a document, made from bare data where it is no CloudEvent."""
    if b'"specversion"' in document and isinstance(found := _object(document), dict) and "specversion" in found:
        return decode_structured(document)
    kind = EVENTS.get(emission.type or "")
    if kind is None:
        known = ", ".join(EVENTS)
        raise WrongUse(f"this is bare data; say what it is with --type, one of {known}")
    data = parse_data(kind, document)
    now = datetime.now(UTC)
    if not kind.FOREIGN:
        of = getattr(data, "request_id", None) or id_at(now)
        return make_event(data, source=emission.source, of=of, time=now)
    number = data.subject() or str(uuid4())
    return Event(
        id=foreign_event_id(emission.source, number),
        type=kind.TYPE,
        source=emission.source,
        subject=number,
        time=now,
        data=data,
        source_id=number,
    )


def _raw(document: bytes, emission: Emission) -> OutgoingRecord:
    """As it is, right or wrong: to see what the other side says to it."""
    if emission.topic is None:
        raise WrongUse("--raw sends anything anywhere: name the topic with --topic")
    found = _object(document)
    if not isinstance(found, dict) or "specversion" not in found or emission.is_structured:
        kind = STRUCTURED_TYPE if emission.is_structured else JSON_TYPE
        typed = [("ce_type", emission.type.encode())] if emission.type else []
        return OutgoingRecord(emission.topic, None, document, [*typed, (CONTENT_TYPE, kind.encode())])
    headers = [(f"ce_{name}", str(found[name]).encode()) for name in NAMES if found.get(name) is not None]
    key = str(found.get("subject") or found.get("id") or "").encode()
    return OutgoingRecord(
        emission.topic, key, orjson.dumps(found.get("data")), [*headers, (CONTENT_TYPE, JSON_TYPE.encode())]
    )


def _object(document: bytes) -> Any:
    try:
        return orjson.loads(document)
    except orjson.JSONDecodeError:
        return None


def checked(documents_read: Iterator[bytes], emission: Emission) -> Iterator[OutgoingRecord]:
    """Every record, or `WrongUse` that names the first document that is no event."""
    for number, document in enumerate(documents_read, 1):
        try:
            yield record_of(document, emission)
        except InvalidEvent as error:
            raise WrongUse(f"document {number}: {error.message} ({error.slug})") from error
