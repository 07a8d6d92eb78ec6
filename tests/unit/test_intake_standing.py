"""Does a request only ever move forward, by whom it may be moved, and the same way however often it is told?"""

from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.events.envelope import Event
from libs.events.identity import make_event, new_request_id
from libs.events.models import Decision, Party, RequestHeld, RequestRouted
from libs.events.place import Place
from services.intake.sentences import ASSIGNED, FORMER_OWNER, OPENED, after_notice, after_report
from services.intake.standing import (
    REACHED_FROM,
    Outcome,
    Report,
    Standing,
    State,
    decided,
    is_repeat,
    is_theirs,
    may_report,
    may_see,
    report_refusal,
    reported,
)

STATES = get_args(State)
ORDER = {state: number for number, state in enumerate(STATES)}
NOT_REPORTED = ("routed", "held", "resolved", "assigned")
ROADS = Party(code="metro-voirie", names={"en": "Roads"})
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)


def standing(state: State = "accepted", request_id: UUID | None = None, **more: Any) -> Standing:
    return Standing(request_id or new_request_id(), state, uuid4(), **more)


def decision_event(request_id: UUID, hops: int = 0, desk: Party | None = None) -> Event:
    outcome = "uncovered" if desk else "routed"
    decision = Decision(outcome=outcome, territory="small", release="small@0", department=ROADS, sentence={"en": "."})
    shared: dict[str, Any] = {
        "request_id": request_id,
        "reference": "G-1",
        "territory": "small",
        "language": "en",
        "decision": decision,
        "hops": hops,
        "place": Place(postal_code="99100"),
        "service": "pothole",
    }
    data = RequestHeld(**shared, desk=desk) if desk else RequestRouted(**shared)
    return make_event(data, source="urn:guichet:router", of=request_id, time=AT)


def report(state: str, department: str = "metro-voirie", **more: Any) -> Report:
    needed = {"resolved": {"outcome_code": "solved"}, "refused": {"reason": "not ours"}}
    return Report.model_validate({"state": state, "department": department, **needed.get(state, {}), **more})


def test_a_decision_gives_the_request_to_a_department() -> None:
    before = standing()
    event = decision_event(before.request_id)
    after = decided(before, event)
    assert (after.state, after.department, after.cause) == ("routed", "metro-voirie", event.id)
    assert after.decision is not None
    assert '"metro-voirie"' in after.decision


def test_a_held_request_is_the_desks() -> None:
    before = standing()
    after = decided(before, decision_event(before.request_id, desk=Party(code="desk", names={})))
    assert (after.state, after.department) == ("held", "desk")


def test_a_decision_heard_again_or_late_changes_nothing() -> None:
    before = standing()
    event = decision_event(before.request_id)
    once = decided(before, event)
    assert decided(once, event) is once
    for state in ("acknowledged", "started", "resolved"):
        later = standing(state, before.request_id)
        assert decided(later, event) is later


def test_a_decision_from_before_a_refusal_changes_nothing() -> None:
    before = standing(hops=1, refusers=("metro-voirie",))
    assert decided(before, decision_event(before.request_id, hops=0)) is before
    assert decided(before, decision_event(before.request_id, hops=1)).state == "routed"


def test_a_person_may_give_a_held_request_an_owner_but_not_hold_a_routed_one() -> None:
    held = standing("held", department="desk")
    assert decided(held, decision_event(held.request_id)).state == "routed"
    routed = standing("routed", department="metro-voirie")
    assert decided(routed, decision_event(routed.request_id, desk=Party(code="desk", names={}))) is routed


@given(st.sampled_from(STATES), st.sampled_from(("acknowledged", "started", "resolved")))
def test_reports_move_forward_only(state: State, said: str) -> None:
    before = standing(state, department="metro-voirie")
    is_allowed = report_refusal(before, report(said)) is None
    assert is_allowed == (state != "accepted" and ORDER[said] > ORDER[state])


def test_a_refusal_leads_back_one_hop_later() -> None:
    before = standing("started", department="metro-voirie", decision="{}")
    after = reported(before, report("refused"), uuid4())
    assert (after.state, after.hops, after.refusers) == ("accepted", 1, ("metro-voirie",))
    assert (after.department, after.decision) == (None, None)


def test_the_desk_cannot_refuse_what_is_held() -> None:
    refusal = report_refusal(standing("held", department="desk"), report("refused", "desk"))
    assert refusal is not None
    assert refusal.slug == "transition-not-allowed"


def test_only_the_department_that_has_it_reports() -> None:
    refusal = report_refusal(standing("routed", department="metro-voirie"), report("started", "other"))
    assert refusal is not None
    assert refusal.slug == "not-your-request"
    assert "metro-voirie" in refusal.message


def test_a_report_heard_again_is_known() -> None:
    before = standing("routed", department="metro-voirie")
    for state in ("acknowledged", "started", "resolved", "refused"):
        said = report(state)
        assert not is_repeat(before, said)
        assert is_repeat(reported(before, said, uuid4()), said)


def test_resolving_with_another_outcome_is_no_repeat() -> None:
    resolved = reported(standing("routed", department="metro-voirie"), report("resolved"), uuid4())
    other = report("resolved", outcome_code="duplicate")
    assert not is_repeat(resolved, other)
    assert report_refusal(resolved, other) is not None


@pytest.mark.parametrize(
    "incomplete", [{"state": "resolved"}, {"state": "refused"}, {"state": "refused", "reason": ""}]
)
def test_an_end_needs_its_reason(incomplete: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="needs"):
        Report.model_validate({"department": "metro-voirie", **incomplete})


def test_a_key_may_be_bound_to_departments() -> None:
    assert may_report(None, report("started"))
    assert may_report(frozenset({"metro-voirie"}), report("started"))
    assert not may_report(frozenset({"other"}), report("started"))


def test_a_key_sees_its_own_requests_and_an_operator_sees_all() -> None:
    assert may_see("urn:a", frozenset({"read"}), "urn:a")
    assert not may_see("urn:a", frozenset({"read"}), "urn:b")
    assert may_see("urn:a", frozenset({"read", "operate"}), "urn:b")


def test_every_step_has_a_sentence_in_every_language() -> None:
    reports = [after_report(state, None) for state in REACHED_FROM if state not in NOT_REPORTED]
    ends = [after_report("resolved", outcome) for outcome in get_args(Outcome)]
    notices = [
        after_notice(who, kind, what)
        for who, kind in (
            ("citizen", "held"),
            ("department", "new_request"),
            ("department", FORMER_OWNER),
            ("desk", "x"),
        )
        for what in ("sent", "failed", "indeterminate")
    ]
    assert {tuple(sorted(texts)) for texts in [*reports, *ends, *notices, ASSIGNED, OPENED]} == {("en", "fr", "sv")}


def test_a_department_s_system_sees_what_is_with_its_department_and_only_while_it_is() -> None:
    roads = frozenset({"metro-voirie"})
    assert is_theirs(roads, "metro-voirie")
    assert not is_theirs(roads, "state-roads")
    assert not is_theirs(roads, None)
    assert not is_theirs(None, "metro-voirie")  # a key made for no department in particular is none of theirs
