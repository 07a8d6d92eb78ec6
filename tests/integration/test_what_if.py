"""Is what-if exact over what is really on the topics: twice written, refused, assigned, erased, foreign and broken?"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from typer.testing import CliRunner

from libs.delivery.kafka import KafkaSettings
from libs.delivery.messages import OutgoingRecord
from libs.delivery.publisher import Publisher
from libs.delivery.release_parts import release_events
from libs.directory import Release
from libs.directory.decide import decide
from libs.events.envelope import Event
from libs.events.identity import new_request_id
from libs.events.topics import REQUESTS_ACCEPTED
from libs.operate.commands.directory import app
from libs.operate.output import Stopped, WrongUse
from libs.operate.what_if import recorded as reading
from services.router import rules
from tests.brokers import Kafka
from tests.stack import FreshDatabase
from tests.unit.directory_packs import COMPETENCES, SOUTH, TERRITORY, files, release_of
from tests.unit.directory_packs import SERVICES as PACK_SERVICES
from tests.unit.router_requests import accepted_event, assigned_event, refused_event

MOVED = COMPETENCES.replace("L1,lamp,*,,@municipality,@decides:voirie", "L1,lamp,*,,metro,metro-accueil")
PLACES = [{"lat": SOUTH + y, "lon": x} for x, y in ((0.01, 0.01), (0.045, 0.01), (0.02, 0.01), (0.01, 0.005), (3, 3))]
SERVICES = ("pothole", "lamp", "graffiti", None)
SINCE = "2h"
AN_AGE_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SLOWER_POTHOLES = PACK_SERVICES.replace("working_days: 5", "working_days: 9")


@dataclass
class Topic:
    """A territory of its own on the shared topics, and what a test wrote about it."""

    bootstrap: str
    publisher: Publisher
    code: str
    release: Release
    events: list[Event] = field(default_factory=list)

    def accepted(self, **changes: Any) -> Event:
        changes = {"accepted_at": datetime.now(UTC), "territory": self.code, **changes}
        return accepted_event(self.release, request_id=new_request_id(), **changes)

    async def write(self, *events: Event) -> None:
        self.events += events
        await self.publisher.publish(events)

    def pack(self, folder: Path, **changes: str) -> str:
        for path, text in files(territory=self.territory, **changes).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        return str(folder)

    @property
    def territory(self) -> str:
        return TERRITORY.replace("code: small", f"code: {self.code}")

    async def ask(self, pack: str, *options: str, since: str = SINCE) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, app, ["what-if", pack, "--since", since, *options])

    async def answer(self, pack: str, *options: str) -> dict[str, Any]:
        asked = await self.ask(pack, "--json", *options)
        assert asked.exception is None, asked.exception
        found: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
        return found


@pytest.fixture
async def topic(
    own_kafka: Kafka, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Topic]:
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP", own_kafka.bootstrap)
    monkeypatch.delenv("GUICHET_POSTGRES_DSN", raising=False)
    code = f"w{abs(hash(request.node.name)) % 10**8}"
    release = release_of(territory=TERRITORY.replace("code: small", f"code: {code}"))
    publisher = Publisher(KafkaSettings(bootstrap_servers=own_kafka.bootstrap))
    now = datetime.now(UTC)
    await publisher.publish(release_events(release, now, now))
    yield Topic(own_kafka.bootstrap, publisher, code, release)
    await publisher.stop()


def one_by_one(events: list[Event], candidate: Release, release: Release) -> Mapping[str, int]:
    """Counted by asking each release about each event alone, as the router is asked: no batch, no memory of pairs."""
    found: dict[str, int] = {}
    for event in events:
        task = rules.task_in(event)
        assert task is not None
        before, after = (decide(one, rules.question_in(task)).as_dict() for one in (release, candidate))
        owners = [(one["outcome"], one["authority"], one["department"]) for one in (before, after)]
        routed = [one["outcome"] == "routed" for one in (before, after)]
        if owners[0] == owners[1]:
            name = "unchanged" if before["due"] == after["due"] else "due_only"
        else:
            names = {(True, True): "moved", (True, False): "became_held", (False, True): "no_longer_held"}
            name = names.get((routed[0], routed[1]), "held_otherwise")
        found[name] = found.get(name, 0) + 1
    return found


KINDS = ("moved", "became_held", "no_longer_held", "held_otherwise", "due_only", "unchanged")


async def test_hundreds_of_requests_are_counted_as_one_by_one(topic: Topic, tmp_path: Path) -> None:
    changes = {"competences": MOVED, "services": SLOWER_POTHOLES}
    candidate = release_of(territory=topic.territory, **changes)
    await topic.write(*(topic.accepted(service=s, place=p) for _ in range(15) for s in SERVICES for p in PLACES))
    found = await topic.answer(topic.pack(tmp_path / "pack", **changes))
    counted = one_by_one(topic.events, candidate, topic.release)
    assert found["compared"] == len(topic.events) == 300
    assert {kind: found[kind] for kind in KINDS if found[kind]} == counted
    assert set(counted) == {"moved", "no_longer_held", "due_only", "unchanged"}
    assert found["read"] == found["compared"] + sum(number for number in found["skipped"].values() if number)


async def test_it_changes_nothing_and_joins_no_group(topic: Topic, tmp_path: Path) -> None:
    await topic.write(topic.accepted(service="lamp"))
    admin = AIOKafkaAdminClient(bootstrap_servers=topic.bootstrap)
    await admin.start()
    try:
        groups = await admin.list_consumer_groups()
        await topic.answer(topic.pack(tmp_path / "pack", competences=MOVED))
        assert await admin.list_consumer_groups() == groups
    finally:
        await admin.close()


async def test_what_was_written_twice_is_counted_once(topic: Topic, tmp_path: Path) -> None:
    twice = topic.accepted(service="lamp")
    await topic.write(twice, twice)
    assert (await topic.answer(topic.pack(tmp_path / "pack", competences=MOVED)))["moved"] == 1


async def test_a_request_is_asked_as_it_stands_after_refusals_and_choices(topic: Topic, tmp_path: Path) -> None:
    lamp = {"service": "lamp", "territory": topic.code, "place": PLACES[0]}
    refused, assigned, waiting = (topic.accepted(**lamp) for _ in range(3))

    def about(event: Event) -> dict[str, Any]:
        return {**lamp, "request_id": UUID(event.subject), "accepted_at": datetime.now(UTC)}

    said = [
        refused_event(topic.release, ["aval-accueil"], **about(refused)),
        assigned_event(topic.release, "metro-voirie", **about(assigned)),
        refused_event(topic.release, ["metro-voirie"], was_assigned=True, **about(waiting)),
    ]
    await topic.write(refused, assigned, waiting, *said)
    found = await topic.answer(topic.pack(tmp_path / "pack", competences=MOVED))
    assert (found["compared"], found["no_longer_held"]) == (1, 1)  # aval has refused; the candidate names another
    assert (found["in_hands"]["compared"], found["in_hands"]["moved"]) == (2, 2)
    assert found["in_hands"]["proposed_sample"] == [assigned.subject]


async def test_what_cannot_be_compared_is_counted_by_its_reason(topic: Topic, tmp_path: Path) -> None:
    unpublished = release_of(territory=topic.territory, postal="postal_code,municipality,cedex\n99100,T01,0\n")
    pack = topic.pack(tmp_path / "pack", competences=MOVED)
    await topic.write(topic.accepted(service="lamp"), topic.accepted(service="lamp", accepted_at=AN_AGE_AGO))
    before = await topic.answer(pack)
    strangers = [
        accepted_event(None, request_id=new_request_id(), territory=topic.code, accepted_at=datetime.now(UTC)),
        accepted_event(unpublished, request_id=new_request_id(), territory=topic.code, accepted_at=datetime.now(UTC)),
        topic.accepted(territory="atlantis"),
    ]
    await topic.write(*strangers)
    await topic.publisher.publish_records([OutgoingRecord(REQUESTS_ACCEPTED, b"x", b"no event", [])])
    after = await topic.answer(pack)
    assert (before["compared"], before["moved"]) == (after["compared"], after["moved"]) == (1, 1)
    seen = [
        {reason: number for reason, number in one["skipped"].items() if number is not None} for one in (before, after)
    ]
    grown = {reason: number - seen[0][reason] for reason, number in seen[1].items()}
    assert grown == {"other_territory": 1, "undecidable": 2, "unreadable": 1}
    assert after["skipped"]["erased"] is None


async def test_an_erased_request_is_not_counted_any_more(
    topic: Topic, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept, erased = topic.accepted(service="lamp"), topic.accepted(service="lamp")
    await topic.write(kept, erased)
    conn = await asyncpg.connect(fresh_database.dsn)
    await conn.execute("INSERT INTO vault.request_keys (request_id, wrapped) VALUES ($1, 'k')", UUID(kept.subject))
    await conn.close()
    monkeypatch.setenv("GUICHET_POSTGRES_DSN", fresh_database.dsn)
    found = await topic.answer(topic.pack(tmp_path / "pack", competences=MOVED))
    assert (found["moved"], found["skipped"]["erased"]) == (1, 1)
    assert found["moves"][0]["sample"] == [kept.subject]


async def test_more_than_can_be_read_is_refused_before_it_is_read(
    topic: Topic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await topic.write(topic.accepted(), topic.accepted())
    monkeypatch.setattr(reading, "RECORDS_MAX", 1)
    refused = await topic.ask(topic.pack(tmp_path / "pack", competences=MOVED))
    assert isinstance(refused.exception, WrongUse)
    assert "later --since" in str(refused.exception)


async def test_without_any_request_it_says_so_with_the_exit_code_of_a_no(topic: Topic, tmp_path: Path) -> None:
    pack = topic.pack(tmp_path / "pack", competences=MOVED)
    refused = await topic.ask(pack, since="0h")
    assert type(refused.exception) is Stopped
    assert "earlier --since" in str(refused.exception)


async def test_the_page_is_written_beside_the_answer(topic: Topic, tmp_path: Path) -> None:
    await topic.write(topic.accepted(service="lamp"))
    page = tmp_path / "what-if.html"
    asked = await topic.ask(topic.pack(tmp_path / "pack", competences=MOVED), "--html", str(page))
    assert asked.exception is None
    assert "go from one owner to another" in asked.stdout
    assert topic.events[0].subject in page.read_text(encoding="utf-8")


async def test_no_folder_is_made_for_a_page_whose_folder_is_misspelt(topic: Topic, tmp_path: Path) -> None:
    await topic.write(topic.accepted(service="lamp"))
    page = tmp_path / "missing" / "what-if.html"
    asked = await topic.ask(topic.pack(tmp_path / "pack", competences=MOVED), "--html", str(page))
    assert isinstance(asked.exception, WrongUse)
    assert "There is no folder" in str(asked.exception)
    assert not page.parent.exists()
