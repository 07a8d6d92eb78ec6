"""Who may do what in Kafka? One user for each service, with exactly the rights that the map of topics gives it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from libs.events.topics import (
    ANYONE,
    OPERATORS,
    OTHER_SYSTEMS,
    SERVICES,
    TOPICS,
    Topic,
    consumer_group,
    dead_topic,
    is_read_whole,
)

ADMIN = "admin"  # provisions topics and rights; Kafka's own connections use it too
OPERATOR = "operator"  # the command line
USERS = (*SERVICES, OPERATOR)

Operation = Literal["READ", "WRITE", "DESCRIBE"]  # reading and writing bring describing along


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One right of one user. `kind` and `name` say of what: a topic or a consumer group."""

    user: str
    operation: Operation
    kind: Literal["TOPIC", "GROUP"]
    name: str


# What intake looks at to tell that a request is on its way no more: how far the router has read, and what was given up.
LOOKED_AT = (
    Grant("intake", "DESCRIBE", "GROUP", consumer_group("router")),
    Grant("intake", "READ", "TOPIC", dead_topic("router")),
    Grant("intake", "READ", "TOPIC", dead_topic("intake")),
)


def grants(topics: Iterable[Topic] = tuple(TOPICS.values())) -> list[Grant]:
    """Every right there is; what is not here is forbidden."""
    known = tuple(topics)
    named = {consumer_group(service) for service in SERVICES} | {topic.name for topic in known}
    looked_at = {grant for grant in LOOKED_AT if grant.name in named}
    return sorted({grant for topic in known for grant in _of_topic(topic)} | set(_of_groups(known)) | looked_at)


def _of_topic(topic: Topic) -> Iterable[Grant]:
    if topic.writer in SERVICES:
        yield Grant(topic.writer, "WRITE", "TOPIC", topic.name)
        if ANYONE in topic.readers:  # among them who wrote it: audit reads back what it has signed
            yield Grant(topic.writer, "READ", "TOPIC", topic.name)
    for reader in topic.readers:
        if reader in SERVICES:
            yield Grant(reader, "READ", "TOPIC", topic.name)
    yield Grant(OPERATOR, "READ", "TOPIC", topic.name)
    # An operator writes what operators write, sends as another system would, and puts a dead letter back where it came
    # from: onto any topic that a service reads. Signed checkpoints and dead letters themselves stay as they are.
    if topic.writer in (OPERATORS, OTHER_SYSTEMS) or any(reader in SERVICES for reader in topic.readers):
        yield Grant(OPERATOR, "WRITE", "TOPIC", topic.name)


def _of_groups(topics: tuple[Topic, ...]) -> Iterable[Grant]:
    for service in SERVICES:
        if any(service in topic.readers and not is_read_whole(topic, service) for topic in topics):
            yield Grant(service, "READ", "GROUP", consumer_group(service))
            yield Grant(OPERATOR, "DESCRIBE", "GROUP", consumer_group(service))  # to tell how far each service is
