"""Is everyone who must be told planned for, once, and is nothing personal kept in clear?"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from libs.events.envelope import Event
from libs.events.identity import make_event, new_request_id
from libs.events.models import RequestRouted
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED, REQUESTS_ROUTED, topics_read_by
from libs.privacy.pseudonym import pseudonym
from services.notifier.consume import handlers
from tests.brokers import free_port
from tests.integration.notifier_parts import PSEUDONYM_KEY, SMALL, Notifier, a_request
from tests.stack import FreshDatabase
from tests.unit.directory_packs import SOUTH, release_of
from tests.unit.notifier_events import decided_event, departments, resolved_event
from tests.unit.router_requests import accepted_event, incoming, refused_event, started_event

HOOKED = release_of(departments=departments("https://roads.metro.example/hook"))


@pytest.fixture
async def notifier(fresh_database: FreshDatabase) -> AsyncIterator[Notifier]:
    notifier = Notifier.on(fresh_database.dsn, free_port(), SMALL, HOOKED)
    yield notifier
    await notifier.database.close()


async def planned(notifier: Notifier) -> list[tuple[str, str, str, str]]:
    rows = await notifier.rows("SELECT audience, kind, channel, language FROM notifier.notices ORDER BY 1, 2, 3")
    return [tuple(row) for row in rows]


def test_it_listens_to_the_topics_of_the_map() -> None:
    heard: Any = handlers(None)  # type: ignore[arg-type]  # nobody is asked to plan
    assert set(heard) | {"directory.published.v1"} == {topic.name for topic in topics_read_by("notifier")}


async def test_each_event_tells_those_concerned(notifier: Notifier) -> None:
    await notifier.planner.plan([await a_request(notifier, accepted_event, language="en")])
    assert await planned(notifier) == [("citizen", "acknowledged", "email", "en")]
    await notifier.planner.plan([await a_request(notifier, decided_event, HOOKED, language="en")])
    await notifier.planner.plan([await a_request(notifier, decided_event, service=None)])
    await notifier.planner.plan([await a_request(notifier, resolved_event, language="sv")])
    assert await planned(notifier) == [
        ("citizen", "acknowledged", "email", "en"),
        ("citizen", "held", "email", "fr"),
        ("citizen", "resolved", "email", "sv"),
        ("citizen", "routed", "email", "en"),
        ("department", "new_request", "email", "fr"),  # a department reads the territory's language
        ("department", "new_request", "webhook", "fr"),
        ("desk", "to_decide", "email", "fr"),
    ]


async def test_who_left_no_address_is_not_told_but_the_department_is(notifier: Notifier) -> None:
    await notifier.planner.plan([decided_event(SMALL, contact=None, contact_channels=[])])
    await notifier.planner.plan([accepted_event(SMALL, contact_channels=["phone"])])
    assert await planned(notifier) == [("department", "new_request", "email", "fr")]


async def test_what_concerns_nobody_outside_plans_nothing(notifier: Notifier) -> None:
    await notifier.planner.plan([started_event(SMALL), refused_event(SMALL, ["metro-voirie"])])
    assert await planned(notifier) == []


async def test_hearing_a_request_twice_changes_nothing(notifier: Notifier) -> None:
    event = await a_request(notifier, decided_event, HOOKED)
    batch = [incoming(event, REQUESTS_ROUTED), incoming(event, REQUESTS_ROUTED, 1)]
    heard = handlers(notifier.planner)
    await asyncio.gather(*(heard[REQUESTS_ROUTED](batch) for _ in range(5)))
    await heard[REQUESTS_ROUTED](batch)
    assert len(await planned(notifier)) == 3
    assert [tuple(row) for row in await notifier.rows("SELECT outcome, notices FROM notifier.tallies")] == [
        ("planned", 3)
    ]


async def test_even_without_the_inbox_the_ledger_knows_each_notice(notifier: Notifier) -> None:
    event = await a_request(notifier, decided_event)
    await notifier.planner.plan([event])
    await notifier.rows("DELETE FROM notifier.inbox")
    await notifier.planner.plan([event])
    assert len(await planned(notifier)) == 2


async def test_an_event_of_an_unknown_release_is_given_up_and_the_others_are_not(notifier: Notifier) -> None:
    bad = accepted_event(release_of(departments=departments("https://other.example")))
    unstamped = accepted_event(None, request_id=new_request_id())
    good = await a_request(notifier, accepted_event)
    batch = [incoming(event) for event in (bad, unstamped, good)]
    given_up = await handlers(notifier.planner)[REQUESTS_ACCEPTED](batch)
    assert given_up is not None
    assert [one.error.slug for one in given_up] == ["unknown-release", "no-release"]
    assert len(await planned(notifier)) == 1


async def test_no_table_holds_an_address_in_clear(notifier: Notifier) -> None:
    event = await a_request(notifier, decided_event, email="canary@citizen.example", sealed={"description": "canary"})
    await handlers(notifier.planner)[REQUESTS_PROGRESSED]([incoming(event)])
    rows = await notifier.rows("SELECT n::text AS everything FROM notifier.notices n")
    assert not any("canary" in row["everything"] for row in rows)
    recipients = await notifier.rows("SELECT recipient FROM notifier.notices WHERE audience = 'citizen'")
    assert [row["recipient"] for row in recipients] == [pseudonym(PSEUDONYM_KEY, "canary@citizen.example")]


async def test_two_requests_of_one_person_have_one_pseudonym(notifier: Notifier) -> None:
    for _ in range(2):
        await notifier.planner.plan([await a_request(notifier, accepted_event, email="Anna@Citizen.example ".strip())])
    assert len({row["recipient"] for row in await notifier.rows("SELECT recipient FROM notifier.notices")}) == 1


async def test_a_second_answer_to_the_same_question_tells_nobody_again(notifier: Notifier) -> None:
    first = await a_request(notifier, decided_event, HOOKED)
    assert isinstance(first.data, RequestRouted)
    other = answer_again(first, language="sv")
    await notifier.planner.plan([first, other])
    told = await planned(notifier)
    assert len(told) == 3
    await notifier.planner.plan([answer_again(first, language="en")])
    assert await planned(notifier) == told


def answer_again(event: Event, **changes: Any) -> Event:
    """What a router says that was asked by the same event and decides it otherwise."""
    data = event.data.model_copy(update=changes)
    about = UUID(event.subject)
    stamps = {"causation_id": event.causation_id, "directory_version": event.directory_version}
    return make_event(data, source=event.source, of=about, time=event.time, **stamps)


async def test_a_second_owner_after_a_refusal_is_told_too(notifier: Notifier) -> None:
    place = {"lat": SOUTH + 0.005, "lon": 0.01}
    request_id = new_request_id()
    first = await a_request(notifier, decided_event, place=place, request_id=request_id)
    second = decided_event(SMALL, place={"lat": SOUTH + 0.01, "lon": 0.01}, request_id=request_id, contact=None)
    await notifier.planner.plan([first, second])
    addresses = await notifier.rows("SELECT address FROM notifier.notices WHERE audience = 'department' ORDER BY 1")
    assert [row["address"] for row in addresses] == ["routes@state.example", "voirie@metro.example"]
