"""Does a published release reach a service, byte for byte, and only once?"""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from libs.delivery.kafka import KafkaSettings
from libs.directory import Release
from libs.operate.commands.directory import app
from libs.operate.output import Away, WrongUse
from libs.operate.publishing import present_releases, publish_release, withdraw_territory
from libs.operate.where import Addresses
from tests.brokers import Kafka
from tests.unit.directory_packs import COMPETENCES, SERVICES, TERRITORY, files, release_of


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


async def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(topics: Kafka) -> None:
    bootstrap = topics.bootstrap
    first, second = release("dry"), release("dry", services=SERVICES.replace("Pothole", "Hole"))
    await publish_release(system(bootstrap), first, None)
    planned = await publish_release(system(bootstrap), second, None, is_dry_run=True)
    assert (planned.is_new, planned.replaces) == (True, first.version)
    assert planned.as_dict()["published"] is False
    assert planned.records > 1
    async with present_releases(KafkaSettings(bootstrap_servers=bootstrap)) as releases:
        assert releases.get(second.version) is None
    with pytest.raises(WrongUse):
        await publish_release(system(bootstrap), second, datetime(2020, 1, 1, tzinfo=UTC), is_dry_run=True)


async def test_a_pack_is_compared_with_what_is_published(
    topics: Kafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP", topics.bootstrap)
    ours = release("compared")
    await publish_release(system(topics.bootstrap), ours, None)
    edited = files(
        territory=TERRITORY.replace("code: small", "code: compared"),
        competences=COMPETENCES.replace("L1,lamp,*,,@municipality,@decides:voirie", "L1,lamp,*,,metro,@decides:voirie"),
    )
    for name, text in edited.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for published in (ours.version, "compared@in-force"):
        arguments = ["diff", published, str(tmp_path), "--json"]
        found = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        report = json.loads(found.stdout)
        assert report["old"] == ours.version
        assert [change["text"]["en"] for change in report["changes"]] == [
            "Street light out everywhere: decided by the commune → Country Metropolis"
        ]
    for unknown in ("compared@0000000000000000", "atlantis@in-force"):
        refused = await asyncio.to_thread(CliRunner().invoke, app, ["diff", unknown, str(tmp_path)])
        assert isinstance(refused.exception, WrongUse)


async def test_a_release_does_not_change_what_is_decided_already(topics: Kafka) -> None:
    with pytest.raises(WrongUse):
        await publish_release(system(topics.bootstrap), release("past"), datetime(2020, 1, 1, tzinfo=UTC))


async def test_a_withdrawn_territory_stays_withdrawn_over_a_start_until_somebody_publishes(topics: Kafka) -> None:
    where, ours = system(topics.bootstrap), release("leaves")
    await publish_release(where, ours, None)
    planned = await withdraw_territory(where, "leaves", None, is_dry_run=True)
    assert planned.as_dict()["withdrawn"] is False
    withdrawn = await withdraw_territory(where, "leaves", None)
    assert (withdrawn.version, withdrawn.as_dict()["withdrawn"]) == (ours.version, True)
    assert (await withdraw_territory(where, "leaves", None)).version is None  # it is already
    started = await publish_release(where, ours, None, only_if_none=True)
    assert (started.is_new, started.replaces) == (False, None)
    async with present_releases(KafkaSettings(bootstrap_servers=topics.bootstrap)) as releases:
        assert releases.is_withdrawn("leaves", datetime.now(UTC))
        assert releases.get(ours.version) is not None
    assert (await publish_release(where, ours, None)).is_new
    async with present_releases(KafkaSettings(bootstrap_servers=topics.bootstrap)) as releases:
        assert releases.in_force("leaves", datetime.now(UTC)) is not None
    with pytest.raises(WrongUse, match=r"no territory “atlantis” here; there are: .*leaves"):
        await withdraw_territory(where, "atlantis", None)


async def test_an_older_release_is_listed_and_put_in_force_again(
    topics: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP", topics.bootstrap)
    first, second = release("back"), release("back", services=SERVICES.replace("Pothole", "Hole"))
    for one in (first, second):
        await publish_release(system(topics.bootstrap), one, None)
    await publish_release(system(topics.bootstrap), release("back", places=""), datetime.now(UTC) + timedelta(days=9))
    listed = (await command("list", "back"))["releases"]
    assert [(one["version"], one["state"]) for one in listed][:2] == [
        (first.version, "past"),
        (second.version, "in force"),
    ]
    assert [one["state"] for one in listed][2:] == ["coming"]
    published = await command("publish", first.version)
    assert (published["published"], published["version"], published["replaces"]) == (
        True,
        first.version,
        second.version,
    )
    assert (await heard(topics.bootstrap, first.version)).to_bytes() == first.to_bytes()
    states = {one["version"]: one["state"] for one in (await command("list", "back"))["releases"]}
    assert (states[first.version], states[second.version]) == ("in force", "past")
    assert (await command("withdraw", "back"))["coming"] == [listed[2]["version"]]


async def command(*words: str) -> dict[str, Any]:
    """What a command of `guichet directory` answers; in a thread, since it runs a loop of its own."""
    done = await asyncio.to_thread(CliRunner().invoke, app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


async def test_without_kafka_the_command_says_that_it_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.operate.publishing.CAUGHT_UP_SECONDS_MAX", 1.0)
    with pytest.raises(Away):
        await publish_release(system("127.0.0.1:9"), release("away"), None)
