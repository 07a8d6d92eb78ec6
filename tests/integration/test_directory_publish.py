"""Does a published release reach a service, byte for byte, and only once?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.delivery.kafka import KafkaSettings
from libs.directory import Release
from libs.operate.output import Away, WrongUse
from libs.operate.publishing import present_releases, publish_release
from libs.operate.where import Addresses
from tests.brokers import Kafka
from tests.unit.directory_packs import SERVICES, TERRITORY, release_of


def system(bootstrap: str) -> Addresses:
    return Addresses(bootstrap, "", "", "", "", "", "", Path())


def release(code: str, **changes: str) -> Release:
    """Each test publishes a territory of its own: the topic is shared."""
    return release_of(territory=TERRITORY.replace("code: small", f"code: {code}"), **changes)


async def heard(bootstrap: str, version: str) -> Release:
    async with present_releases(KafkaSettings(bootstrap_servers=bootstrap)) as releases:
        return await releases.require(version)


async def test_a_published_release_is_heard_byte_for_byte(topics: Kafka) -> None:
    bootstrap = topics.bootstrap
    ours = release("heard")
    published = await publish_release(system(bootstrap), ours, None)
    assert published.is_new
    assert (await heard(bootstrap, ours.version)).to_bytes() == ours.to_bytes()


async def test_publishing_what_is_in_force_sends_nothing(topics: Kafka) -> None:
    bootstrap = topics.bootstrap
    first = await publish_release(system(bootstrap), release("again"), None)
    second = await publish_release(system(bootstrap), release("again"), None)
    assert (first.is_new, second.is_new, second.records) == (True, False, 0)


async def test_a_later_release_waits_for_its_day(topics: Kafka) -> None:
    bootstrap = topics.bootstrap
    now, later = release("waits"), release("waits", services=SERVICES.replace("Pothole", "Hole"))
    await publish_release(system(bootstrap), now, None)
    published = await publish_release(system(bootstrap), later, datetime.now(UTC) + timedelta(days=30))
    assert published.is_new
    again = await publish_release(system(bootstrap), now, None)
    assert not again.is_new


async def test_a_release_does_not_change_what_is_decided_already(topics: Kafka) -> None:
    with pytest.raises(WrongUse):
        await publish_release(system(topics.bootstrap), release("past"), datetime(2020, 1, 1, tzinfo=UTC))


async def test_without_kafka_the_command_says_that_it_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.operate.publishing.CAUGHT_UP_SECONDS_MAX", 1.0)
    with pytest.raises(Away):
        await publish_release(system("127.0.0.1:9"), release("away"), None)
