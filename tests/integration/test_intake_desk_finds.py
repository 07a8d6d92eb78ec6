"""Can a person at a desk find a request that somebody asks about, tell one from another, and look back at the day?"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from libs.events.identity import new_request_id
from libs.events.models import RequestAccepted
from tests.integration.staff_parts import ON_THE_BORDER, Browser, Office, an_office
from tests.integration.triage_parts import waiting
from tests.stack import FreshDatabase

GUESSES = {
    "release": "small@0",
    "guesses": [{"service": "pothole", "confidence": 0.72}, {"service": "lamp", "confidence": 0.2}],
}


@pytest.fixture
async def office(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(fresh_database.dsn, tmp_path) as office:
        yield office


@pytest.fixture
async def anna(office: Office) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        await browser.logs_in()
        yield browser


async def assign(browser: Browser, request: RequestAccepted, **fields: str) -> Any:
    form = await browser.form_of(f"/triage/{request.request_id}?lang=en")
    return await browser.post(f"/triage/{request.request_id}/assign?lang=en", data={"form": form, **fields})


async def unsaid(office: Office, number: str, municipality: str = "T01") -> RequestAccepted:
    """One that names no subject, as if the classifier had read a pothole in it."""
    place = {"municipality_code": municipality}
    request = await office.request(number, service=None, description="something odd", place=place)
    query = "UPDATE intake.requests SET accepted = $2 WHERE request_id = $1"
    kept = {**orjson.loads(request.model_dump_json(exclude_none=True)), "reading": GUESSES}
    await office.intake.rows(query, request.request_id, orjson.dumps(kept).decode())
    return request


@pytest.mark.parametrize("as_spoken", [str.lower, lambda text: text[2:].replace("-", " "), lambda text: f"  {text} "])
async def test_a_reference_opens_its_request_however_it_was_read_out_and_whoever_has_it(
    office: Office, anna: Browser, as_spoken: Any
) -> None:
    for service in ("pothole", "lamp"):  # one has an owner, one waits
        request = await office.request(service, service=service, place=ON_THE_BORDER)
        found = await anna.get("/triage/find", params={"q": as_spoken(request.reference), "lang": "en"})
        assert (found.status_code, found.headers["location"]) == (303, f"/triage/{request.request_id}?lang=en")
    assert await office.intake.number_of("intake.openings") == 0


async def test_an_id_and_a_request_that_nobody_has_decided_yet_are_found_too(office: Office, anna: Browser) -> None:
    request = await office.request()
    await office.intake.rows("DELETE FROM intake.request_references")
    for typed in (request.reference, str(request.request_id)):
        assert (await anna.get("/triage/find", params={"q": typed})).status_code == 303


@pytest.mark.parametrize("typed", ["G-0000-0000-0001", "pothole", "' OR 1=1 --", str(new_request_id()), "x" * 500])
async def test_what_is_not_found_is_said_without_a_hint_of_what_there_is(
    office: Office, anna: Browser, typed: str
) -> None:
    await office.request()
    answer = await anna.get("/triage/find", params={"q": typed, "lang": "en"})
    assert (answer.status_code, "No request that you can see" in answer.text) == (404, True)


async def test_a_reference_of_another_territory_is_as_if_it_did_not_exist(office: Office) -> None:
    request = await office.request()
    async with office.browser() as bertil:
        await bertil.logs_in("bertil")
        assert (await bertil.get("/triage/find", params={"q": request.reference})).status_code == 404


async def test_the_list_is_narrowed_by_subject_municipality_and_desk(office: Office, anna: Browser) -> None:
    lamp = await office.request("n-1")
    odd = await unsaid(office, "n-2", "T03")
    intake = office.intake
    assert await waiting(intake, service="lamp") == [lamp.request_id]
    assert await waiting(intake, service="") == [odd.request_id]
    assert await waiting(intake, municipality="T03") == [odd.request_id]
    assert await waiting(intake, desk="metro-accueil") == [lamp.request_id, odd.request_id]
    assert await waiting(intake, desk="nobody") == []
    page = (await anna.get("/triage?lang=en&service=-")).text
    assert odd.reference in page
    assert lamp.reference not in page
    assert "Street light out (1)" in page


async def test_pages_lead_forward_and_back_again(office: Office) -> None:
    for number in range(5):
        await office.request(f"n-{number}")
    intake = office.intake
    everything = await waiting(intake)
    assert await waiting(intake, before=everything[3], limit=2) == everything[1:3]
    assert await waiting(intake, before=everything[1], limit=2) == everything[:1]
    assert await waiting(intake, before=everything[0], limit=2) == []


async def test_a_guess_is_an_offer_that_one_press_takes_with_its_subject(office: Office, anna: Browser) -> None:
    request = await unsaid(office, "n-1")
    assert "Pothole? (72 %)" in (await anna.get("/triage?lang=en")).text
    page = (await anna.get(f"/triage/{request.request_id}?lang=en")).text
    assert page.index('value="metro-voirie@pothole"') < page.index('value="aval-accueil"')
    assert (await assign(anna, request, department="metro-voirie@pothole", service="")).status_code == 303
    await office.decided()
    assert await office.stands(request) == ("routed", "metro-voirie")
    (row,) = await office.intake.rows("SELECT service FROM intake.assignments")
    assert row["service"] == "pothole"


async def test_after_assigning_the_next_one_of_the_same_list_is_opened(office: Office, anna: Browser) -> None:
    first, second = await office.request("n-1"), await office.request("n-2")
    answer = await assign(anna, first, department="aval-accueil", next="1")
    assert answer.headers["location"].startswith(f"/triage/{second.request_id}?")
    assert f"{first.reference} was given to Aval town hall" in (await anna.get(answer.headers["location"])).text
    answer = await assign(anna, second, department="aval-accueil", next="1")
    assert answer.headers["location"].startswith("/triage?")


async def test_a_person_sees_what_she_assigned_today_and_where_it_stands(office: Office, anna: Browser) -> None:
    request = await office.request()
    await assign(anna, request, department="aval-accueil")
    await office.decided()
    mine = (await anna.get("/triage/mine?lang=en")).text
    assert all(text in mine for text in (request.reference, "Aval town hall", "not answered yet"))
    async with office.browser() as operator:
        await operator.logs_in("operator")
        assert request.reference not in (await operator.get("/triage/mine?lang=en")).text


async def test_the_heading_over_the_reasons_changes_once_it_is_decided(office: Office, anna: Browser) -> None:
    held, routed = await office.request("n-1"), await office.request("n-2", service="pothole")
    assert "Why no rule decides" in (await anna.get(f"/triage/{held.request_id}?lang=en")).text
    decided = (await anna.get(f"/triage/{routed.request_id}?lang=en")).text
    assert "What was decided, and why" in decided
    assert "Why no rule decides" not in decided
