"""Does danger reach the person at once, and what was read reach the router, through the real door and database?"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.directory import safety_of
from libs.events.models import RequestAccepted, RequestHeld, RequestRouted
from services.intake.reading import read_descriptions
from tests.integration.intake_parts import Intake, events_said, the_router_answers
from tests.integration.triage_parts import assign, report
from tests.stack import FreshDatabase
from tests.unit.directory_packs import release_of
from tests.unit.directory_texts import taught
from tests.unit.intake_submissions import submission
from tests.unit.notifier_events import decided_event

TAUGHT = taught()
WIRE = {"fr": "Ne touchez pas les fils.", "en": "Do not touch the wires."}


@pytest.fixture
async def intake(fresh_database: FreshDatabase) -> AsyncIterator[Intake]:
    intake = Intake.on(fresh_database.dsn, TAUGHT)
    running = asyncio.create_task(intake.acceptance.run())
    yield intake
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await intake.database.close()


async def kept(intake: Intake, description: str, source_id: str = "n-1") -> RequestAccepted:
    receipt = await intake.acceptance.accept(submission(source_id, service=None, description=description))
    return await intake.accepted(receipt.request_id)


async def test_danger_is_answered_at_once_and_the_same_again_when_it_is_sent_again(intake: Intake) -> None:
    danger = submission("n-1", service=None, description="Live wires on the pavement")
    first = await intake.acceptance.accept(danger)
    assert first.safety == WIRE
    assert await intake.acceptance.accept(danger) == first
    status = await intake.statuses.by_token(first.token)
    assert status is not None
    assert safety_of(TAUGHT, status.service, status.reading) == WIRE  # what the page shows before the router answers
    (said,) = await intake.announced()
    assert said["reading"] == {"release": TAUGHT.version, "urgent": "lamp", "guesses": said["reading"]["guesses"]}
    assert "wires" not in str(said).casefold()


async def test_what_is_sent_again_under_a_newer_directory_gets_the_answer_of_then(intake: Intake) -> None:
    danger = submission("n-1", service=None, description="Live wires on the pavement")
    first = await intake.acceptance.accept(danger)
    quiet = release_of()  # without urgent words
    intake.releases.publish(quiet)
    assert await intake.acceptance.accept(danger) == first


async def test_a_kept_reading_is_decided_by_without_the_text(intake: Intake) -> None:
    routed = await kept(intake, "A deep hole in the road, the tarmac is gone")
    held = await kept(intake, "Something about a wall or a lamp or a road", "n-2")
    danger = await kept(intake, "Live wires near the wall", "n-3")
    answers = [decided_event(TAUGHT, **dict(one)).data for one in (routed, held, danger)]
    assert [type(answer) for answer in answers] == [RequestRouted, RequestHeld, RequestRouted]
    assert [answer.service for answer in answers] == ["pothole", None, "lamp"]  # type: ignore[attr-defined]
    decisions = [answer.decision for answer in answers]  # type: ignore[attr-defined]
    assert [decision.urgent for decision in decisions] == [None, None, "lamp"]
    assert decisions[1].reasons[-1].code == "classifier-abstained"
    assert decisions[0].confidence == routed.reading.guesses[0].confidence  # type: ignore[union-attr]


async def test_requests_that_arrive_together_are_read_each_for_itself(intake: Intake) -> None:
    texts = ["A deep hole in the road", "Live wires!", "Hello everyone"]
    batch = [submission(f"n-{text}", service=None, description=text) for text in texts]
    receipts = await intake.acceptance.accept_batch(batch)
    assert [getattr(receipt, "safety", None) for receipt in receipts] == [None, WIRE, None]
    assert read_descriptions([]) == []


async def test_what_a_text_was_understood_to_be_about_stays_with_the_request(intake: Intake) -> None:
    """A department's report, and a person at a desk, go on from the service that was guessed."""
    routed = await kept(intake, "A deep hole in the road, the tarmac is gone")
    await the_router_answers(intake, TAUGHT)
    await report(intake, routed, "started", "metro-voirie")
    said = [one for one in await intake.announced() if one.get("department")]
    assert [one["service"] for one in said] == ["pothole"]
    await report(intake, routed, "refused", "metro-voirie")
    await the_router_answers(intake, TAUGHT)
    assert await assign(intake, routed, "metro-accueil") == "accepted"  # nobody has to name the service again
    assert (await events_said(intake))[-1].data.service == "pothole"  # type: ignore[attr-defined]
