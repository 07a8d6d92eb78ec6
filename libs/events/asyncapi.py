"""What does the whole contract look like to another team? AsyncAPI 3.0, made from the map of topics and the models.

Made here and not by the web framework, whose generator can express neither headers, record keys, partitions nor groups.
"""

from typing import Any

from libs.events.attributes import JSON_TYPE, STRUCTURED_TYPE
from libs.events.cloudevents import EVENT_BYTES_MAX
from libs.events.envelope import EventData
from libs.events.example_files import examples_of
from libs.events.headers_schema import dead_letter_headers, event_headers
from libs.events.models import EVENTS
from libs.events.schema_files import name_of, shared_schemas
from libs.events.topics import SERVICES, TOPICS, Topic, consumer_group, is_read_whole

Document = dict[str, Any]

VERSION = "1.1.0"  # of the contract: a new event or field raises the second number, a new topic version the first
BINDING_VERSION = "0.5.0"
DAY_MILLISECONDS = 86_400_000
DEAD_LETTER = "DeadLetter"
_OWN_KEY = "the subject"
_FOREIGN_KEY = "best your own number for the request; any key is taken, and none"


def document() -> Document:
    """The same document for the same models and examples."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": JSON_TYPE,
        "servers": {"kafka": _server()},
        "channels": {topic.name: _channel(topic) for topic in TOPICS.values()},
        "operations": _operations(),
        "components": {
            "messages": {**{_key(kind): _message(kind) for kind in EVENTS.values()}, DEAD_LETTER: _dead_letter()},
            "schemas": shared_schemas(EVENTS.values(), "#/components/schemas/{model}"),
        },
    }


def _info() -> Document:
    return {
        "title": "Guichet",
        "version": VERSION,
        "description": (
            "One counter for every public service. Events are CloudEvents 1.0 in Kafka: binary mode (`ce_` headers, "
            f"JSON body) is written; structured mode (`content-type: {STRUCTURED_TYPE}`) is read as well. A body has "
            f"at most {EVENT_BYTES_MAX} bytes. Delivery is at least once: an event that comes twice has the same id. "
            "Within a version, change is additive: ignore fields that you do not know. "
            "Records are sent uncompressed, so that every client reads them; a topic may differ where an operator sets "
            "its `compression.type`, and records from before version 1.1.0 have lz4. Write with any compression. A "
            "record key is text in UTF-8, named at each channel; Kafka's default partitioner (murmur2) chooses the "
            "partition by it, so that what is about one key keeps its order."
        ),
        "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
    }


def _server() -> Document:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "Apache Kafka 4. `guichet up` prints the address of the one that it starts.",
        "variables": {"bootstrap": {"default": "127.0.0.1:9092", "description": "host and port of any broker"}},
    }


def _key(kind: type[EventData]) -> str:
    return name_of(kind).partition(".")[0]


def _messages_of(topic: Topic) -> list[str]:
    return [_key(kind) for kind in topic.events] or [DEAD_LETTER]


def _channel(topic: Topic) -> Document:
    retention = -1 if topic.retention_days is None else topic.retention_days * DAY_MILLISECONDS
    return {
        "address": topic.name,
        "summary": topic.summary,
        "description": f"Written by {topic.writer}; read by {', '.join(topic.readers)}. Record key: {topic.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _messages_of(topic)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if topic.compacted else "delete"],
                    "retention.ms": retention,
                },
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _message(kind: type[EventData]) -> Document:
    found = examples_of(kind)
    return {
        "name": kind.TYPE,
        "title": _key(kind),
        "summary": (kind.__doc__ or "").strip(),
        "contentType": JSON_TYPE,
        "headers": event_headers(kind) | {"title": f"{_key(kind)}Headers"},
        "payload": {"$ref": f"#/components/schemas/{_key(kind)}"},
        "bindings": {"kafka": {"key": _record_key(kind), "bindingVersion": BINDING_VERSION}},
        "examples": [_example(name, event) for name, event in found.items()],
    }


def _record_key(kind: type[EventData]) -> Document:
    return {"type": "string", "description": _FOREIGN_KEY if kind.FOREIGN else _OWN_KEY}


def _example(name: str, event: Document) -> Document:
    """In binary mode: the attributes as headers, the data as payload."""
    attributes = {f"ce_{key}": str(value) for key, value in event.items() if key not in {"data", "datacontenttype"}}
    return {"name": name, "headers": {**attributes, "content-type": JSON_TYPE}, "payload": event["data"]}


def _dead_letter() -> Document:
    return {
        "name": "dead-letter",
        "title": DEAD_LETTER,
        "summary": "A record that was given up on: key, bytes and headers as they came, and why beside them.",
        "headers": dead_letter_headers() | {"title": f"{DEAD_LETTER}Headers"},
        "payload": {"title": "DeadLetterBody", "description": "as it came; any bytes"},
        "bindings": {"kafka": {"key": {"description": "as it came"}, "bindingVersion": BINDING_VERSION}},
    }


def _operations() -> Document:
    found: Document = {}
    for topic in TOPICS.values():
        if topic.writer in SERVICES:
            found[f"{topic.writer}.send.{topic.name}"] = _operation("send", topic, topic.writer)
        for service in topic.readers:
            if service in SERVICES:
                found[f"{service}.receive.{topic.name}"] = _operation("receive", topic, service)
    return found


def _operation(action: str, topic: Topic, service: str) -> Document:
    reference = f"#/channels/{topic.name}"
    operation: Document = {
        "action": action,
        "channel": {"$ref": reference},
        "summary": f"{service}: {topic.summary}",
        "messages": [{"$ref": f"{reference}/messages/{name}"} for name in _messages_of(topic)],
    }
    if action == "send":
        return operation
    if is_read_whole(topic, service):
        return operation | {"description": "Read from the beginning by each process, without a group."}
    group = {"type": "string", "enum": [consumer_group(service)]}
    return operation | {"bindings": {"kafka": {"groupId": group, "bindingVersion": BINDING_VERSION}}}
