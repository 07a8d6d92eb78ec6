"""Does a person's choice give a request an owner for good, and does a refusal never lead in a circle?"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.delivery.errors import Rejected
from libs.events.identity import make_event
from libs.events.models import RequestAssigned, RequestHeld, RequestRouted
from services.intake.triage.queue import Wanted
from services.intake.triage.rules import Assignment
from tests.integration.intake_parts import Intake, events_said, routed, the_router_answers
from tests.integration.triage_parts import DESK, ON_THE_ROAD, SMALL, assign, one_request, report, stands
from tests.stack import FreshDatabase
from tests.unit.directory_packs import AT
from tests.unit.intake_submissions import second_release


@pytest.fixture
async def intake(fresh_database: FreshDatabase) -> AsyncIterator[Intake]:
    intake = Intake.on(fresh_database.dsn, SMALL, second_release())
    yield intake
    await intake.database.close()


async def test_a_held_request_gets_the_owner_that_a_person_chose(intake: Intake) -> None:
    request = await one_request(intake)
    assert await stands(intake, request) == ("held", DESK)
    assert await assign(intake, request, "aval-accueil", comment="the lamp is on your side") == "accepted"
    said = (await events_said(intake))[-1]
    assert isinstance(said.data, RequestAssigned)
    assert (said.data.department, said.data.by, said.data.previous) == ("aval-accueil", "anna", None)
    assert said.directory_version == SMALL.version
    decision = (await the_router_answers(intake, SMALL))[-1]
    assert isinstance(decision.data, RequestRouted)
    assert decision.causation_id == said.id
    assert decision.data.note == said.data.note is not None
    assert await stands(intake, request) == ("routed", "aval-accueil")


async def test_the_citizen_reads_a_true_sentence_at_every_step(intake: Intake) -> None:
    request = await one_request(intake)

    async def sentence() -> str:
        status = await intake.statuses.by_id(request.request_id)
        assert status is not None
        assert set(status.sentence) >= {"fr", "en"}
        return status.sentence["en"]

    assert "A person will choose" in await sentence()
    await intake.queue.case(request.request_id, "anna", None)
    assert "A person will choose" in await sentence()  # that it was read is a line beside it
    await assign(intake, request, "aval-accueil")
    assert "chosen who deals with it" in await sentence()
    await the_router_answers(intake, SMALL)
    assert "a person has decided: Aval is responsible and Aval town hall will deal with it" in await sentence()
    await report(intake, request, "refused", "aval-accueil")
    assert "belongs to someone else" in await sentence()
    await the_router_answers(intake, SMALL)
    assert "A person will look at it again" in await sentence()


async def test_a_choice_made_twice_is_made_once(intake: Intake) -> None:
    request = await one_request(intake)
    calls = (assign(intake, request, "aval-accueil") for _ in range(5))
    assert await asyncio.gather(*calls) == ["accepted"] * 5
    await the_router_answers(intake, SMALL)
    assert await assign(intake, request, "aval-accueil") == "routed"
    said = await events_said(intake)
    assert sum(isinstance(event.data, RequestAssigned) for event in said) == 1
    assert await intake.number_of("intake.assignments") == 1


async def test_of_two_people_who_choose_at_once_one_is_told(intake: Intake) -> None:
    request = await one_request(intake)
    choices = ("aval-accueil", "bourg-accueil")
    answers = await asyncio.gather(*(assign(intake, request, one) for one in choices), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Rejected", "str"]
    await the_router_answers(intake, SMALL)
    assert (await stands(intake, request))[1] in choices


async def test_a_re_evaluation_proposes_and_overwrites_nothing(intake: Intake) -> None:
    request = await one_request(intake)
    await assign(intake, request, "aval-accueil")
    other = routed(request, department="metro-voirie")  # as if the rules were asked once more
    await intake.projection.apply_decisions([other])
    assert await stands(intake, request) == ("accepted", None)
    await the_router_answers(intake, SMALL)
    await intake.projection.apply_decisions(
        [make_event(other.data, source=other.source, of=request.request_id, time=AT, causation_id=other.id)]
    )
    assert await stands(intake, request) == ("routed", "aval-accueil")
    case = await intake.queue.case(request.request_id, "anna", None)
    assert case.proposal is not None
    assert case.proposal["department"]["code"] == "metro-voirie"
    status = await intake.statuses.by_id(request.request_id)
    assert status is not None
    assert "metro-voirie" not in str(status.history)


async def test_a_second_answer_to_the_same_question_does_not_move_a_held_request(intake: Intake) -> None:
    request = await one_request(intake)
    (asked,) = await events_said(intake)
    held = await stands(intake, request)
    await intake.projection.apply_decisions([routed(request, cause=asked.id)])
    assert held[0] == "held"
    assert await stands(intake, request) == held


async def test_a_person_can_take_a_request_from_one_department_and_give_it_to_another(intake: Intake) -> None:
    request = await one_request(intake, service="pothole")
    assert await stands(intake, request) == ("routed", "metro-voirie")
    await report(intake, request, "started", "metro-voirie")
    await assign(intake, request, "state-roads", service="graffiti")
    said = (await events_said(intake))[-1].data
    assert isinstance(said, RequestAssigned)
    assert (said.previous, said.service, said.accepted.service) == ("metro-voirie", "graffiti", "graffiti")
    with pytest.raises(Rejected, match="the request is accepted"):
        await report(intake, request, "resolved", "metro-voirie")
    await the_router_answers(intake, SMALL)
    assert await stands(intake, request) == ("routed", "state-roads")


@pytest.mark.parametrize(
    ("changes", "given", "slug", "field"),
    [
        ({}, {"department": "nobody"}, "unknown-department", "department"),
        ({"service": None}, {"department": "aval-accueil"}, "service-needed", "service"),
        ({}, {"department": "aval-accueil", "service": "teleportation"}, "unknown-service", "service"),
        ({"service": "pothole"}, {"department": "metro-voirie"}, "transition-not-allowed", "department"),
    ],
)
async def test_a_choice_that_cannot_be_is_refused_and_leaves_nothing(
    intake: Intake, changes: dict[str, Any], given: dict[str, Any], slug: str, field: str
) -> None:
    request = await one_request(intake, **changes)
    before, said = await stands(intake, request), len(await events_said(intake))
    with pytest.raises(Rejected) as caught:
        await intake.assigning.assign(request.request_id, Assignment.model_validate(given), "anna", None)
    assert (caught.value.slug, caught.value.field) == (slug, field)
    assert await stands(intake, request) == before
    assert len(await events_said(intake)) == said


async def test_another_territory_does_not_exist_for_a_key_that_may_not_see_it(intake: Intake) -> None:
    request = await one_request(intake)
    elsewhere = frozenset({"other"})
    with pytest.raises(Rejected) as caught:
        await intake.assigning.assign(request.request_id, Assignment(department="aval-accueil"), "anna", elsewhere)
    assert caught.value.slug == "not-found"
    with pytest.raises(Rejected) as caught:
        await intake.queue.case(request.request_id, "anna", elsewhere)
    assert caught.value.slug == "not-found"
    assert (await intake.queue.page(Wanted(), elsewhere)).total == 0
    assert await intake.number_of("intake.openings") == 0


async def test_no_refusal_sends_a_request_back_to_somebody_who_refused(intake: Intake) -> None:
    """A says it is B's, B says it is A's: it is neither's again, a person chooses."""
    request = await one_request(intake, service="pothole", place=ON_THE_ROAD)
    owners = []
    while (at := await stands(intake, request))[0] == "routed":
        assert at[1] not in owners
        owners.append(at[1])
        await report(intake, request, "refused", str(at[1]))
        await the_router_answers(intake, SMALL)
    assert owners == ["state-roads", "metro-voirie"]
    assert await stands(intake, request) == ("held", DESK)
    case = await intake.queue.case(request.request_id, "anna", None)
    assert [said.department for said in case.refusals] == owners
    assert [said.reason for said in case.refusals] == ["not our lamp"] * 2
    assert [choice.department for choice in case.choices if choice.has_refused] == ["state-roads", "metro-voirie"]
    assert case.held is not None
    assert case.held.reason == "all-refused"


async def test_what_an_assigned_department_refuses_goes_back_to_a_person(intake: Intake) -> None:
    request = await one_request(intake, service="pothole")  # the rules would know somebody: roads
    await assign(intake, request, "aval-accueil")
    await the_router_answers(intake, SMALL)
    await report(intake, request, "refused", "aval-accueil")
    await the_router_answers(intake, SMALL)
    assert await stands(intake, request) == ("held", DESK)
    case = await intake.queue.case(request.request_id, "anna", None)
    assert case.held is not None
    assert case.held.reason == "assignment-refused"
    assert case.choices[0].department == "metro-voirie"
    await assign(intake, request, "aval-accueil")  # a person may insist
    await the_router_answers(intake, SMALL)
    assert await report(intake, request, "refused", "aval-accueil") == "accepted"
    decision = (await the_router_answers(intake, SMALL))[-1].data
    assert isinstance(decision, RequestHeld)
    assert (decision.hops, decision.decision.reasons[-1].details["refusers"]) == (2, ["aval-accueil"])


async def test_reports_that_come_late_or_twice_change_nothing(intake: Intake) -> None:
    request = await one_request(intake)
    await assign(intake, request, "aval-accueil")
    await the_router_answers(intake, SMALL)
    assert await report(intake, request, "started", "aval-accueil") == "started"
    assert await report(intake, request, "started", "aval-accueil") == "started"
    for late in ("acknowledged",):
        with pytest.raises(Rejected, match="can follow"):
            await report(intake, request, late, "aval-accueil")
    assert await report(intake, request, "refused", "aval-accueil") == "accepted"
    assert await report(intake, request, "refused", "aval-accueil") == "accepted"
    with pytest.raises(Rejected, match="can follow"):
        await report(intake, request, "resolved", "aval-accueil")
    assert await intake.number_of("intake.refusals") == 1
