"""What do CloudEvents attributes look like in a record, and which values are refused?"""

import re
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, NoReturn
from uuid import UUID

from pydantic import TypeAdapter

from libs.events.envelope import InvalidEvent

Headers = Sequence[tuple[str, bytes | None]]

SPEC_VERSION = "1.0"
CONTENT_TYPE = "content-type"
JSON_TYPE = "application/json"
STRUCTURED_TYPE = "application/cloudevents+json"
ENVELOPE_PREFIX = "application/cloudevents"  # a document with the event in it, of whatever format or number
# No attribute of ours is near it; a longer one is a mistake or an attack, and would be repeated in every log line.
ATTRIBUTE_CHARACTERS_MAX = 1_000
REPLAY_DEPTH_MAX = 100  # a record that was replayed this often is going round in a circle
# An inbox makes partitions from the time inside an id, so an id from nowhere must not make one.
EARLIEST_MILLISECONDS = 946_684_800_000  # 2000-01-01
LATEST_MILLISECONDS = 4_102_444_800_000  # 2100-01-01

NAMES = (
    "specversion",
    "id",
    "type",
    "source",
    "subject",
    "time",
    "causationid",
    "directoryversion",
    "traceparent",
    "replayid",
    "replaydepth",
    "origin",
    "originid",
)
JUDGED_OF_OTHERS = frozenset({"specversion", "id", "type", "source", "time"})
"""Another system's event is refused for these alone; its others are its own, whatever ours of that name say."""

_NAME_OF_HEADER: Mapping[str, str] = {
    **{f"ce_{name}": name for name in NAMES},
    CONTENT_TYPE: CONTENT_TYPE,
    "Content-Type": CONTENT_TYPE,
}
_UUID = TypeAdapter(UUID).validator
_NAME_OF = _NAME_OF_HEADER.get
_HOURS_AND_MINUTES = r"(?:[01]\d|2[0-3]):[0-5]\d"
# RFC 3339, section 5.6: `T` and `Z` in either case, by agreement a blank; any number of decimals; a leap second.
_TIME = re.compile(
    rf"\d{{4}}-\d\d-\d\d[Tt ]{_HOURS_AND_MINUTES}:(?:[0-5]\d|(60))(?:\.\d+)?(?:[Zz]|[+-]{_HOURS_AND_MINUTES})", re.ASCII
).fullmatch
_SECONDS_AT = slice(17, 19)
# W3C Trace Context, section 3.2.2; ids of zeros alone are invalid.
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}").fullmatch


class AttributeWrong(Exception):
    """An attribute that cannot be read. How it is spelt, the door knows through which the event came."""

    def __init__(self, name: str, slug: str, remedy: str) -> None:
        super().__init__(name, slug, remedy)
        self.name, self.slug, self.remedy = name, slug, remedy

    def spelt(self, prefix: str) -> InvalidEvent:
        """The refusal, with the attribute's name as the sender wrote it: behind a prefix in headers, bare in JSON."""
        shown = self.name if self.name == CONTENT_TYPE else prefix + self.name
        return InvalidEvent(self.slug, f"{shown} {self.remedy}", shown)


class Attributes(NamedTuple):
    """What was found of the attributes we know, and what is wrong with the others."""

    texts: dict[str, str]
    wrong: dict[str, AttributeWrong]

    def refuse_among(self, judged: Container[str]) -> None:
        """Raises the first fault of an attribute that matters."""
        for name, fault in self.wrong.items():
            if name in judged:
                raise fault


def from_headers(headers: Headers) -> Attributes:
    """The attributes we know; a header without a value is not set, and other headers may hold anything."""
    texts: dict[str, str] = {}
    found = Attributes(texts, {})
    for header, raw in headers:
        name = _NAME_OF(header)
        if name is None or raw is None:
            continue
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            _note(found, name, "attribute-not-text", "is not UTF-8; encode header values as UTF-8")
            continue
        if name in texts or not text or len(text) > ATTRIBUTE_CHARACTERS_MAX or "\0" in text:
            add(found, name, text)
        else:
            texts[name] = text  # what nearly all are; a call for each would cost a tenth of reading an event
    return found


def add(found: Attributes, name: str, text: str) -> None:
    """An attribute's text, if it has a length and no U+0000 (which PostgreSQL cannot keep)."""
    if found.texts.get(name, text) != text:
        _note(found, name, "attribute-repeated", "is given twice; send each header once")
    elif not text or len(text) > ATTRIBUTE_CHARACTERS_MAX or "\0" in text:
        remedy = f"must have 1 to {ATTRIBUTE_CHARACTERS_MAX} characters, none of them U+0000"
        _note(found, name, "attribute-invalid", remedy)
    else:
        found.texts[name] = text


def add_value(found: Attributes, name: str, value: object) -> None:
    """The same for a value in JSON; null says that it is not set."""
    if isinstance(value, str):
        add(found, name, value)
    elif isinstance(value, int) and not isinstance(value, bool):
        add(found, name, str(value))
    elif value is not None:
        _note(found, name, "attribute-not-text", "must be text in quotes")


def _note(found: Attributes, name: str, slug: str, remedy: str) -> None:
    found.wrong.setdefault(name, AttributeWrong(name, slug, remedy))


def refuse(name: str, slug: str, remedy: str) -> NoReturn:
    """Raises `AttributeWrong`."""
    raise AttributeWrong(name, slug, remedy) from None


def required(texts: Mapping[str, str], name: str, example: str) -> str:
    """The attribute, or a refusal that shows what to send."""
    text = texts.get(name)
    if text is None:
        refuse(name, "attribute-missing", f"is missing; send it, for example {example}")
    return text


def media_of(content_type: str) -> str:
    """The media type without parameters, in lower case: neither says what kind of document it is."""
    return content_type.partition(";")[0].strip().lower()


def is_json(media: str) -> bool:
    """Whether a media type declares JSON (CloudEvents JSON format, 3.1.1): `*/json`, or any with the suffix `+json`."""
    subtype = media.partition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def as_uuid(name: str, text: str) -> UUID:
    """A UUID in the usual form of 36 characters; any version."""
    try:
        if len(text) != 36:
            raise ValueError
        id_: UUID = _UUID.validate_python(text)  # a fifth of the time of UUID(text)
        return id_
    except ValueError:
        refuse(name, "attribute-invalid", "is no UUID; send 36 characters like 0198c5f3-7a1e-7c3b-9f2d-5b8e6a4c1d20")


def as_own_id(text: str) -> UUID:
    """The id of one of Guichet's own events: it must hold a time (UUID version 7 or 8) of this century."""
    id_ = as_uuid("id", text)
    if text[14] not in "78" or not EARLIEST_MILLISECONDS <= id_.int >> 80 < LATEST_MILLISECONDS:
        refuse(
            "id", "attribute-invalid", "must be a UUID of version 7 or 8 with the request's time in its first 48 bits"
        )
    return id_


def as_time(text: str) -> datetime:
    """RFC 3339, as UTC; of decimals the first six are kept. A leap second is the second after it."""
    found = _TIME(text)
    try:
        if found is None:
            raise ValueError
        if found[1] is None:
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        return _leap_second(text)
    except (ValueError, OverflowError):
        refuse("time", "attribute-invalid", "is no RFC 3339 time; send one with its offset, like 2026-11-23T10:15:00Z")


def _leap_second(text: str) -> datetime:
    """No clock here counts the 61st second of a minute; there is one only at the end of a day in UTC."""
    before = datetime.fromisoformat((text[: _SECONDS_AT.start] + "59" + text[_SECONDS_AT.stop :]).upper())
    before = before.astimezone(UTC)
    if (before.hour, before.minute) != (23, 59):
        raise ValueError
    return before + timedelta(seconds=1)


def as_trace(text: str | None) -> str | None:
    """A `traceparent` as W3C Trace Context writes it; of any other the trace begins anew, as it says (4.3)."""
    return text if text is not None and _TRACE(text) else None


def as_depth(text: str) -> int:
    """How often a record was replayed."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= REPLAY_DEPTH_MAX):
        refuse("replaydepth", "attribute-invalid", f"must be a whole number from 0 to {REPLAY_DEPTH_MAX}")
    return int(text)


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC with a Z."""
    return moment.astimezone(UTC).isoformat()[:-6] + "Z"
