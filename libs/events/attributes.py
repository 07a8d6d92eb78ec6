"""What do CloudEvents attributes look like in Kafka headers, and which values are refused?"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn
from uuid import UUID

from pydantic import TypeAdapter

from libs.events.envelope import InvalidEvent

Headers = Sequence[tuple[str, bytes | None]]

SPEC_VERSION = "1.0"
CONTENT_TYPE = "content-type"
JSON_TYPE = "application/json"
STRUCTURED_TYPE = "application/cloudevents+json"
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
)
_NAME_OF_HEADER: Mapping[str, str] = {
    **{f"ce_{name}": name for name in NAMES},
    CONTENT_TYPE: CONTENT_TYPE,
    "Content-Type": CONTENT_TYPE,
}
_UUID = TypeAdapter(UUID).validator
_NAME_OF = _NAME_OF_HEADER.get


def from_headers(headers: Headers) -> dict[str, str]:
    """The attributes we know; other headers may hold anything. Raises InvalidEvent."""
    found: dict[str, str] = {}
    for header, raw in headers:
        name = _NAME_OF(header)
        if name is None:
            continue
        if raw is None:
            refuse(name, "attribute-not-text", "is null; send text or leave the header out")
        if name in found:
            refuse(name, "attribute-repeated", "is given twice; send each header once")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            refuse(name, "attribute-not-text", "is not UTF-8; encode header values as UTF-8")
        found[name] = checked(name, text)
    return found


def checked(name: str, text: str) -> str:
    """An attribute's text, if it has a length and no U+0000 (which PostgreSQL cannot keep)."""
    if not text or len(text) > ATTRIBUTE_CHARACTERS_MAX or "\0" in text:
        refuse(name, "attribute-invalid", f"must have 1 to {ATTRIBUTE_CHARACTERS_MAX} characters, none of them U+0000")
    return text


def refuse(name: str, slug: str, remedy: str) -> NoReturn:
    """Says it about the header in the sender's own spelling."""
    shown = name if name == CONTENT_TYPE else f"ce_{name}"
    raise InvalidEvent(slug, f"{shown} {remedy}", shown) from None


def required(attributes: Mapping[str, str], name: str, example: str) -> str:
    """The attribute, or a refusal that shows what to send."""
    text = attributes.get(name)
    if text is None:
        refuse(name, "attribute-missing", f"is missing; send it, for example {example}")
    return text


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
    """RFC 3339 with an offset, as UTC."""
    try:
        if len(text) < 20 or text[4] != "-" or text[10] not in "Tt":
            raise ValueError
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        refuse("time", "attribute-invalid", "is no RFC 3339 time; send one with its offset, like 2026-11-23T10:15:00Z")


def as_depth(text: str) -> int:
    """How often a record was replayed."""
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= REPLAY_DEPTH_MAX):
        refuse("replaydepth", "attribute-invalid", f"must be a whole number from 0 to {REPLAY_DEPTH_MAX}")
    return int(text)


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC with a Z."""
    return moment.astimezone(UTC).isoformat()[:-6] + "Z"
