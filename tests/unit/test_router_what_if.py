"""Does what-if say of a request what the router would say if the candidate were stamped on it?"""

from itertools import product
from uuid import UUID

from libs.directory import question_of
from libs.directory.what_if import Recorded, verdicts
from libs.events.envelope import Event
from libs.events.models import RequestHeld, RequestRouted
from libs.operate.what_if.recorded import _after_progress
from services.router import rules
from services.router.route import decide_all
from tests.unit.directory_packs import COMPETENCES, SOUTH, release_of
from tests.unit.router_requests import accepted_event, refused_event

SMALL = release_of()
CANDIDATE = release_of(competences=COMPETENCES.replace("L1,lamp,*,,@municipality", "L1,lamp,*,,metro"))
SERVICES = ("pothole", "lamp", "graffiti", "unheard-of", None)
PLACES = [{"lat": SOUTH + y, "lon": x} for x, y in ((0.01, 0.01), (0.02, 0.01), (0.032, 0.01), (0.01, 0.005), (3, 3))]
REFUSERS = ((), ("metro-voirie",), ("aval-accueil", "metro-voirie"), ("a", "b", "c", "d"))
FIRST = UUID("019ab0c2-7000-7000-8000-000000000001")


def asked_by_the_router(event: Event) -> tuple[str, str | None, str | None, str | None]:
    task = rules.task_in(event)
    assert task is not None
    (answer,) = decide_all(CANDIDATE, [task])
    assert isinstance(answer, Event)
    assert isinstance(answer.data, RequestRouted | RequestHeld)
    decision = answer.data.decision
    due = decision.due.isoformat() if decision.due else None
    return (
        decision.outcome,
        decision.authority.code if decision.authority else None,
        decision.department.code if decision.department else None,
        due,
    )


def asked_by_what_if(event: Event) -> tuple[str, str | None, str | None, str | None]:
    after = _after_progress(event)
    recorded = after.recorded if after else Recorded(FIRST, question_of(event.data))  # type: ignore[arg-type]
    (verdict,) = verdicts(CANDIDATE, [recorded])
    return (*verdict.owner, verdict.due.isoformat() if verdict.due else None)


def test_both_say_the_same_of_every_request_whoever_refused_it() -> None:
    outcomes = set()
    for service, place, refusers in product(SERVICES, PLACES, REFUSERS):
        asked = {"service": service, "place": place}
        event = refused_event(SMALL, refusers, **asked) if refusers else accepted_event(SMALL, **asked)
        said = asked_by_the_router(event)
        assert asked_by_what_if(event) == said, (service, place, refusers)
        outcomes.add(said[0])
    assert outcomes == {"routed", "ambiguous", "uncovered", "out_of_territory", "unclear"}
