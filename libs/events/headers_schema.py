"""Which headers does a record have, as JSON Schema?"""

from typing import Any

from libs.events.attributes import ATTRIBUTE_CHARACTERS_MAX, JSON_TYPE, REPLAY_DEPTH_MAX, SPEC_VERSION
from libs.events.envelope import EventData

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": ATTRIBUTE_CHARACTERS_MAX}
_OWN_ID: Schema = {
    "type": "string",
    "format": "uuid",
    "description": "the request's time, then a hash of type, cause and content: the same work makes the same id",
}
_FOREIGN_ID: Schema = _TEXT | {"description": "your own number for it; sending it again changes nothing"}
_JSON_OF_OTHERS: Schema = {"type": "string", "description": f"any media type of JSON; {JSON_TYPE} when left out"}
_EXTENSIONS: dict[str, Schema] = {
    "ce_causationid": {"type": "string", "format": "uuid", "description": "the event that led to this one"},
    "ce_directoryversion": _TEXT | {"description": "the release of the directory that was used"},
    "ce_traceparent": _TEXT | {"description": "W3C Trace Context"},
    "ce_replayid": _TEXT | {"description": "the replay that presented it again"},
    "ce_origin": _TEXT | {"description": "who handed in the request that this is about, where they gave it a number"},
    "ce_originid": _TEXT
    | {"description": "their own number for it: the source_id or CloudEvents id it was handed in under"},
    "ce_replaydepth": {"type": "string", "pattern": "^[0-9]{1,3}$", "description": f"at most {REPLAY_DEPTH_MAX}"},
}


def event_headers(kind: type[EventData]) -> Schema:
    """CloudEvents in binary mode, for one type of event."""
    required = ["ce_specversion", "ce_id", "ce_type", "ce_source"]
    return {
        "type": "object",
        "required": required if kind.FOREIGN else [*required, "ce_time", "ce_subject"],
        "properties": {
            "ce_specversion": {"type": "string", "const": SPEC_VERSION},
            "ce_id": _FOREIGN_ID if kind.FOREIGN else _OWN_ID,
            "ce_type": {"type": "string", "const": kind.TYPE},
            "ce_source": _TEXT | {"format": "uri-reference", "description": "who says so"},
            "ce_subject": _TEXT | {"description": "what it is about; equal to the record key"},
            "ce_time": {"type": "string", "format": "date-time"},
            "content-type": _JSON_OF_OTHERS if kind.FOREIGN else {"type": "string", "enum": [JSON_TYPE]},
            **({} if kind.FOREIGN else _EXTENSIONS),
        },
    }


def dead_letter_headers() -> Schema:
    """What is added to a record that was given up on; its own headers stay."""
    described = {
        "topic": "where the record came from",
        "partition": "its partition there",
        "offset": "its offset there",
        "timestamp": "its Kafka timestamp, milliseconds",
        "slug": "the reason, as a stable word",
        "message": "the reason, in a sentence with the remedy",
        "service": "who gave up",
        "version": "the version of the service",
        "attempts": "how often it was tried",
        "first-at": "when it was tried first",
        "last-at": "when it was tried last",
    }
    at_times = {
        "packed": "gzip: the value is packed, because the whole is larger than a dead letter may be",
        "cut": "how large the whole was, when parts had to be cut off; it stays at its own place while kept there",
        "value": "null: the record had no value, and no key either",
    }
    properties = {
        f"guichet-dead-{name}": {"type": "string", "description": said} for name, said in (described | at_times).items()
    }
    return {"type": "object", "required": [f"guichet-dead-{name}" for name in described], "properties": properties}
