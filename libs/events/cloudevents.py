"""How does an event become a Kafka record, and how is one read from any bytes?

CloudEvents 1.0, Kafka protocol binding: binary mode is written, structured mode is read as well. `decode` raises
InvalidEvent and nothing else, whatever the bytes; it is on the hot path of every consumer.
"""

import base64
import binascii
from typing import NamedTuple, NoReturn, TypeVar, cast

import orjson
from pydantic import ValidationError

from libs.events import attributes as ce
from libs.events.attributes import CONTENT_TYPE, JSON_TYPE, SPEC_VERSION, STRUCTURED_TYPE, Headers
from libs.events.envelope import Envelope, Event, EventData, InvalidEvent
from libs.events.identity import foreign_event_id
from libs.events.models import EVENTS
from libs.events.refusal import refusal

# Kafka refuses records over 1 MiB by default; headers and a dead letter's extra headers must fit beside the body.
EVENT_BYTES_MAX = 900_000
NUL_ESCAPED = b"\\u0000"
_JSON = JSON_TYPE.encode()
_SPEC = SPEC_VERSION.encode()
_HEADERS = {name: f"ce_{name}" for name in ce.NAMES}
Data = TypeVar("Data", bound=EventData)


class Encoded(NamedTuple):
    """A record, ready to send."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def encode(event: Event) -> Encoded:
    """Binary mode: attributes in `ce_` headers, the data as the body. Raises InvalidEvent for a body over the limit."""
    return record_of(event, _body(event.data))


def record_of(event: Envelope, value: bytes) -> Encoded:
    """The same for whoever has the body as bytes already."""
    subject = event.subject.encode()
    headers = [
        ("ce_specversion", _SPEC),
        ("ce_id", (event.source_id or str(event.id)).encode()),
        ("ce_type", event.type.encode()),
        ("ce_source", event.source.encode()),
        ("ce_subject", subject),
        ("ce_time", ce.time_text(event.time).encode()),
        (CONTENT_TYPE, _JSON),
    ]
    headers += [(_HEADERS[name], text.encode()) for name, text in _extensions(event)]
    return Encoded(subject, _within_limit(value), headers)


def encode_structured(event: Event) -> Encoded:
    """Structured mode: attributes and data in one JSON document."""
    document = {
        "specversion": SPEC_VERSION,
        "id": event.source_id or str(event.id),
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "time": ce.time_text(event.time),
        "datacontenttype": JSON_TYPE,
        **dict(_extensions(event)),
        "data": orjson.Fragment(_body(event.data)),
    }
    value = _within_limit(orjson.dumps(document))
    return Encoded(event.subject.encode(), value, [(CONTENT_TYPE, STRUCTURED_TYPE.encode())])


def decode(value: bytes | None, headers: Headers) -> Event:
    """The event in a record, binary or structured. Raises InvalidEvent, naming the attribute and the remedy."""
    if value is None:
        raise InvalidEvent("no-value", "the record has no value; send the event's data as JSON")
    _within_limit(value)
    attributes = ce.from_headers(headers)
    content_type = attributes.get(CONTENT_TYPE, JSON_TYPE)
    if content_type != JSON_TYPE:
        media = content_type.partition(";")[0].strip().lower()
        if media == STRUCTURED_TYPE:
            return decode_structured(value)
        if (media != JSON_TYPE and not media.endswith("+json")) or media == "application/cloudevents-batch+json":
            _refuse_media(CONTENT_TYPE)
    return _event(attributes, value)


def decode_structured(value: bytes) -> Event:
    """The event in a document of structured mode. Raises InvalidEvent."""
    try:
        document = orjson.loads(_within_limit(value))
    except orjson.JSONDecodeError as error:
        raise InvalidEvent("invalid-json", f"the body is no JSON document: {error.msg}; send one JSON object") from None
    if not isinstance(document, dict):
        raise InvalidEvent("invalid-json", "the body is no JSON object; send one CloudEvent in structured mode")
    media = document.get("datacontenttype", JSON_TYPE)
    if not isinstance(media, str) or not media.partition(";")[0].strip().endswith("json"):
        _refuse_media("datacontenttype")
    return _event(_attributes_in(document), _data_in(document))


def _event(attributes: dict[str, str], value: bytes) -> Event:
    if (
        ce.required(attributes, "specversion", f"{SPEC_VERSION}, in binary mode with the other ce_ headers")
        != SPEC_VERSION
    ):
        ce.refuse("specversion", "attribute-invalid", f"is not {SPEC_VERSION}; send CloudEvents {SPEC_VERSION}")
    kind = _kind(ce.required(attributes, "type", "guichet.RequestSubmitted.v1"))
    source = ce.required(attributes, "source", "https://example.org/our-system")
    id_text = ce.required(attributes, "id", "a number of your own that you never use twice")
    time = ce.as_time(ce.required(attributes, "time", "2026-11-23T10:15:00Z"))
    data = parse_data(kind, value)
    cause = attributes.get("causationid")
    depth = attributes.get("replaydepth")
    return Event(
        id=foreign_event_id(source, id_text) if kind.FOREIGN else ce.as_own_id(id_text),
        type=kind.TYPE,
        source=source,
        subject=_subject(attributes, kind, data, id_text),
        time=time,
        data=data,
        causation_id=ce.as_uuid("causationid", cause) if cause else None,
        directory_version=attributes.get("directoryversion"),
        traceparent=attributes.get("traceparent"),
        replay_id=attributes.get("replayid"),
        replay_depth=ce.as_depth(depth) if depth else 0,
        source_id=id_text if kind.FOREIGN else None,
    )


def _kind(type_: str) -> type[EventData]:
    kind = EVENTS.get(type_)
    if kind is None:
        known = ", ".join(EVENTS)
        raise InvalidEvent("unknown-type", f"ce_type {type_!r:.120} is not known here; send one of {known}", "ce_type")
    return kind


def parse_data(kind: type[Data], value: bytes) -> Data:
    """The body of an event from JSON bytes, for doors that have no CloudEvent around it. Raises InvalidEvent."""
    # Escaped backslashes go first, so that a text which merely mentions the escape is left alone.
    if NUL_ESCAPED in value and NUL_ESCAPED in value.replace(b"\\\\", b""):
        raise InvalidEvent("nul-character", "the body has the character U+0000, which cannot be kept; take it out")
    try:
        return cast(Data, kind.__pydantic_validator__.validate_json(value))
    except ValidationError as error:
        raise refusal(error, kind) from None


def _subject(attributes: dict[str, str], kind: type[EventData], data: EventData, id_text: str) -> str:
    if kind.FOREIGN:
        return attributes.get("subject") or data.subject() or id_text
    subject = data.subject()
    if ce.required(attributes, "subject", subject) != subject:
        ce.refuse("subject", "attribute-invalid", f"names something else than the body; send {subject}")
    return subject


def _attributes_in(document: dict[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ce.NAMES:
        value = document.get(name)
        if value is None:
            continue
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            ce.refuse(name, "attribute-not-text", "must be text in quotes")
        found[name] = ce.checked(name, value)
    return found


def _data_in(document: dict[str, object]) -> bytes:
    if "data" in document:
        return orjson.dumps(document["data"])
    encoded = document.get("data_base64")
    if not isinstance(encoded, str):
        raise InvalidEvent("invalid-field", "data is missing; put the event's fields there", "data")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidEvent("invalid-field", "data_base64 is no base64; send the JSON in data", "data_base64") from None


def _refuse_media(name: str) -> NoReturn:
    raise InvalidEvent(
        "wrong-content-type",
        f"{name} is not understood; send one event a record, as {JSON_TYPE} (binary) or {STRUCTURED_TYPE} (structured)",
        name,
    )


def _extensions(event: Envelope) -> list[tuple[str, str]]:
    """The attributes of ours that CloudEvents does not know, where they have a value."""
    found: list[tuple[str, str]] = []
    if event.causation_id is not None:
        found.append(("causationid", str(event.causation_id)))
    if event.directory_version is not None:
        found.append(("directoryversion", event.directory_version))
    if event.traceparent is not None:
        found.append(("traceparent", event.traceparent))
    if event.replay_id is not None:
        found.append(("replayid", event.replay_id))
    if event.replay_depth:
        found.append(("replaydepth", str(event.replay_depth)))
    return found


def _body(data: EventData) -> bytes:
    return data.__pydantic_serializer__.to_json(data, exclude_none=True)


def _within_limit(value: bytes) -> bytes:
    if len(value) > EVENT_BYTES_MAX:
        raise InvalidEvent("too-large", f"the event has {len(value)} bytes; {EVENT_BYTES_MAX} are allowed, shorten it")
    return value
