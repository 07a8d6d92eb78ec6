"""Do all topics exist as the map says? `python -m libs.delivery.provision` makes it so, as often as you like.

It never takes back what operators did: more partitions, a longer retention and larger records than the map's stay.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from libs.delivery.backoff import Backoff
from libs.delivery.errors import KafkaAway
from libs.delivery.kafka import MAX_REQUEST_BYTES, STOP_SECONDS_MAX, KafkaSettings, make_admin, within
from libs.events.topics import SERVICES, TOPICS, Topic, dead_topic

log = structlog.get_logger(__name__)

DAY_MS = 24 * 60 * 60 * 1000
REPLICAS_MAX = 3  # with three brokers or more one may be lost without losing or stopping anything
DEAD_TOPICS = frozenset(dead_topic(service) for service in SERVICES)
DYNAMIC_TOPIC_CONFIG = 1  # the source of a setting that was made on the topic itself
WAIT_SECONDS = 60.0
MORE_IS_KEPT = frozenset({"retention.ms", "max.message.bytes"})
FOR_EVER = "-1"


def wanted_settings(topic: Topic, replicas: int) -> dict[str, str]:
    """The settings that the map decides; all others are the deployer's."""
    retention_ms = FOR_EVER if topic.retention_days is None else str(topic.retention_days * DAY_MS)
    settings = {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "retention.ms": retention_ms,
        "min.insync.replicas": str(max(1, replicas - 1)),
    }
    if topic.name in DEAD_TOPICS:
        settings["max.message.bytes"] = str(MAX_REQUEST_BYTES)  # a record of a megabyte plus our headers must fit
    return settings


async def provision(
    bootstrap: str, topics: Mapping[str, Topic] = TOPICS, settings: KafkaSettings | None = None
) -> list[str]:
    """Create what is missing and align what differs; returns what was changed, one sentence each.

    Partitions are only ever added, and what is kept for longer than the map says is not shortened. Raises `Unavailable`
    when Kafka does not answer within a minute.
    """
    settings = settings or KafkaSettings(bootstrap_servers=bootstrap)
    backoff, deadline = Backoff(0.2, 3.0), asyncio.get_running_loop().time() + WAIT_SECONDS
    while True:
        admin = make_admin(settings)
        try:
            async with asyncio.timeout(settings.admin_seconds_max * 3):
                await admin.start()
                return await _align(admin, topics)
        except (KafkaError, OSError, TimeoutError) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise KafkaAway(f"Kafka at {settings.bootstrap_servers} does not answer") from error
        finally:
            await within(STOP_SECONDS_MAX, admin.close(), "the admin client")
        await asyncio.sleep(backoff.next_seconds())


async def _align(admin: AIOKafkaAdminClient, topics: Mapping[str, Topic]) -> list[str]:
    cluster = await admin.describe_cluster()
    replicas = min(REPLICAS_MAX, len(cluster["brokers"]))
    existing = set(await admin.list_topics())
    missing = [topic for name, topic in topics.items() if name not in existing]
    changes = await _create(admin, missing, replicas)
    kept = [topic for name, topic in topics.items() if name in existing]
    described = await admin.describe_topics([topic.name for topic in kept]) if kept else []
    present = {each["topic"]: each["partitions"] for each in described}
    return changes + await _widen(admin, kept, present) + await _set(admin, kept, present)


async def _create(admin: AIOKafkaAdminClient, missing: list[Topic], replicas: int) -> list[str]:
    if not missing:
        return []
    topics = {topic.name: topic for topic in missing}
    answer = await admin.create_topics(
        [
            NewTopic(topic.name, topic.partitions, replicas, topic_configs=wanted_settings(topic, replicas))
            for topic in missing
        ]
    )
    created = []
    for name, code, *message in answer.topic_errors:
        error = for_code(code)
        if code == 0:
            created.append(f"created {name} with {topics[name].partitions} partitions")
        elif error is not TopicAlreadyExistsError:  # another provisioner may have been quicker
            raise error(f"{name}: {message}")
    return created


Partitions = Mapping[str, Sequence[Mapping[str, Any]]]


async def _widen(admin: AIOKafkaAdminClient, kept: list[Topic], present: Partitions) -> list[str]:
    number = {name: len(partitions) for name, partitions in present.items()}
    short = {topic.name: topic.partitions for topic in kept if number[topic.name] < topic.partitions}
    if short:
        await admin.create_partitions({name: NewPartitions(total) for name, total in short.items()})
    # From here on a key may be on another partition than before; order is kept among what comes after.
    return [f"widened {name} from {number[name]} to {total} partitions" for name, total in short.items()]


async def _set(admin: AIOKafkaAdminClient, kept: list[Topic], partitions: Partitions) -> list[str]:
    """Change what differs. Kafka's older call, the one aiokafka has, replaces all: so send the others' values along."""
    changes: list[str] = []
    for topic in kept:
        present = await _present_settings(admin, topic.name)
        # A topic keeps the replicas that it was made with: on a cluster that grew since, it may have fewer than a new
        # one would, and asking for more in sync than there are refuses every record.
        replicas = min(len(each["replicas"]) for each in partitions[topic.name])
        differing = {
            name: value
            for name, value in wanted_settings(topic, replicas).items()
            if present.get(name) != value and not is_more(name, present.get(name), value)
        }
        if differing:
            resource = ConfigResource(ConfigResourceType.TOPIC, topic.name, {**present, **differing})
            await admin.alter_configs([resource])
            changes.append(f"set {', '.join(f'{k}={v}' for k, v in differing.items())} on {topic.name}")
    return changes


def is_more(name: str, present: str | None, wanted: str) -> bool:
    """Whether an operator keeps more than the map asks for; to shorten it again would delete records."""
    if name not in MORE_IS_KEPT or present is None:
        return False
    return wanted != FOR_EVER and (present == FOR_EVER or int(present) > int(wanted))


async def _present_settings(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    entries = answers[0].resources[0][4]
    return {key: value for key, value, _, source, *_ in entries if source == DYNAMIC_TOPIC_CONFIG}


async def _main() -> None:
    bootstrap = os.environ.get("GUICHET_KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    for change in await provision(bootstrap):
        sys.stdout.write(change + "\n")


if __name__ == "__main__":
    asyncio.run(_main())
