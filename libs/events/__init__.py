"""What do services say to each other? Typed events, their envelope, their identity and the map of topics."""

from libs.events.cloudevents import EVENT_BYTES_MAX, Encoded, decode, encode, encode_structured, parse_data
from libs.events.envelope import Event, EventData, InvalidEvent
from libs.events.identity import (
    canonical,
    event_id,
    id_at,
    is_reference,
    make_event,
    new_request_id,
    reference_for,
    reference_in,
    source_of,
    time_of,
)
from libs.events.models import EVENTS
from libs.events.topics import SERVICES, TOPICS, Topic, dead_topic, topic_of, topics_read_by

__all__ = [
    "EVENTS",
    "EVENT_BYTES_MAX",
    "SERVICES",
    "TOPICS",
    "Encoded",
    "Event",
    "EventData",
    "InvalidEvent",
    "Topic",
    "canonical",
    "dead_topic",
    "decode",
    "encode",
    "encode_structured",
    "event_id",
    "id_at",
    "is_reference",
    "make_event",
    "new_request_id",
    "parse_data",
    "reference_for",
    "reference_in",
    "source_of",
    "time_of",
    "topic_of",
    "topics_read_by",
]
