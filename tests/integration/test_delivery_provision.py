"""Are topics as the map says, however often and on whatever was there before?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from libs.delivery.provision import provision
from libs.events.topics import TOPICS, Topic
from tests.brokers import Kafka


@asynccontextmanager
async def asking(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    yield admin
    await admin.close()


async def settings_of(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    return {entry[0]: entry[1] for entry in answers[0].resources[0][4]}


async def test_doing_it_again_changes_nothing(topics: Kafka) -> None:
    assert await provision(topics.bootstrap) == []


async def test_every_topic_of_the_map_is_as_the_map_says(topics: Kafka) -> None:
    async with asking(topics) as admin:
        described = {each["topic"]: each for each in await admin.describe_topics(list(TOPICS))}
        for name, topic in TOPICS.items():
            assert len(described[name]["partitions"]) == topic.partitions
            found = await settings_of(admin, name)
            assert found["cleanup.policy"] == ("compact" if topic.compacted else "delete")
            days = topic.retention_days
            assert found["retention.ms"] == str(-1 if days is None else days * 86_400_000)


async def test_what_differs_is_aligned_and_the_deployers_own_settings_stay(kafka: Kafka) -> None:
    name = f"p{uuid4().hex[:8]}.v1"
    async with asking(kafka) as admin:
        own = {"retention.ms": "1000", "segment.bytes": "1048576"}
        await admin.create_topics([NewTopic(name, 1, 1, topic_configs=own)])
        while name not in await admin.list_topics():  # noqa: ASYNC110  a broker tells of a new topic a moment later
            await asyncio.sleep(0.05)
        topic = Topic(name, (), "tests", (), 30, False, 3, "any", "for one test")
        changes = await provision(kafka.bootstrap, {name: topic})
        assert [change.split()[0] for change in changes] == ["widened", "set"]
        found = await settings_of(admin, name)
        assert (found["retention.ms"], found["segment.bytes"]) == (str(30 * 86_400_000), "1048576")
        assert await provision(kafka.bootstrap, {name: topic}) == []


async def test_doing_it_again_does_not_shorten_what_an_operator_keeps_for_longer(kafka: Kafka) -> None:
    name = f"p{uuid4().hex[:8]}.v1"
    topic = Topic(name, (), "tests", (), 30, False, 1, "any", "for one test")
    await provision(kafka.bootstrap, {name: topic})
    async with asking(kafka) as admin:
        before = {"retention.ms": str(180 * 86_400_000), "min.insync.replicas": "1", "cleanup.policy": "delete"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, before)])
        assert await provision(kafka.bootstrap, {name: topic}) == []
        assert (await settings_of(admin, name))["retention.ms"] == before["retention.ms"]
        forever = {**before, "retention.ms": "-1"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, forever)])
        assert await provision(kafka.bootstrap, {name: topic}) == []
        assert (await settings_of(admin, name))["retention.ms"] == "-1"
