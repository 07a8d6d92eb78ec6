"""Do the person and the department hear each other: her words and her telephone, and its words to her?"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from libs.events.models import RequestAccepted, RequestStarted
from libs.privacy.vault import Vault
from services.intake.standing import Report
from services.intake.tokens import Secrets, token_for
from tests.integration.intake_parts import MASTER_KEY, Intake, events_said
from tests.integration.staff_parts import ON_THE_BORDER, Browser, Office, an_office, link
from tests.stack import FreshDatabase

ROADS = "metro-voirie"
ASKABLE = {"name": "Ada", "email": "ada@citizen.example", "phone": "+33 1 23 45", "may_be_asked": True}
READ = {"read": "1"}


@pytest.fixture
async def office(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(fresh_database.dsn, tmp_path) as office:
        yield office


@pytest.fixture
async def visitor(office: Office) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        yield browser


async def routed(office: Office, **changes: Any) -> RequestAccepted:
    place = {"municipality_code": "T01", "address": "behind the mill"}
    return await office.request(service="pothole", place=place, description="a heron lives in it", **changes)


async def say(visitor: Browser, path: str, **fields: str) -> httpx2.Response:
    return await visitor.post(f"{path}?lang=en", data=fields)


async def history(office: Office, request: RequestAccepted) -> list[Any]:
    query = "SELECT kind, sentence, note FROM intake.history WHERE request_id = $1 ORDER BY seq"
    return await office.intake.rows(query, request.request_id)


async def page(office: Office, request: RequestAccepted) -> dict[str, Any]:
    """What the citizen's own address answers to an app."""
    async with office.browser() as browser:
        token = token_for(Secrets.of(MASTER_KEY), request.request_id)
        found: dict[str, Any] = (await browser.get(f"/api/v1/requests/by-token/{token}")).json()
    return found


async def test_the_department_reads_place_text_and_telephone_only_after_a_press_that_is_recorded(
    office: Office, visitor: Browser
) -> None:
    request = await routed(office, contact=ASKABLE)
    private = ("heron", "behind the mill", "Ada", "+33 1 23 45", "ada@citizen.example")
    closed = await visitor.get(f"{link(request, ROADS)}?lang=en")
    assert not any(text in closed.text for text in private)
    opened = await say(visitor, link(request, ROADS), **READ)
    assert opened.status_code == 200
    assert all(text in opened.text for text in (*private, "Aval"))
    rows = await office.intake.rows("SELECT opened_by FROM intake.openings")
    assert [row["opened_by"] for row in rows] == [f"link:{ROADS}"]
    await say(visitor, link(request, ROADS), **READ)
    assert [line["kind"] for line in await history(office, request)].count("opened") == 1
    assert await office.intake.number_of("intake.openings") == 2


@pytest.mark.parametrize("may", [None, False])
async def test_without_her_word_nobody_reads_how_to_reach_her_and_it_is_not_kept(
    office: Office, visitor: Browser, may: bool | None
) -> None:
    request = await routed(office, contact={**ASKABLE, "may_be_asked": may})
    opened = await say(visitor, link(request, ROADS), **READ)
    assert "heron" in opened.text
    assert not any(text in opened.text for text in ("Ada", "+33 1 23 45", "ada@citizen.example"))
    assert request.contact_channels == ["email"]


async def test_a_department_that_has_lost_the_request_reads_nothing(office: Office, visitor: Browser) -> None:
    request = await routed(office, contact=ASKABLE)
    assert "heron" not in (await say(visitor, link(request, "state-roads"), **READ)).text
    await say(visitor, link(request, ROADS), state="resolved", outcome_code="solved")
    late = await say(visitor, link(request, ROADS), **READ)
    assert (late.status_code, "heron" in late.text) == (409, False)
    assert await office.intake.number_of("intake.openings") == 0


async def test_the_desk_reads_how_to_ask_when_there_is_not_even_a_text(office: Office, visitor: Browser) -> None:
    held = await office.request(contact=ASKABLE)
    await visitor.logs_in()
    case = await visitor.get(f"/triage/{held.request_id}?lang=en")
    assert "+33 1 23 45" in case.text
    assert await office.intake.number_of("intake.openings") == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "started", "news": "the crew comes on Monday"}, "the crew comes on Monday"),
        ({"state": "resolved", "outcome_code": "duplicate", "note": "see the other one"}, "see the other one"),
        ({"state": "refused", "reason": "that road is the state's"}, "that road is the state's"),
    ],
)
async def test_the_departments_words_stand_on_the_citizens_page_and_are_sealed_beside_it(
    office: Office, visitor: Browser, fields: dict[str, str], words: str
) -> None:
    request = await routed(office)
    assert (await say(visitor, link(request, ROADS), **fields)).status_code == 303
    assert (await page(office, request))["history"][-1]["note"] == words
    kept = (await history(office, request))[-1]["note"]
    assert kept.startswith("v1.")
    assert words not in kept


async def test_reasons_that_a_system_reports_in_the_clear_reach_the_page_too(office: Office) -> None:
    request = await routed(office)
    fields = {"state": "resolved", "department": ROADS, "outcome_code": "no_action", "reason": "it is a nest"}
    await office.intake.progress.report(request.request_id, Report.model_validate(fields), "works")
    assert (await page(office, request))["history"][-1]["note"] == "it is a nest"


async def test_a_new_day_and_news_follow_each_other_while_the_same_words_again_are_none(
    office: Office, visitor: Browser
) -> None:
    request = await routed(office)
    path = link(request, ROADS)
    for _ in range(2):
        answer = await say(visitor, path, state="started", news="waiting for asphalt", expected="2026-12-12")
        assert answer.status_code == 303
    assert (await page(office, request))["expected"] == "2026-12-12"
    assert (await say(visitor, path, state="started", expected="2026-12-24")).status_code == 303
    told = await page(office, request)
    assert told["expected"] == "2026-12-24"
    assert "24 December 2026" in told["sentence"]["en"]
    started = [event.data for event in await events_said(office.intake) if isinstance(event.data, RequestStarted)]
    assert [str(one.expected) for one in started] == ["2026-12-12", "2026-12-24"]
    assert (await office.stands(request))[0] == "started"


@pytest.mark.parametrize("day", ["2026-11-22", "yesterday", "2099-01-01"])
async def test_a_day_that_cannot_be_kept_is_refused(office: Office, visitor: Browser, day: str) -> None:
    request = await routed(office)
    answer = await say(visitor, link(request, ROADS), state="started", expected=day)
    assert (answer.status_code, "Choose a day to come" in answer.text) == (422, True)


async def test_after_its_erasure_a_request_shows_nobodys_words(office: Office, visitor: Browser) -> None:
    request = await routed(office, contact=ASKABLE)
    await say(visitor, link(request, ROADS), state="started", news="soon")
    await erase(office.intake, request)
    assert (await page(office, request))["history"][-1]["note"] is None
    opened = await say(visitor, link(request, ROADS), **READ)
    assert (opened.status_code, "heron" in opened.text, "Ada" in opened.text) == (200, False, False)


async def erase(intake: Intake, request: RequestAccepted) -> None:
    assert isinstance(intake.vault, Vault)
    await intake.rows("DELETE FROM vault.request_keys WHERE request_id = $1", request.request_id)


async def test_the_page_of_a_place_on_a_border_is_shown_to_the_desk_in_words(office: Office, visitor: Browser) -> None:
    held = await office.request(place={**ON_THE_BORDER, "address": "by the old pump"})
    await visitor.logs_in()
    case = (await visitor.get(f"/triage/{held.request_id}?lang=en")).text
    assert "by the old pump" in case
