"""Can people at a desk complete a place, see who has a request in hand, and leave each other a word?"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from libs.delivery.errors import Rejected
from libs.events.models import RequestAccepted, RequestAssigned, RequestRefused
from libs.events.place import PlaceGiven
from services.intake.triage.rules import Assignment
from tests.integration.intake_parts import events_said
from tests.integration.staff_parts import Browser, Office, an_office, link
from tests.integration.triage_parts import report
from tests.stack import FreshDatabase

NOWHERE = {"address": "behind the old mill"}


@pytest.fixture
async def office(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(fresh_database.dsn, tmp_path) as office:
        yield office


@pytest.fixture
async def anna(office: Office) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        await browser.logs_in()
        yield browser


async def post(browser: Browser, request: RequestAccepted, action: str, **fields: str) -> httpx2.Response:
    form = await browser.form_of(f"/triage/{request.request_id}?lang=en")
    return await browser.post(f"/triage/{request.request_id}/{action}?lang=en", data={"form": form, **fields})


async def lost(office: Office, **changes: Any) -> RequestAccepted:
    request = await office.request(**{"service": "lamp", "place": NOWHERE, **changes})
    assert (await office.stands(request))[0] == "held"
    return request


@pytest.mark.parametrize(
    "found", [{"municipality_code": "T02"}, {"lat": "45,017", "lon": "0.025"}], ids=["municipality", "point"]
)
async def test_a_place_that_is_completed_asks_the_rules_again_and_goes_to_the_department(
    office: Office, anna: Browser, found: dict[str, str]
) -> None:
    request = await lost(office)
    offers = await post(anna, request, "assign", step="look", service="lamp", **found)
    assert "The rules name it today" in offers.text
    assert 'value="bourg-accueil"' in offers.text
    answer = await post(anna, request, "assign", department="bourg-accueil", service="lamp", **found)
    assert answer.status_code == 303
    await office.decided()
    assert await office.stands(request) == ("routed", "bourg-accueil")
    opened = await anna.post(f"{link(request, 'bourg-accueil')}?lang=en", data={"read": "1"})
    assert "behind the old mill, Bourg-le-Haut" in opened.text
    said = [event.data for event in await events_said(office.intake)]
    (assigned,) = [data for data in said if isinstance(data, RequestAssigned)]
    assert assigned.accepted.place.address == "behind the old mill"


async def test_the_completed_place_stays_after_a_refusal_and_what_was_handed_in_stays_as_it_was(office: Office) -> None:
    request = await lost(office)
    chosen = Assignment(department="bourg-accueil", place=PlaceGiven(municipality_code="T02"))
    await office.intake.assigning.assign(request.request_id, chosen, "anna", None)
    await office.decided()
    await report(office.intake, request, "refused", "bourg-accueil")
    refused = (await events_said(office.intake))[-1].data
    assert isinstance(refused, RequestRefused)
    assert refused.accepted.place.municipality_code == "T02"
    assert (await office.intake.accepted(request.request_id)).place.municipality_code is None


async def test_a_point_that_contradicts_the_municipality_goes_and_one_that_fits_stays(office: Office) -> None:
    for point, stays in (({"lat": 45.01, "lon": 0.03}, True), ({"lat": 45.01, "lon": 0.005}, False)):
        request = await office.request(f"n-{stays}", service=None, description="?", place={**NOWHERE, **point})
        chosen = Assignment(department="bourg-accueil", service="lamp", place=PlaceGiven(municipality_code="T02"))
        await office.intake.assigning.assign(request.request_id, chosen, "anna", None)
        status = await office.intake.statuses.by_id(request.request_id)
        assert status is not None
        assert status.place is not None
        assert (status.place.lat is not None) == stays


async def test_a_municipality_that_does_not_exist_is_refused(office: Office) -> None:
    request = await lost(office)
    chosen = Assignment(department="bourg-accueil", place=PlaceGiven(municipality_code="Z99"))
    with pytest.raises(Rejected) as refused:
        await office.intake.assigning.assign(request.request_id, chosen, "anna", None)
    assert (refused.value.slug, refused.value.field) == ("unknown-municipality", "place.municipality_code")


async def test_coordinates_that_are_none_are_told_and_nothing_is_lost(office: Office, anna: Browser) -> None:
    request = await lost(office)
    answer = await post(anna, request, "assign", department="bourg-accueil", service="lamp", lat="north", lon="0.03")
    assert answer.status_code == 422
    assert 'value="north"' in answer.text
    assert (await office.stands(request))[0] == "held"


async def test_two_people_see_who_has_it_in_hand(office: Office, anna: Browser) -> None:
    request = await lost(office)
    await post(anna, request, "hand", hand="take")
    assert "You have it in hand" in (await anna.get(f"/triage/{request.request_id}?lang=en")).text
    async with office.browser() as operator:
        await operator.logs_in("operator")
        assert "in hand: anna" in (await operator.get("/triage?lang=en")).text
        assert "anna has it in hand since" in (await operator.get(f"/triage/{request.request_id}?lang=en")).text
        await post(operator, request, "hand", hand="take")
        await post(anna, request, "hand", hand="leave")  # no longer hers to leave
        assert "in hand: operator" in (await operator.get("/triage?lang=en")).text


async def test_a_note_is_for_colleagues_only_and_sealed(office: Office, anna: Browser) -> None:
    request = await lost(office)
    await post(anna, request, "note", desk_note="the heron man, ask at the mill")
    assert "the heron man" in (await anna.get(f"/triage/{request.request_id}?lang=en")).text
    rows = await office.intake.rows("SELECT n::text AS everything FROM intake.desk_notes n")
    assert [("anna" in row["everything"], "heron" in row["everything"]) for row in rows] == [(True, False)]
    await office.intake.rows("DELETE FROM vault.request_keys")
    assert "the heron man" not in (await anna.get(f"/triage/{request.request_id}?lang=en")).text


async def test_equal_cases_are_assigned_together_and_what_has_moved_on_stays(office: Office, anna: Browser) -> None:
    ticked = [await lost(office, number=f"n-{number}") for number in range(3)]
    await post(anna, ticked[0], "assign", department="aval-accueil", service="lamp")
    form = await anna.form_of("/triage?lang=en&territory=small")
    data = {"form": form, "department": "bourg-accueil", "service": "", "id": [str(one.request_id) for one in ticked]}
    answer = await anna.post("/triage/together?lang=en&territory=small", data=data)
    assert "Assigned: 2. Not assigned: 1." in (await anna.get(answer.headers["location"])).text
    await office.decided()
    stand = [await office.stands(one) for one in ticked]
    assert stand == [("routed", "aval-accueil"), ("routed", "bourg-accueil"), ("routed", "bourg-accueil")]
    again = await anna.post("/triage/together?lang=en&territory=small", data={**data, "form": "0" * 32})
    assert "given=0&left=3" in again.headers["location"]
