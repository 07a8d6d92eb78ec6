"""Does every process find every release in its topic, whole and in the right order of force?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.kafka import KafkaSettings
from libs.delivery.publisher import Publisher
from libs.delivery.release_parts import release_events
from libs.delivery.releases import PARSED_MAX, Releases
from libs.directory import Release
from libs.events.directory import DirectoryPart
from tests.brokers import Kafka
from tests.deliveries import eventually
from tests.releases import a_release

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def settings(topics: Kafka) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=topics.bootstrap)


@pytest.fixture
async def publisher(settings: KafkaSettings) -> AsyncIterator[Publisher]:
    publisher = Publisher(settings)
    yield publisher
    await publisher.stop()


@pytest.fixture
async def releases(settings: KafkaSettings) -> AsyncIterator[Releases]:
    releases = Releases(settings)
    task = asyncio.create_task(releases.run())
    await eventually(lambda: releases.is_ready)
    yield releases
    task.cancel()
    await asyncio.wait([task])


async def publish(publisher: Publisher, release: Release, effective_from: datetime, at: datetime = NOW) -> None:
    await publisher.publish(release_events(release, effective_from, at))


async def test_a_release_arrives_whole(publisher: Publisher, releases: Releases) -> None:
    release = a_release("whole")
    await publish(publisher, release, NOW)
    found = await releases.require(release.version)
    assert found.to_bytes() == release.to_bytes()
    assert "whole" in releases.territories()


async def test_the_release_in_force_is_the_last_that_has_begun(publisher: Publisher, releases: Releases) -> None:
    old, new, coming = (a_release("forced", name) for name in ("old", "new", "coming"))
    await publish(publisher, new, NOW - DAY)
    await publish(publisher, old, NOW - 9 * DAY)
    await publish(publisher, coming, NOW + DAY)
    await releases.require(coming.version)
    moments = {NOW: new, NOW - 2 * DAY: old, NOW + 2 * DAY: coming}
    for at, release in moments.items():
        found = releases.in_force("forced", at)
        assert found is not None
        assert found.version == release.version
    assert releases.in_force("forced", NOW - 10 * DAY) is None


async def test_of_two_that_begin_together_the_one_published_last_is_in_force(
    publisher: Publisher, releases: Releases
) -> None:
    first, second = a_release("tied", "first"), a_release("tied", "second")
    await publish(publisher, second, NOW, NOW + DAY)
    await publish(publisher, first, NOW, NOW)
    await releases.require(first.version)
    found = releases.in_force("tied", NOW)
    assert found is not None
    assert found.version == second.version


async def test_an_old_release_is_there_for_its_requests_after_many_newer_ones(
    publisher: Publisher, releases: Releases
) -> None:
    many = [a_release("kept", str(number)) for number in range(2 * PARSED_MAX)]
    for number, release in enumerate(many):
        await publish(publisher, release, NOW + number * DAY)
    await releases.require(many[-1].version)
    assert many[0].version not in releases._parsed
    assert (await releases.require(many[0].version)).to_bytes() == many[0].to_bytes()
    assert len(releases._parsed) <= PARSED_MAX


async def test_a_past_release_is_read_again_from_its_topic(
    publisher: Publisher, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.delivery.releases.PACKED_BYTES_MAX", 1)
    many = [a_release("past", str(number)) for number in range(PARSED_MAX + 3)]
    for number, release in enumerate(many):
        await publish(publisher, release, NOW + number * timedelta(minutes=1))
    await releases.require(many[-1].version)
    held = [each.version for each in releases._of("past") if each.content is not None]
    assert held == [many[-1].version]
    first, second = many[:2]
    assert (await releases.require(first.version)).to_bytes() == first.to_bytes()
    at = NOW + timedelta(minutes=1, seconds=1)
    with pytest.raises(Unavailable):
        releases.in_force("past", at)
    await eventually(lambda: second.version in releases._parsed)
    found = releases.in_force("past", at)
    assert found is not None
    assert found.to_bytes() == second.to_bytes()


async def test_an_unknown_release_is_refused_only_after_reading_to_the_end(releases: Releases) -> None:
    with pytest.raises(Rejected) as refused:
        await releases.require("nowhere@0000000000000000")
    assert refused.value.slug == "unknown-release"


async def test_a_damaged_release_is_never_used(publisher: Publisher, releases: Releases) -> None:
    release = a_release("damaged")
    events = release_events(release, NOW, NOW)
    part = events[0].data
    assert isinstance(part, DirectoryPart)
    broken = part.model_copy(update={"content": "AAAA" + part.content[4:]})
    await publisher.publish([replace(events[0], data=broken), *events[1:]])
    with pytest.raises(Rejected):
        await releases.require(release.version)
    await publish(publisher, release, NOW)  # published again, whole
    assert (await releases.require(release.version)).version == release.version


async def test_without_kafka_nobody_can_say_that_a_release_does_not_exist() -> None:
    releases = Releases(KafkaSettings(bootstrap_servers="127.0.0.1:1"))
    with pytest.raises(Unavailable):
        await releases.require("any@0000000000000000")
