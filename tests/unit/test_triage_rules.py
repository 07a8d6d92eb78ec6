"""Among whom does a person choose, which choices are taken, and does nothing but a person or a refusal undo one?"""

from dataclasses import replace
from typing import Any, get_args
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Question, Where, decide
from libs.events.envelope import Event
from libs.events.identity import make_event, new_request_id
from libs.events.models import Party, RequestHeld
from services.intake.standing import (
    REACHED_FROM,
    Report,
    Standing,
    State,
    assigned,
    decided,
    is_repeat,
    report_refusal,
    reported,
    with_refuser,
)
from services.intake.triage.rules import (
    TELLING,
    Assignment,
    assignment_refusal,
    choices_for,
    held_row,
    is_made,
    may_triage,
    why_held,
)
from services.router.route import decide_all
from services.router.rules import task_in
from tests.unit.directory_packs import AT, DEPARTMENTS, SOUTH, release_of
from tests.unit.router_requests import accepted, accepted_event
from tests.unit.test_intake_standing import decision_event, report, standing

SMALL = release_of()
DEPARTED = "old-roads,metro,travaux,Anciens travaux,Former works,,old@metro.example,,,2020-12-31\n"
BORDER = {"lat": SOUTH + 0.01, "lon": 0.02}


def choose(department: str, **more: Any) -> Assignment:
    return Assignment(department=department, **more)


def recorded(release: Any = SMALL, **changes: Any) -> dict[str, Any]:
    """The decision that the router made about a request."""
    task = task_in(accepted_event(release, **changes))
    assert task is not None
    (answer,) = decide_all(release, [task])
    assert isinstance(answer, Event)
    found: dict[str, Any] = answer.data.decision.model_dump(mode="json", exclude_none=True)  # type: ignore[attr-defined]
    return found


# -- who comes into question -------------------------------------------------------------------------------------------


def test_the_possible_owners_of_a_border_come_before_everybody_else() -> None:
    given = accepted(service="lamp", place=BORDER)
    choices = choices_for(SMALL, given, "lamp", (), recorded(service="lamp", place=BORDER), AT)
    assert [(one.department, one.source) for one in choices] == [
        ("aval-accueil", "possible"),
        ("bourg-accueil", "possible"),
    ]
    assert [one.why["fr"] for one in choices] == ["Aval", "Bourg-le-Haut"]


def test_whom_the_rules_name_today_comes_first_and_who_refused_comes_last() -> None:
    place = {"lat": SOUTH + 0.005, "lon": 0.01}
    refusers = ("state-roads",)
    choices = choices_for(SMALL, accepted(place=place), "pothole", refusers, recorded(place=place), AT)
    assert (choices[0].department, choices[0].source, choices[0].has_refused) == ("metro-voirie", "rules", False)
    assert (choices[-1].department, choices[-1].has_refused) == ("state-roads", True)
    assert len({one.department for one in choices}) == len(choices)


def test_what_was_recorded_about_another_subject_names_nobody() -> None:
    was = recorded(service="lamp", place=BORDER)
    choices = choices_for(SMALL, accepted(service="lamp", place=BORDER), "pothole", (), was, AT)
    assert choices[0].department == "metro-voirie"
    assert "possible" not in {one.source for one in choices}


def test_neither_the_desk_nor_who_has_closed_comes_into_question() -> None:
    release = release_of(departments=DEPARTMENTS + DEPARTED)
    given = accepted(service=None, place={"municipality_code": "T01"})
    choices = choices_for(release, given, None, (), recorded(release, service=None), AT)
    assert {"metro-accueil", "old-roads"}.isdisjoint(one.department for one in choices)


# -- which choices are taken -------------------------------------------------------------------------------------------


@given(st.sampled_from(get_args(State)))
def test_a_person_may_choose_until_the_request_is_closed_but_not_while_it_is_on_its_way(state: State) -> None:
    before = standing(state, department="metro-accueil")
    refusal = assignment_refusal(before, "lamp", choose("aval-accueil"), SMALL, AT)
    assert (refusal is None) == (state in ("held", "routed", "acknowledged", "started"))
    assert (state in REACHED_FROM["assigned"]) == (refusal is None)


@pytest.mark.parametrize(
    ("service", "department", "slug"),
    [
        (None, "aval-accueil", "service-needed"),
        ("teleportation", "aval-accueil", "unknown-service"),
        ("lamp", "nobody", "unknown-department"),
        ("lamp", "old-roads", "unknown-department"),
        ("lamp", "metro-accueil", "transition-not-allowed"),
    ],
)
def test_a_choice_that_cannot_be_says_why(service: str | None, department: str, slug: str) -> None:
    release = release_of(departments=DEPARTMENTS + DEPARTED)
    refusal = assignment_refusal(
        standing("routed", department="metro-accueil"), service, choose(department), release, AT
    )
    assert refusal is not None
    assert refusal.slug == slug


def test_a_desk_may_keep_what_it_holds() -> None:
    held = standing("held", department="metro-accueil")
    assert assignment_refusal(held, "lamp", choose("metro-accueil"), SMALL, AT) is None


def test_the_same_choice_is_known_until_it_has_been_refused() -> None:
    made = assigned(standing("held", department="desk"), "aval-accueil", "lamp", uuid4())
    assert is_made(made, choose("aval-accueil"))
    assert is_made(made, choose("aval-accueil", service="lamp"))
    assert not is_made(made, choose("aval-accueil", service="pothole"))
    assert not is_made(made, choose("bourg-accueil"))
    announced = replace(made, state="routed", department="aval-accueil")
    assert is_made(announced, choose("aval-accueil"))
    refused = reported(announced, report("refused", "aval-accueil"), uuid4())
    assert not is_made(refused, choose("aval-accueil"))


def test_a_key_may_be_bound_to_territories() -> None:
    assert may_triage(None, "small")
    assert may_triage(frozenset({"small"}), "small")
    assert not may_triage(frozenset({"other"}), "small")


# -- the queue ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service": "lamp", "place": BORDER}, "near-border"),
        ({"service": None, "place": BORDER}, "service-missing"),
        ({"service": "teleportation"}, "service-unknown"),
        ({"place": {"postal_code": "99200"}}, "postal-shared"),
        ({"place": {"lat": SOUTH + 1.0, "lon": 0.02}}, "point-outside"),
    ],
)
def test_the_queue_names_the_most_telling_reason(changes: dict[str, Any], reason: str) -> None:
    task = task_in(accepted_event(SMALL, **changes))
    assert task is not None
    (event,) = decide_all(SMALL, [task])
    assert isinstance(event, Event)
    assert isinstance(event.data, RequestHeld)
    row = held_row(event)
    assert (row.reason, row.desk, row.territory, row.outcome) == (
        reason,
        "metro-accueil",
        "small",
        event.data.decision.outcome,
    )


def test_a_reason_that_nobody_thought_of_is_named_all_the_same() -> None:
    assert why_held(["point-inside", "something-new"], "ambiguous") == "something-new"
    assert why_held([], "uncovered") == "uncovered"
    assert len(set(TELLING)) == len(TELLING)


# -- what a person chose stays -----------------------------------------------------------------------------------------

DEPARTMENT_CODES = ("metro-voirie", "aval-accueil", "state-roads")


def heard(before: Standing, hops: int, department: str, is_held: bool) -> Event:
    """A decision about the request, of whatever origin."""
    event = decision_event(before.request_id, hops, Party(code="desk", names={}) if is_held else None)
    decision = event.data.decision  # type: ignore[attr-defined]
    owner = decision.model_copy(update={"department": Party(code=department, names={})})
    data = event.data.model_copy(update={"decision": owner})
    return make_event(data, source=event.source, of=before.request_id, time=AT, causation_id=uuid4())


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("decision"), st.integers(0, 3), st.sampled_from(DEPARTMENT_CODES), st.booleans()),
            st.tuples(st.sampled_from(("acknowledged", "started", "resolved")), st.sampled_from(DEPARTMENT_CODES)),
        ),
        max_size=12,
    )
)
def test_whatever_else_is_heard_a_persons_choice_stays(steps: list[Any]) -> None:
    at = assigned(standing("held", department="desk"), "aval-accueil", "lamp", uuid4())
    own = make_event(
        decision_event(at.request_id).data,
        source="urn:guichet:router",
        of=at.request_id,
        time=AT,
        causation_id=at.cause,
    )
    for number, step in enumerate(steps):
        if number == len(steps) // 2:
            at = decided(at, own)
        if step[0] == "decision":
            at = decided(at, heard(at, *step[1:]))
        else:
            said = report(step[0], step[1])
            at = at if report_refusal(at, said) else reported(at, said, uuid4())
        assert at.assigned == "aval-accueil"
        assert at.department in (None, "metro-voirie")  # whom the own announcement names
        assert at.state != "held"


def test_a_proposal_is_kept_beside_the_choice() -> None:
    made = assigned(standing("held", department="desk"), "aval-accueil", "lamp", uuid4())
    after = decided(made, heard(made, 0, "state-roads", False))
    assert after.proposal is not None
    assert "state-roads" in after.proposal
    assert replace(after, proposal=None) == made
    assert decided(made, heard(made, 0, "aval-accueil", False)) is made  # the rules agree: nothing to propose
    late = replace(made, hops=2)
    assert decided(late, heard(late, 1, "state-roads", False)) is late  # from before a refusal


def test_only_a_refusal_frees_it_and_the_subject_stays_corrected() -> None:
    announced = replace(
        assigned(standing("held", department="desk"), "aval-accueil", "lamp", uuid4()),
        state="started",
        department="aval-accueil",
    )
    after = reported(announced, report("refused", "aval-accueil"), uuid4())
    assert (after.state, after.assigned, after.service, after.refusers) == (
        "accepted",
        None,
        "lamp",
        ("aval-accueil",),
    )


def test_whoever_refuses_twice_stands_once_among_the_refusers() -> None:
    assert with_refuser(("a", "b"), "a") == ("a", "b")
    assert with_refuser(("a",), "b") == ("a", "b")
    again = standing("routed", department="a", refusers=("a", "b"))
    assert not is_repeat(again, report("refused", "a"))


def test_refusals_come_to_an_end() -> None:
    weary = Standing(new_request_id(), "routed", uuid4(), hops=100, department="a")
    refusal = report_refusal(weary, Report(state="refused", department="a", reason="no"))
    assert refusal is not None
    assert refusal.slug == "transition-not-allowed"
    assert report_refusal(weary, report("resolved", "a")) is None


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([(None, None), (45.01, 0.01), (45.01, 0.0199), (45.0, 0.0503), (46.0, 1.0)]),
    st.sampled_from([None, 200.0, 3_000.0, 60_000.0]),
    st.sampled_from([None, "T01", "T03", "X99"]),
    st.sampled_from([None, "99100", "99200", "99300", "99109", "75001"]),
    st.sampled_from([None, "Aval", "Bourg-le-Haut", "Ars", "Nowhere", "Aval CEDEX 9"]),
    st.sampled_from([None, "12 rue Haute", "12 rue Haute, 99100 Aval"]),
)
def test_the_list_says_in_words_why_a_request_waits_for_a_place(
    point: tuple[float | None, float | None],
    accuracy: float | None,
    code: str | None,
    postal: str | None,
    name: str | None,
    address: str | None,
) -> None:
    place = Where(*point, accuracy, code, postal, name, address)
    decision = decide(SMALL, Question("lamp", place, AT))
    if decision.outcome != "routed":
        assert {reason.code for reason in decision.reasons} & set(TELLING)
