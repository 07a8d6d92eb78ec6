"""Are many releases kept in little memory, and is each still there for the requests that were accepted under it?"""

import gc
import itertools
import weakref
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from libs.delivery import releases as kept
from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.kafka import KafkaSettings
from libs.delivery.release_parts import release_events, withdrawal_event
from libs.delivery.releases import PARSED_MAX, Releases
from libs.directory import Release
from libs.events.cloudevents import encode
from services.router import rules
from services.router.route import decide_all
from tests.unit.directory_packs import COMPETENCES, release_of
from tests.unit.router_requests import accepted_event

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MANY = 3 * PARSED_MAX
OFFSETS = itertools.count()


def numbered(number: int) -> Release:
    """Every other one gives potholes to the State."""
    rules = COMPETENCES if number % 2 == 0 else COMPETENCES.replace("P1,pothole,*,,metro,", "P1,pothole,*,,state,")
    return release_of(competences=rules.replace("Code L1", f"Code {number}"))


@pytest.fixture
def releases() -> Releases:
    """As if read to the topic's end."""
    found = Releases(KafkaSettings(bootstrap_servers="127.0.0.1:1"))
    found.is_ready = True
    return found


def arrive(releases: Releases, release: Release, effective_from: datetime) -> None:
    for event in release_events(release, effective_from, NOW):
        record = encode(event)
        releases._take(record.value, record.headers, next(OFFSETS))


def withdraw(releases: Releases, territory: str, effective_from: datetime) -> None:
    record = encode(withdrawal_event(territory, effective_from, NOW))
    releases._take(record.value, record.headers, next(OFFSETS))


def seen(releases: Releases, version: str) -> "weakref.ref[Release]":
    release = releases.get(version)
    assert release is not None
    _ = release.places  # the outlines are the larger part of a release
    return weakref.ref(release)


async def test_an_old_request_is_decided_by_its_release_after_many_newer_ones(releases: Releases) -> None:
    many = [numbered(number) for number in range(MANY)]
    for number, release in enumerate(many):
        arrive(releases, release, NOW + timedelta(days=number))
        assert len(releases._parsed) <= PARSED_MAX
    assert many[0].version not in releases._parsed
    for release in (many[0], many[1], many[-2]):
        task = rules.task_in(accepted_event(release))
        assert task is not None
        stamped = await releases.require(release.version)
        (answer,) = decide_all(stamped, [task])
        (expected,) = decide_all(release, [task])
        assert not isinstance(answer, Rejected)
        assert not isinstance(expected, Rejected)
        assert encode(answer) == encode(expected)
        assert answer.directory_version == release.version
        assert len(releases._parsed) <= PARSED_MAX


def test_a_release_that_is_not_kept_gives_its_memory_back(releases: Releases) -> None:
    many = [numbered(number) for number in range(MANY)]
    watched = []
    for number, release in enumerate(many):
        arrive(releases, release, NOW + timedelta(days=number))
        watched.append(seen(releases, release.version))
    gc.collect()
    alive = [number for number, release in enumerate(watched) if release() is not None]
    assert alive == list(range(MANY - PARSED_MAX, MANY))


def test_of_large_releases_fewer_are_kept_but_always_the_one_asked_for(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [numbered(number) for number in range(4)]
    size = max(len(release.to_bytes()) for release in many)
    for bytes_max, expected in ((2 * size, 2), (size - 1_000, 1)):
        monkeypatch.setattr(kept, "PARSED_BYTES_MAX", bytes_max)
        for number, release in enumerate(many):
            arrive(releases, release, NOW + timedelta(days=number))
            assert releases.get(release.version) is not None
        assert list(releases._parsed) == [release.version for release in many[-expected:]]


def test_before_the_end_of_the_topic_nothing_is_parsed_that_nobody_asks_for(releases: Releases) -> None:
    releases.is_ready = False
    many = [numbered(number) for number in range(4)]
    for number, release in enumerate(many):
        arrive(releases, release, NOW + timedelta(days=number))
    assert list(releases._parsed) == []
    releases.all_in_force(NOW + timedelta(days=2))
    assert list(releases._parsed) == [many[2].version]


def test_where_the_newest_cannot_be_read_the_one_before_stays_in_force(releases: Releases) -> None:
    good, bad = numbered(0), numbered(1)
    arrive(releases, good, NOW)
    arrive(releases, bad, NOW + timedelta(days=1))
    del releases._parsed[bad.version]
    packed = releases._assembly.packed
    packed[bad.version] = replace(packed[bad.version], content=b"no zip")
    found = releases.in_force("small", NOW + timedelta(days=2))
    assert found is not None
    assert found.version == good.version


def contents(releases: Releases) -> list[str]:
    return [each.version for each in releases._assembly.packed.values() if each.content is not None]


async def test_of_past_releases_only_so_many_bytes_are_kept(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in force and what is coming stay, whatever the limit."""
    monkeypatch.setattr(kept, "PACKED_BYTES_MAX", 1)
    now = datetime.now(UTC)
    past, present, coming = (numbered(number) for number in range(3))
    for days, release in ((-9, past), (-1, present), (9, coming)):
        arrive(releases, release, now + timedelta(days=days))
    assert contents(releases) == [present.version, coming.version]
    for at, release in ((now, present), (now + timedelta(days=10), coming)):
        found = releases.in_force("small", at)
        assert found is not None
        assert found.version == release.version


async def test_a_release_that_was_let_go_of_is_never_taken_for_another_or_for_none(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PACKED_BYTES_MAX", 1)
    now = datetime.now(UTC)
    many = [numbered(number) for number in range(PARSED_MAX + 3)]
    for number, release in enumerate(many):
        arrive(releases, release, now - timedelta(days=len(many) - number))
    gone = many[1]
    assert gone.version not in releases._parsed
    assert gone.version not in contents(releases)
    with pytest.raises(Unavailable, match="being read again"):
        releases.get(gone.version)
    with pytest.raises(Unavailable, match="being read again"):
        releases.in_force("small", now - timedelta(days=len(many) - 1, hours=-1))
    with pytest.raises(Unavailable, match="cannot be read again"):  # there is no Kafka here
        await releases.require(gone.version)


def test_a_release_announced_again_may_be_one_whose_content_was_let_go_of(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PACKED_BYTES_MAX", 1)
    now = datetime.now(UTC)
    old, new = numbered(0), numbered(1)
    arrive(releases, old, now - timedelta(days=2))
    arrive(releases, new, now - timedelta(days=1))
    assert contents(releases) == [new.version]
    again = release_events(old, now - timedelta(hours=1), NOW + timedelta(hours=1))[-1]
    record = encode(again)
    releases._take(record.value, record.headers, next(OFFSETS))
    began = releases.began("small", now)
    assert began is not None
    assert began[0] == old.version


def test_a_withdrawn_territory_takes_no_requests_and_goes_on_with_those_it_has(releases: Releases) -> None:
    ours = numbered(0)
    arrive(releases, ours, NOW)
    withdraw(releases, "small", NOW + timedelta(days=5))
    before, after = NOW + timedelta(days=4), NOW + timedelta(days=5)
    assert (releases.all_in_force(before), releases.served(before)) == ([releases.get(ours.version)], ["small"])
    assert (releases.all_in_force(after), releases.served(after)) == ([], [])
    assert releases.in_force("small", after) is None
    for found in (releases.latest("small", after), releases.get(ours.version), *releases.all_latest(after)):
        assert found is not None
        assert found.version == ours.version
    assert releases.territories() == ["small"]


def test_publishing_takes_a_withdrawal_back(releases: Releases) -> None:
    first, second = numbered(0), numbered(1)
    arrive(releases, first, NOW)
    withdraw(releases, "small", NOW + timedelta(days=1))
    arrive(releases, second, NOW + timedelta(days=2))
    days = [releases.in_force("small", NOW + timedelta(days=day)) for day in (0, 1, 2)]
    assert [found and found.version for found in days] == [first.version, None, second.version]
    arrive(releases, first, NOW + timedelta(days=3))  # the older one again
    found = releases.in_force("small", NOW + timedelta(days=3))
    assert found is not None
    assert found.version == first.version
