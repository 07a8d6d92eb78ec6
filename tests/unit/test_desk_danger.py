"""Does a person at a desk see at a glance which waiting requests are about danger, and what the text may be about?"""

from typing import Any

import pytest

from libs.events.envelope import Event
from libs.events.models import RequestHeld
from services.intake.triage.queue import Line, Page
from services.intake.triage.rules import held_row
from services.intake.web.staff.queue_page import Asked, rows_of
from services.intake.web.staff.words import STAFF
from tests.unit.directory_packs import AT, SOUTH
from tests.unit.directory_texts import taught
from tests.unit.notifier_events import decided_event
from tests.unit.router_requests import accepted

TAUGHT = taught()
BORDER = {"lat": SOUTH + 0.01, "lon": 0.02}
UNSURE = {"release": TAUGHT.version, "guesses": [{"service": "pothole", "confidence": 0.4}]}


def held(**changes: Any) -> Event:
    event = decided_event(TAUGHT, **changes)
    assert isinstance(event.data, RequestHeld)
    return event


def line(**changes: Any) -> Line:
    event = held(**changes)
    assert isinstance(event.data, RequestHeld)
    decision = event.data.decision.model_dump(mode="json", exclude_none=True)
    return Line(held_row(event), accepted(**changes), event.data.service, decision, 0)


@pytest.mark.parametrize("language", STAFF)
def test_what_the_classifier_was_not_sure_of_has_a_reason_of_its_own(language: str) -> None:
    assert held_row(held(service=None, reading=UNSURE)).reason == "classifier-abstained"
    page = Page([line(service=None, reading=UNSURE)], None, 1, [])
    (row,) = rows_of(page, {"small": TAUGHT}, Asked(), STAFF[language], AT)
    assert row.why == STAFF[language]("why-classifier-abstained")


def test_only_danger_is_marked_as_urgent() -> None:
    danger = {"release": TAUGHT.version, "urgent": "lamp", "guesses": []}
    lines = [line(service=None, place=BORDER, reading=danger), line(service="lamp", place=BORDER)]
    rows = rows_of(Page(lines, None, 2, []), {"small": TAUGHT}, Asked(), STAFF["en"], AT)
    assert [row.is_urgent for row in rows] == [True, False]
    assert [row.what for row in rows] == ["Street light out", "Street light out"]  # understood, though nobody named it
