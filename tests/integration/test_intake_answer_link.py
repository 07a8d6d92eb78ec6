"""Can a department answer by the link in its mail, once and only for what is its own, and does looking do nothing?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from libs.events.models import RequestAccepted, RequestRefused, RequestResolved
from services.intake.standing import Report
from services.intake.triage.rules import Assignment
from tests.integration.intake_parts import events_said
from tests.integration.staff_parts import Browser, Office, an_office, link
from tests.stack import FreshDatabase

ROADS = "metro-voirie"


@pytest.fixture
async def office(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(fresh_database.dsn, tmp_path) as office:
        yield office


@pytest.fixture
async def visitor(office: Office) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        yield browser


async def routed(office: Office) -> RequestAccepted:
    request = await office.request(service="pothole", description="the canary sings", contact={"email": "c@c.example"})
    assert await office.stands(request) == ("routed", ROADS)
    return request


async def say(visitor: Browser, path: str, **fields: str) -> httpx2.Response:
    return await visitor.post(f"{path}?lang=en", data=fields)


async def test_looking_is_harmless_however_often_a_scanner_does_it(office: Office, visitor: Browser) -> None:
    request = await routed(office)
    said = len(await events_said(office.intake))
    for _ in range(3):
        page = await visitor.get(f"{link(request, ROADS)}?lang=en")
        assert page.status_code == 200
        assert "You answer for Roads." in page.text
        assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
        assert "canary" not in page.text
        assert "c@c.example" not in page.text
    assert await office.stands(request) == ("routed", ROADS)
    assert len(await events_said(office.intake)) == said
    assert await office.intake.number_of("intake.openings") == 0


async def test_a_department_says_how_far_it_is_until_it_is_done(office: Office, visitor: Browser) -> None:
    request = await routed(office)
    path = link(request, ROADS)
    for state in ("acknowledged", "started"):
        answer = await say(visitor, path, state=state)
        assert answer.status_code == 303
        assert (await office.stands(request))[0] == state
        assert "Thank you" in (await visitor.get(answer.headers["location"])).text
    await say(visitor, path, state="resolved", outcome_code="solved", note="filled this morning")
    done = (await events_said(office.intake))[-1].data
    assert isinstance(done, RequestResolved)
    assert (done.department, done.by, done.outcome_code, done.note is None) == (ROADS, f"link:{ROADS}", "solved", False)
    closed = await visitor.get(f"{path}?lang=en")
    assert "This request is closed" in closed.text
    assert "<form" not in closed.text


async def test_pressing_twice_is_pressing_once(office: Office, visitor: Browser) -> None:
    request = await routed(office)
    for _ in range(3):
        assert (await say(visitor, link(request, ROADS), state="started")).status_code == 303
    assert sum(event.type.startswith("guichet.RequestStarted") for event in await events_said(office.intake)) == 1


async def test_not_ours_needs_a_reason_and_then_the_link_says_so(office: Office, visitor: Browser) -> None:
    request = await routed(office)
    path = link(request, ROADS)
    missing = await say(visitor, path, state="refused", reason="  ")
    assert missing.status_code == 422
    assert "Say why it is not yours" in missing.text
    await say(visitor, path, state="refused", reason="the road is private here")
    refused = (await events_said(office.intake))[-1].data
    assert isinstance(refused, RequestRefused)
    assert (refused.reason, refused.refusers) == ("the road is private here", [ROADS])
    for _ in range(2):
        page = await visitor.get(f"{path}?lang=en")
        assert "You have said that it is not yours" in page.text
        assert "<form" not in page.text
        await office.decided()
    late = await say(visitor, path, state="started")
    assert late.status_code == 409
    assert (await office.stands(request))[0] == "held"


async def test_a_link_of_a_department_that_lost_the_request_says_so(office: Office, visitor: Browser) -> None:
    request = await routed(office)
    chosen = Assignment(department="state-roads")
    await office.intake.assigning.assign(request.request_id, chosen, "anna", None)
    for _ in range(2):
        page = await visitor.get(f"{link(request, ROADS)}?lang=en")
        assert "This request is no longer yours" in page.text
        await office.decided()
    assert (await say(visitor, link(request, ROADS), state="resolved", outcome_code="solved")).status_code == 409
    assert await office.stands(request) == ("routed", "state-roads")
    assert (await say(visitor, link(request, "state-roads"), state="started")).status_code == 303


async def test_a_link_that_is_forged_or_over_is_told_without_a_look_at_the_database(
    office: Office, visitor: Browser
) -> None:
    request = await routed(office)
    good = link(request, ROADS)
    await office.intake.database.close()  # nothing could be looked up
    forged = await visitor.get(good[:-5] + "AAAAA?lang=en")
    assert (forged.status_code, "This link opens nothing" in forged.text) == (404, True)
    office.ahead = timedelta(days=90)
    over = await visitor.get(f"{good}?lang=en")
    assert (over.status_code, "This link has expired" in over.text) == (410, True)
    assert (await say(visitor, good, state="started")).status_code == 410


async def test_a_link_allows_what_is_written_into_it_and_no_more(office: Office, visitor: Browser) -> None:
    request = await routed(office)
    only_seen = link(request, ROADS, actions=["acknowledged"])
    assert 'value="refused"' not in (await visitor.get(only_seen)).text
    assert (await say(visitor, only_seen, state="refused", reason="x")).status_code == 422
    assert (await say(visitor, only_seen, state="acknowledged")).status_code == 303


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Please answer this question"),
        ({"state": "exploded"}, "Please answer this question"),
        ({"state": "resolved"}, "Choose what came of it"),
        ({"state": "resolved", "outcome_code": "no_action"}, "Tell the citizen why"),
        ({"state": "resolved", "outcome_code": "solved", "note": "x" * 4_001}, "at most 4000 characters"),
    ],
)
async def test_a_mistake_is_named_and_leaves_nothing(
    office: Office, visitor: Browser, fields: dict[str, str], says: str
) -> None:
    request = await routed(office)
    answer = await say(visitor, link(request, ROADS), **fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert await office.stands(request) == ("routed", ROADS)


async def test_who_was_overtaken_by_a_colleague_sees_how_it_stands(office: Office, visitor: Browser) -> None:
    request = await routed(office)
    resolved = Report.model_validate({"state": "resolved", "department": ROADS, "outcome_code": "moved"})
    await office.intake.progress.report(request.request_id, resolved, "works")
    answer = await say(visitor, link(request, ROADS), state="started")
    assert answer.status_code == 409
    assert "has moved on meanwhile" in answer.text
    assert "This request is closed" in answer.text


async def test_departments_are_answered_in_the_territorys_language(office: Office, visitor: Browser) -> None:
    request = await routed(office)
    page = (await visitor.get(link(request, ROADS), headers={"accept-language": "en"})).text
    assert "Vous répondez pour : Voirie." in page
