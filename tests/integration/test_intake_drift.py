"""Does intake notice that requests go elsewhere since a release is in force, and count each request once?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import structlog

from libs.directory import Release
from libs.directory.drift import REQUESTS_MIN
from services.intake.drift.rules import KEPT, SINCE
from services.intake.drift.watch import DriftWatch
from services.intake.submission import Receipt
from tests.integration.intake_parts import Intake, the_router_answers
from tests.integration.triage_parts import ON_THE_BORDER, assign, report, stands
from tests.stack import FreshDatabase
from tests.unit.directory_packs import AT, COMPETENCES, release_of
from tests.unit.intake_submissions import IN_BOURG, submission

BEFORE = release_of()
SINCE_NOW = release_of(
    competences=COMPETENCES.replace("L1,lamp,*,,@municipality,@decides:voirie", "L1,lamp,*,,metro,metro-accueil")
)
ENOUGH = REQUESTS_MIN + 10


@pytest.fixture
async def intake(fresh_database: FreshDatabase) -> AsyncIterator[Intake]:
    intake = Intake.on(fresh_database.dsn, BEFORE)
    yield intake
    await intake.database.close()


def watch(intake: Intake, later: timedelta = timedelta()) -> DriftWatch:
    return DriftWatch(intake.database, intake.releases, lambda: AT + later)  # type: ignore[arg-type]


async def hand_in(intake: Intake, release: Release, requests: int, start: int, **changes: Any) -> None:
    """Accepted under this release, and decided by it."""
    intake.releases.publish(release)
    asked = {"service": "lamp", "place": IN_BOURG} | changes
    submissions = [submission(f"n-{number}", **asked) for number in range(start, start + requests)]
    receipts = await intake.acceptance.accept_batch(submissions)
    assert all(isinstance(receipt, Receipt) for receipt in receipts)
    await decide(intake, release)


async def decide(intake: Intake, release: Release) -> None:
    """The router answers all that was said; what was decided already is heard again, as after a crash."""
    await the_router_answers(intake, release)


async def counted(intake: Intake) -> list[tuple[str, str, int]]:
    rows = await intake.rows(
        "SELECT release, department, sum(requests)::int AS n FROM intake.decision_counts GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return [tuple(row) for row in rows]


async def test_a_release_that_sends_requests_elsewhere_is_noticed_and_said_once(intake: Intake) -> None:
    watching = watch(intake)
    await hand_in(intake, BEFORE, ENOUGH, 0)
    await watching.look()
    assert list(watching.alarms) == []
    await forget_what_was_said(intake)
    await hand_in(intake, SINCE_NOW, ENOUGH, ENOUGH)
    with structlog.testing.capture_logs() as said:
        await watching.look()
        await watching.look()
    assert [(line["event"], line["log_level"], line["department"]) for line in said] == [
        ("drift", "warning", department) for department in ("bourg-accueil", "metro-accueil")
    ]
    lost, won = sorted(watching.alarms, key=lambda alarm: str(alarm["department"]))
    assert (lost["release"], lost["territory"], lost["in_force_since"]) == (SINCE_NOW.version, "small", AT.isoformat())
    assert lost["before"] == {"requests": ENOUGH, "of": ENOUGH, "share": 1.0}
    assert lost["since"] == {"requests": 0, "of": ENOUGH, "share": 0.0}
    assert won["since"]["share"] == 1.0


async def forget_what_was_said(intake: Intake) -> None:
    """The relay has published the outbox."""
    async with intake.database.transaction() as conn:
        await conn.execute("DELETE FROM intake.outbox")


async def test_held_requests_are_a_share_of_their_own(intake: Intake) -> None:
    await hand_in(intake, BEFORE, ENOUGH, 0)
    await forget_what_was_said(intake)
    await hand_in(intake, SINCE_NOW, ENOUGH, ENOUGH, place=ON_THE_BORDER, service="graffiti")
    watching = watch(intake)
    await watching.look()
    assert {alarm["department"] for alarm in watching.alarms} == {None, "bourg-accueil"}


async def test_each_request_is_counted_once_however_often_it_is_heard_or_decided_again(intake: Intake) -> None:
    await hand_in(intake, BEFORE, 3, 0)
    await decide(intake, BEFORE)  # the same decisions again
    (first, *_) = await intake.rows("SELECT request_id FROM intake.requests ORDER BY request_id")
    request = await intake.accepted(first["request_id"])
    assert await stands(intake, request) == ("routed", "bourg-accueil")
    await report(intake, request, "refused", "bourg-accueil")
    await decide(intake, BEFORE)
    assert (await stands(intake, request))[0] == "held"
    await assign(intake, request, "metro-voirie")
    await decide(intake, BEFORE)
    assert await stands(intake, request) == ("routed", "metro-voirie")
    assert await counted(intake) == [(BEFORE.version, "bourg-accueil", 3)]


async def test_a_persons_choice_is_not_counted_the_release_held_it(intake: Intake) -> None:
    await hand_in(intake, BEFORE, 1, 0, place=ON_THE_BORDER)
    (row,) = await intake.rows("SELECT request_id FROM intake.requests")
    request = await intake.accepted(row["request_id"])
    await assign(intake, request, "metro-voirie")
    await decide(intake, BEFORE)
    assert await stands(intake, request) == ("routed", "metro-voirie")
    assert await counted(intake) == [(BEFORE.version, "", 1)]


async def test_after_a_week_a_release_is_no_longer_new(intake: Intake) -> None:
    await hand_in(intake, BEFORE, ENOUGH, 0)
    await forget_what_was_said(intake)
    await hand_in(intake, SINCE_NOW, ENOUGH, ENOUGH)
    soon, late = watch(intake, SINCE - timedelta(hours=1)), watch(intake, SINCE)
    await soon.look()
    await late.look()
    assert (len(soon.alarms), len(late.alarms)) == (2, 0)


async def test_what_nobody_compares_any_more_is_forgotten(intake: Intake) -> None:
    await hand_in(intake, BEFORE, 1, 0)
    await watch(intake, KEPT - timedelta(hours=1)).look()
    assert len(await counted(intake)) == 1
    await watch(intake, KEPT + timedelta(hours=1)).look()
    assert await counted(intake) == []


async def test_when_another_release_comes_into_force_the_alarm_is_over(intake: Intake) -> None:
    await hand_in(intake, BEFORE, ENOUGH, 0)
    await forget_what_was_said(intake)
    await hand_in(intake, SINCE_NOW, ENOUGH, ENOUGH)
    watching = watch(intake)
    await watching.look()
    intake.releases.publish(BEFORE)  # taken back: a release of its own again, from a later hour on
    intake.releases.since = AT + timedelta(hours=2)
    with structlog.testing.capture_logs() as said:
        await watch_later(watching, intake)
    assert list(watching.alarms) == []
    assert {line["event"] for line in said} == {"drift_over"}


async def watch_later(watching: DriftWatch, intake: Intake) -> None:
    watching._clock = lambda: AT + timedelta(hours=3)
    await watching.look()
