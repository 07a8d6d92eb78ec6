"""Does what waits for a person wait in the right order, and does whoever opens it leave a trace?"""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from libs.delivery.errors import Rejected
from services.intake.triage.queue import Wanted
from tests.integration.intake_parts import Intake, routed, the_router_answers
from tests.integration.triage_parts import DESK, SMALL, assign, one_request, report, waiting
from tests.stack import FreshDatabase
from tests.unit.intake_submissions import second_release


@pytest.fixture
async def intake(fresh_database: FreshDatabase) -> AsyncIterator[Intake]:
    intake = Intake.on(fresh_database.dsn, SMALL, second_release())
    yield intake
    await intake.database.close()


# -- the queue ---------------------------------------------------------------------------------------------------------


async def test_the_queue_is_oldest_first_and_paged(intake: Intake) -> None:
    requests = [(await one_request(intake, f"n-{number}")).request_id for number in range(5)]
    first = await intake.queue.page(Wanted(limit=2), None)
    assert ([line.held.request_id for line in first.lines], first.total) == (requests[:2], 5)
    assert first.next == requests[1]
    assert await waiting(intake, limit=2, after=first.next) == requests[2:4]
    last = await intake.queue.page(Wanted(limit=2, after=requests[3]), None)
    assert ([line.held.request_id for line in last.lines], last.next) == (requests[4:], None)


async def test_the_queue_is_narrowed_by_territory_outcome_reason_and_age(intake: Intake) -> None:
    between = await one_request(intake, "n-1")
    unsaid = await one_request(intake, "n-2", service=None)
    assert await waiting(intake) == [between.request_id, unsaid.request_id]
    assert await waiting(intake, outcome="unclear") == [unsaid.request_id]
    assert await waiting(intake, reason="near-border") == [between.request_id]
    assert await waiting(intake, territory="other") == []
    assert await waiting(intake, older_than_hours=0) == [between.request_id, unsaid.request_id]
    assert await waiting(intake, older_than_hours=1) == []
    tallies = (await intake.queue.page(Wanted(territory="other"), None)).tallies
    assert {(one.outcome, one.reason): one.requests for one in tallies} == {
        ("ambiguous", "near-border"): 1,
        ("unclear", "service-missing"): 1,
    }


async def test_whoever_leaves_leaves_the_queue(intake: Intake) -> None:
    assigned, taken, decided = [await one_request(intake, f"n-{number}") for number in range(3)]
    await assign(intake, assigned, "aval-accueil")
    await report(intake, taken, "resolved", DESK, outcome_code="moved")
    await intake.projection.apply_decisions([routed(decided)])
    assert await waiting(intake) == []
    counts = await intake.statuses.counts()
    assert (counts["accepted"], counts["held"], counts["undecided"]) == (3, 0, 1)


async def test_nothing_a_citizen_wrote_is_in_the_queue(intake: Intake) -> None:
    await one_request(intake, description="the canary lives at number 7", contact={"email": "canary@citizen.example"})
    page = await intake.queue.page(Wanted(), None)
    assert "canary" not in str(page)
    rows = await intake.rows("SELECT held::text AS everything FROM intake.held held")
    assert rows
    assert not any("canary" in row["everything"] for row in rows)


# -- what was written --------------------------------------------------------------------------------------------------


async def test_whoever_opens_a_request_reads_the_text_and_is_on_record(intake: Intake) -> None:
    request = await one_request(intake, description="dark since Monday", contact={"email": "canary@citizen.example"})
    for reader in ("anna", "anna", "bertil"):
        case = await intake.queue.case(request.request_id, reader, None)
        assert case.description == "dark since Monday"
        assert "canary" not in str(case)
    assert [one.opened_by for one in case.openings] == ["bertil", "anna", "anna"]
    status = await intake.statuses.by_id(request.request_id)
    assert status is not None
    assert [step.kind for step in status.history].count("opened") == 2  # the citizen sees each reader once
    assert status.state == "held"


async def test_an_erased_request_can_still_be_given_an_owner(intake: Intake) -> None:
    request = await one_request(intake, description="dark since Monday")
    await intake.rows("DELETE FROM vault.request_keys")
    case = await intake.queue.case(request.request_id, "anna", None)
    assert (case.description, case.is_erased) == (None, True)
    with pytest.raises(Rejected) as caught:
        await assign(intake, request, "aval-accueil", comment="the lamp")
    assert caught.value.slug == "erased"
    assert await assign(intake, request, "aval-accueil") == "accepted"


async def test_another_service_asks_the_rules_again(intake: Intake) -> None:
    request = await one_request(intake, service=None)
    as_it_is = await intake.queue.case(request.request_id, "anna", None)
    assert {choice.source for choice in as_it_is.choices} == {"front-desk"}
    as_pothole = await intake.queue.case(request.request_id, "anna", None, "pothole")
    assert (as_pothole.choices[0].department, as_pothole.choices[0].source) == ("metro-voirie", "rules")
    as_lamp = await intake.queue.case(request.request_id, "anna", None, "lamp")
    assert [one.department for one in as_lamp.choices if one.source == "possible"] == ["aval-accueil", "bourg-accueil"]


# -- corrections -------------------------------------------------------------------------------------------------------


async def test_what_people_corrected_can_be_learned_from(intake: Intake) -> None:
    unsaid = await one_request(intake, "n-1", service=None, description="a lamp is out")
    wrong = await one_request(intake, "n-2", service="lamp", description="a hole in the road")
    right = await one_request(intake, "n-3", service="lamp", description="dark")
    await assign(intake, unsaid, "aval-accueil", service="lamp")
    await assign(intake, wrong, "metro-voirie", service="pothole")
    await assign(intake, right, "aval-accueil")
    plain, following = await intake.corrections.page(["small"], None, "trainer", has_text=False)
    assert [(one.request_id, one.service, one.text) for one in plain] == [
        (unsaid.request_id, "lamp", None),
        (wrong.request_id, "pothole", None),
    ]
    assert following is None
    assert await intake.number_of("intake.openings") == 0
    await intake.rows("DELETE FROM vault.request_keys WHERE request_id = $1", wrong.request_id)
    texts, _ = await intake.corrections.page(["small"], None, "trainer", has_text=True)
    assert [one.text for one in texts] == ["a lamp is out", None]
    openings = await intake.rows("SELECT request_id, opened_by FROM intake.openings")
    assert [(UUID(int=row["request_id"].int), row["opened_by"]) for row in openings] == [(unsaid.request_id, "trainer")]
    assert await intake.corrections.page(["other"], None, "trainer", has_text=False) == ([], None)


async def test_the_last_choice_is_the_one_that_is_learned(intake: Intake) -> None:
    request = await one_request(intake, service=None)
    await assign(intake, request, "aval-accueil", service="lamp")
    await the_router_answers(intake, SMALL)
    await assign(intake, request, "metro-voirie", service="pothole")
    (one,), _ = await intake.corrections.page(["small"], None, "trainer", has_text=False)
    assert one.service == "pothole"
