"""Does a letter know of the danger that was read in a request?"""

from typing import Any

import pytest

from libs.directory import Release
from libs.events.envelope import Event
from services.notifier.facts import facts_for
from services.notifier.rules import wanted
from tests.unit.directory_texts import taught
from tests.unit.notifier_events import decided_event
from tests.unit.router_requests import accepted_event

TAUGHT = taught()
READ = {"release": TAUGHT.version, "urgent": "lamp", "guesses": []}
WIRE = "Ne touchez pas les fils."


def facts(event: Event, release: Release = TAUGHT) -> dict[str, dict[str, Any]]:
    return {f"{one.audience} {one.kind}": facts_for(event, release, one) for one in wanted(event, release)}


@pytest.mark.parametrize("service", [None, "pothole"])
def test_the_first_letter_already_says_what_to_do(service: str | None) -> None:
    told = facts(accepted_event(TAUGHT, reading=READ, service=service))["citizen acknowledged"]
    assert told["safety"] == WIRE


def test_without_danger_nothing_is_said_of_it() -> None:
    told = facts(accepted_event(TAUGHT))["citizen acknowledged"]
    assert (told["safety"], told["urgent"]) == (None, None)


def test_the_department_is_told_which_danger_although_another_service_was_named() -> None:
    told = facts(decided_event(TAUGHT, reading=READ))
    assert set(told) == {"citizen routed", "department new_request"}
    for letter in told.values():
        assert (letter["service"], letter["urgent"], letter["safety"]) == ("Nid-de-poule", "Lampadaire en panne", WIRE)
