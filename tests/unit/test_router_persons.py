"""Does the router announce whom a person chose, and hand back to a person what the rules must not decide?"""

from typing import Any

import pytest

from libs.events.cloudevents import encode
from libs.events.envelope import Event
from libs.events.models import RequestHeld, RequestRouted
from services.router import rules, sentences
from services.router.persons import ASSIGNED, ASSIGNMENT_REFUSED, HOP_LIMIT
from services.router.route import decide_all
from tests.unit.directory_packs import SOUTH, TERRITORY, codes_found, release_of
from tests.unit.router_requests import SEALED, accepted_event, assigned_event, refused_event
from tests.unit.test_router_rules import SMALL, routed_by

ARBITRATED = release_of(territory=TERRITORY + "arbitration: metro-voirie\n")
POOLED = """\
id,service,where,condition,decides,acts,priority,valid_from,valid_to,basis
L1,lamp,*,,@municipality,metro-voirie,0,,,
"""


def chosen(department: str, **changes: Any) -> RequestRouted:
    data = routed_by(SMALL, assigned_event(SMALL, department, **changes)).data
    assert isinstance(data, RequestRouted)
    return data


def held(release: Any, event: Event) -> RequestHeld:
    data = routed_by(release, event).data
    assert isinstance(data, RequestHeld)
    return data


def test_whom_a_person_chose_is_announced_whatever_the_rules_say() -> None:
    data = chosen("aval-accueil", note=SEALED)
    decision = data.decision
    assert decision.outcome == "routed"
    assert (decision.authority and decision.authority.code, decision.department and decision.department.code) == (
        "aval",
        "aval-accueil",
    )
    assert (decision.rule, decision.legal_basis) == (None, None)
    assert decision.reasons[-1].code == ASSIGNED
    assert {one.outcome for one in decision.candidates} == {"lost"}
    assert "Aval town hall will deal with it" in decision.sentence["en"]
    assert data.note == SEALED


def test_the_rules_own_choice_keeps_its_rule_and_its_legal_ground() -> None:
    decision = chosen("metro-voirie").decision
    assert (decision.rule, decision.legal_basis) == ("P1", "Code L1")
    assert "won" in {one.outcome for one in decision.candidates}


def test_nobody_gains_time_by_a_persons_choice() -> None:
    by_rules = routed_by(SMALL, accepted_event(SMALL)).data
    assert isinstance(by_rules, RequestRouted)
    assert chosen("aval-accueil").decision.due == by_rules.decision.due is not None


def test_a_place_that_nobody_knows_does_not_keep_a_person_from_choosing() -> None:
    data = chosen("state-roads", place={"address": "somewhere behind the mill"})
    assert data.decision.municipality is None
    assert data.decision.department is not None


def test_a_pooled_department_acts_for_the_authority_that_decides() -> None:
    release = release_of(competences=POOLED, rocade=None)
    event = assigned_event(release, "metro-voirie", service="lamp", place={"lat": SOUTH + 0.01, "lon": 0.01})
    data = routed_by(release, event).data
    assert isinstance(data, RequestRouted)
    assert data.decision.authority is not None
    assert data.decision.authority.code == "aval"


def test_the_same_choice_makes_the_same_bytes() -> None:
    event = assigned_event(SMALL, "aval-accueil")
    assert encode(routed_by(SMALL, event)) == encode(routed_by(SMALL, event))


def test_a_department_that_the_release_does_not_know_is_given_up_on() -> None:
    task = rules.task_in(assigned_event(SMALL, "nobody"))
    assert task is not None
    (answer,) = decide_all(SMALL, [task])
    assert not isinstance(answer, Event)
    assert (answer.slug, "nobody" in answer.message) == ("wrong-release", True)


def test_what_a_chosen_department_refuses_is_held_although_a_rule_knows_another() -> None:
    data = held(SMALL, refused_event(SMALL, ["aval-accueil"], was_assigned=True))
    assert data.decision.reasons[-1].code == ASSIGNMENT_REFUSED
    assert (data.desk.code, data.decision.department) == ("metro-accueil", None)
    assert any(one.department == "metro-voirie" for one in data.decision.candidates)


@pytest.mark.parametrize(("release", "desk"), [(SMALL, "metro-accueil"), (ARBITRATED, "metro-voirie")])
def test_after_too_many_refusals_the_arbitration_desk_gets_it_where_there_is_one(release: Any, desk: str) -> None:
    strangers = [f"stranger-{number}" for number in range(release.territory.hops_max + 1)]
    dispute = held(release, refused_event(release, strangers, was_assigned=True))
    assert (dispute.decision.reasons[-1].code, dispute.desk.code) == (HOP_LIMIT, desk)
    assert held(release, accepted_event(release, service=None)).desk.code == "metro-accueil"


def test_an_arbitration_desk_must_exist_and_its_absence_changes_no_version() -> None:
    assert "code-unknown" in codes_found(territory=TERRITORY + "arbitration: nobody\n")
    assert b"arbitration" not in SMALL.to_bytes()
    assert SMALL.version != ARBITRATED.version


def test_every_sentence_about_persons_is_in_every_language() -> None:
    texts = [text for name, text in vars(sentences).items() if name.isupper()]
    assert len(texts) == 5
    assert {tuple(sorted(text)) for text in texts} == {("en", "fr", "sv")}
