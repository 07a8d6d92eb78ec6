"""Does each request get one owner or a person who chooses, and the same one however often it is asked?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Release, decide
from libs.events.cloudevents import encode
from libs.events.envelope import Event
from libs.events.models import RequestHeld, RequestRouted
from services.router import rules
from services.router.route import decide_all
from tests.unit.directory_packs import AT, AUTHORITIES, SOUTH, release_of
from tests.unit.router_requests import TRACE, accepted_event, refused_event, started_event

SMALL = release_of()
COPY = Release.from_bytes(SMALL.to_bytes())  # as another process would have it


def routed_by(release: Release, event: Event) -> Event:
    task = rules.task_in(event)
    assert task is not None
    (answer,) = decide_all(release, [task])
    assert isinstance(answer, Event)
    return answer


def test_an_owner_is_announced_with_the_whole_decision() -> None:
    data = routed_by(SMALL, accepted_event(SMALL)).data
    assert isinstance(data, RequestRouted)
    assert (data.decision.authority, data.decision.department) != (None, None)
    assert data.decision.department is not None
    assert data.decision.department.code == "metro-voirie"
    assert data.decision.rule == "P1"
    assert set(data.decision.sentence) == {"fr", "en"}
    assert {candidate.outcome for candidate in data.decision.candidates} == {"won", "lost"}


def test_what_readers_need_of_the_request_is_copied_and_stays_sealed() -> None:
    event = accepted_event(SMALL)
    data = routed_by(SMALL, event).data
    for name in ("request_id", "reference", "territory", "language", "place", "contact", "contact_channels", "answers"):
        assert getattr(data, name) == getattr(event.data, name)


def test_the_decision_is_caused_by_the_request_and_takes_its_time() -> None:
    event = accepted_event(SMALL)
    answer = routed_by(SMALL, event)
    assert (answer.causation_id, answer.time, answer.subject) == (event.id, event.time, event.subject)
    assert (answer.source, answer.directory_version) == ("urn:guichet:router", SMALL.version)
    assert answer.traceparent == TRACE


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"place": {"lat": SOUTH + 0.01, "lon": 0.02}, "service": "lamp"}, "ambiguous"),
        ({"place": {"lat": SOUTH + 1.0, "lon": 0.02}}, "out_of_territory"),
        ({"service": None}, "unclear"),
        ({"service": "teleportation"}, "unclear"),
        ({"place": {"postal_code": "99200"}}, "ambiguous"),
    ],
)
def test_what_no_rule_can_decide_is_held_at_the_desk(changes: dict[str, Any], outcome: str) -> None:
    data = routed_by(SMALL, accepted_event(SMALL, **changes)).data
    assert isinstance(data, RequestHeld)
    assert data.decision.outcome == outcome
    assert (data.desk.code, data.desk.names["en"]) == ("metro-accueil", "Metropolis desk")
    assert data.decision.department is None


def test_after_a_refusal_the_next_one_is_asked() -> None:
    first = routed_by(SMALL, accepted_event(SMALL, place={"lat": SOUTH + 0.005, "lon": 0.01})).data
    refusal = refused_event(SMALL, ["state-roads"], place={"lat": SOUTH + 0.005, "lon": 0.01})
    second = routed_by(SMALL, refusal)
    assert isinstance(first, RequestRouted)
    assert isinstance(second.data, RequestRouted)
    assert (first.hops, second.data.hops) == (0, 1)
    assert first.decision.department != second.data.decision.department
    assert second.causation_id == refusal.id
    assert second.data.decision.due == first.decision.due  # nobody gains time by refusing


def test_beyond_the_hop_limit_a_person_chooses_and_the_candidates_stay_on_record() -> None:
    strangers = ["somebody", "someone-else", "another", "a-fourth"]
    assert len(strangers) == SMALL.territory.hops_max + 1
    within = routed_by(SMALL, refused_event(SMALL, strangers[:-1])).data
    beyond = routed_by(SMALL, refused_event(SMALL, strangers)).data
    assert isinstance(within, RequestRouted)
    assert isinstance(beyond, RequestHeld)
    decision = beyond.decision
    assert decision.outcome == "ambiguous"
    assert [one for one in (decision.authority, decision.department, decision.due, decision.rule) if one] == []
    assert decision.candidates == within.decision.candidates
    assert decision.reasons[-1].code == "hop-limit"
    assert decision.reasons[-1].details == {"hops": 4, "hops_max": 3, "refusers": strangers}
    assert "4 departments" in decision.sentence["en"]
    assert set(decision.sentence) == {"fr", "en"}


def test_progress_that_is_no_refusal_asks_nothing() -> None:
    assert rules.task_in(started_event(SMALL)) is None


def test_a_request_is_decided_as_of_its_acceptance_not_of_the_day_it_is_read() -> None:
    event = accepted_event(SMALL, time=AT + timedelta(days=400))
    task = rules.task_in(event)
    assert task is not None
    assert rules.question_in(task).at == AT


def test_another_territorys_release_decides_nothing() -> None:
    task = rules.task_in(accepted_event(SMALL, territory="elsewhere"))
    assert task is not None
    (answer,) = decide_all(SMALL, [task])
    assert not isinstance(answer, Event)
    assert answer.slug == "wrong-release"


ANSWERS = st.dictionaries(
    st.sampled_from(["height_m", "owner", "note"]),
    st.one_of(
        st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=20),
        st.integers(-99, 99),
        st.booleans(),
    ),
)
PLACES = st.one_of(
    st.builds(lambda x, y: {"lat": SOUTH + y, "lon": x}, st.floats(-0.01, 0.06), st.floats(-0.02, 0.04)),
    st.builds(lambda code: {"municipality_code": code}, st.sampled_from(["T01", "T02", "T04", "X99"])),
    st.builds(lambda name: {"municipality_name": name}, st.sampled_from(["Aval", "Bourg le Haut", "Nulle Part"])),
)


@settings(max_examples=150, deadline=None)
@given(
    place=PLACES,
    service=st.sampled_from(["pothole", "lamp", "graffiti", None]),
    answers=ANSWERS,
    refusers=st.lists(st.sampled_from(["metro-voirie", "aval-accueil", "state-roads", "x"]), max_size=5, unique=True),
    tail=st.integers(0, 2**60),
)
def test_deciding_twice_makes_the_same_bytes(
    place: dict[str, object], service: str | None, answers: dict[str, object], refusers: list[str], tail: int
) -> None:
    """Also from another copy of the release, in another batch, and one by one."""
    request_id = UUID(int=(0x019AB0C270007000_8 << 60) | tail)
    changes: dict[str, Any] = {"request_id": request_id, "place": place, "service": service, "answers": answers}
    event = refused_event(SMALL, refusers, **changes) if refusers else accepted_event(SMALL, **changes)
    first = routed_by(SMALL, event)
    task, other = rules.task_in(event), rules.task_in(accepted_event(SMALL))
    assert task is not None
    assert other is not None
    second = decide_all(COPY, [other, task])[1]
    assert isinstance(second, Event)
    assert encode(second) == encode(first)
    alone = rules.answer(COPY, task, decide(COPY, rules.question_in(task)))
    assert encode(alone) == encode(first)


def test_a_request_between_two_of_one_owner_is_announced_and_names_neither_alone() -> None:
    authorities = AUTHORITIES.replace("Crête-Saint-Jean", "Bourg-la-Ville")
    data = routed_by(
        release := release_of(authorities=authorities),
        accepted_event(release, place={"municipality_name": "Bourg"}, service="pothole"),
    ).data
    assert isinstance(data, RequestRouted)
    assert data.decision.municipality is None
    assert "(Bourg-le-Haut, Bourg-la-Ville)" in data.decision.sentence["fr"]
