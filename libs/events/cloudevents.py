"""How does an event become a Kafka record, and how is one read from any bytes?

CloudEvents 1.0, Kafka protocol binding: binary mode is written, structured mode is read as well. `decode` raises
InvalidEvent and nothing else, whatever the bytes; it is on the hot path of every consumer. What the specification
leaves to the sender of another system's event is not judged here.
"""

import base64
import binascii
from typing import NamedTuple, NoReturn, TypeVar, cast

import orjson
from pydantic import ValidationError

from libs.events import attributes as ce
from libs.events.attributes import CONTENT_TYPE, JSON_TYPE, SPEC_VERSION, STRUCTURED_TYPE, Attributes, Headers
from libs.events.envelope import NO_TIME, Envelope, Event, EventData, InvalidEvent, Origin
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
    ]
    if event.time != NO_TIME:
        headers.append(("ce_time", ce.time_text(event.time).encode()))
    headers.append((CONTENT_TYPE, _JSON))
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
        **({} if event.time == NO_TIME else {"time": ce.time_text(event.time)}),
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
    found = ce.from_headers(headers)
    content_type = found.texts.pop(CONTENT_TYPE, JSON_TYPE)
    is_bare = not found.texts and not found.wrong
    try:
        if found.wrong:
            found.refuse_among((CONTENT_TYPE,))
        if content_type != JSON_TYPE:
            media = ce.media_of(content_type)
            if media == STRUCTURED_TYPE:
                return decode_structured(value)
            if media.startswith(ce.ENVELOPE_PREFIX) or not ce.is_json(media):
                refuse_media(CONTENT_TYPE)
        # Without a header of CloudEvents only the body can say what it is: plain producers name no media type.
        return decode_structured(value) if is_bare else assemble(found, value)
    except ce.AttributeWrong as fault:
        raise fault.spelt("ce_") from None


def decode_structured(value: bytes) -> Event:
    """The event in a document of structured mode. Raises InvalidEvent."""
    try:
        document = orjson.loads(_within_limit(value))
    except orjson.JSONDecodeError as error:
        raise InvalidEvent("invalid-json", f"the body is no JSON document: {error.msg}; send one JSON object") from None
    if not isinstance(document, dict):
        raise InvalidEvent("invalid-json", "the body is no JSON object; send one CloudEvent in structured mode")
    media = document.get("datacontenttype")
    if media and not (isinstance(media, str) and ce.is_json(ce.media_of(media))):
        refuse_media("datacontenttype")
    found = Attributes({}, {})
    for name in ce.NAMES:
        ce.add_value(found, name, document.get(name))
    try:
        return assemble(found, _data_in(document))
    except ce.AttributeWrong as fault:
        raise fault.spelt("") from None


def assemble(found: Attributes, value: bytes) -> Event:
    """The event of these attributes and this body, whatever carried them. Raises InvalidEvent or AttributeWrong."""
    texts = found.texts
    kind = EVENTS.get(texts.get("type", ""))
    if found.wrong:
        found.refuse_among(ce.JUDGED_OF_OTHERS if kind is None or kind.FOREIGN else ce.NAMES)
    if ce.required(texts, "specversion", f"{SPEC_VERSION} with the other attributes of a CloudEvent") != SPEC_VERSION:
        ce.refuse("specversion", "attribute-invalid", f"is not {SPEC_VERSION}; send CloudEvents {SPEC_VERSION}")
    type_ = ce.required(texts, "type", "guichet.RequestSubmitted.v1")
    source = ce.required(texts, "source", "https://example.org/our-system")
    id_text = ce.required(texts, "id", "a number of your own that you never use twice")
    if kind is None:
        ce.refuse("type", "unknown-type", f"{type_!r:.120} is not known here; send one of {', '.join(EVENTS)}")
    return _from_elsewhere(texts, kind, value) if kind.FOREIGN else _of_ours(texts, kind, source, id_text, value)


def _from_elsewhere(texts: dict[str, str], kind: type[EventData], value: bytes) -> Event:
    """Another system's event. Its extensions are its own, also those that have the names of ours."""
    time, id_text = texts.get("time"), texts["id"]
    data = parse_data(kind, value)
    return Event(
        id=foreign_event_id(texts["source"], id_text),
        type=kind.TYPE,
        source=texts["source"],
        subject=texts.get("subject") or data.subject() or id_text,
        time=ce.as_time(time) if time else NO_TIME,
        data=data,
        traceparent=ce.as_trace(texts.get("traceparent")),
        source_id=id_text,
    )


def _of_ours(texts: dict[str, str], kind: type[EventData], source: str, id_text: str, value: bytes) -> Event:
    time = ce.as_time(ce.required(texts, "time", "2026-11-23T10:15:00Z"))
    data = parse_data(kind, value)
    subject = data.subject()
    if ce.required(texts, "subject", subject) != subject:
        ce.refuse("subject", "attribute-invalid", f"names something else than the body; send {subject}")
    cause = texts.get("causationid")
    depth = texts.get("replaydepth")
    return Event(
        id=ce.as_own_id(id_text),
        type=kind.TYPE,
        source=source,
        subject=subject,
        time=time,
        data=data,
        causation_id=ce.as_uuid("causationid", cause) if cause else None,
        directory_version=texts.get("directoryversion"),
        traceparent=texts.get("traceparent"),
        replay_id=texts.get("replayid"),
        replay_depth=ce.as_depth(depth) if depth else 0,
        origin=Origin(texts["origin"], texts["originid"]) if "origin" in texts and "originid" in texts else None,
        content=value,
    )


def parse_data(kind: type[Data], value: bytes) -> Data:
    """The body of an event from JSON bytes, for doors that have no CloudEvent around it. Raises InvalidEvent."""
    # Escaped backslashes go first, so that a text which merely mentions the escape is left alone.
    if NUL_ESCAPED in value and NUL_ESCAPED in value.replace(b"\\\\", b""):
        raise InvalidEvent("nul-character", "the body has the character U+0000, which cannot be kept; take it out")
    try:
        return cast(Data, kind.__pydantic_validator__.validate_json(value))
    except ValidationError as error:
        raise refusal(error, kind) from None


def _data_in(document: dict[str, object]) -> bytes:
    data, encoded = document.get("data"), document.get("data_base64")
    if data is not None and encoded is not None:
        raise InvalidEvent("invalid-field", "data and data_base64 exclude each other; send one of them", "data")
    if isinstance(data, str):
        return data.encode()  # Python's SDK puts JSON that it was given as text into a string
    if data is not None:
        return orjson.dumps(data)
    if not isinstance(encoded, str):
        raise InvalidEvent("invalid-field", "data is missing; put the event's fields there", "data")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidEvent("invalid-field", "data_base64 is no base64; send the JSON in data", "data_base64") from None


def refuse_media(name: str) -> NoReturn:
    """Raises InvalidEvent about the attribute that says what kind of document it is."""
    remedy = f"send one event at a time, as {JSON_TYPE} (binary) or {STRUCTURED_TYPE} (structured)"
    raise InvalidEvent("wrong-content-type", f"{name} is not understood; {remedy}", name)


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
    if event.origin is not None:
        found += [("origin", event.origin.source), ("originid", event.origin.number)]
    return found


def _body(data: EventData) -> bytes:
    return data.__pydantic_serializer__.to_json(data, exclude_none=True)


def _within_limit(value: bytes) -> bytes:
    if len(value) > EVENT_BYTES_MAX:
        raise InvalidEvent("too-large", f"the event has {len(value)} bytes; {EVENT_BYTES_MAX} are allowed, shorten it")
    return value
