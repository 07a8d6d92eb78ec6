"""How do tests hold, assign, refuse and look at requests on a real database?"""

from typing import Any
from uuid import UUID

from libs.events.models import RequestAccepted
from services.intake.standing import Report, State
from services.intake.submission import Receipt
from services.intake.triage.queue import Wanted
from services.intake.triage.rules import Assignment
from tests.integration.intake_parts import Intake, the_router_answers
from tests.unit.directory_packs import SOUTH, release_of
from tests.unit.intake_submissions import submission

SMALL = release_of()
ON_THE_BORDER = {
    "lat": SOUTH + 0.01,
    "lon": 0.02,
}  # of Aval and Bourg, whose town halls look after their lamps
ON_THE_ROAD = {"lat": SOUTH + 0.005, "lon": 0.01}
DESK = "metro-accueil"


async def one_request(intake: Intake, number: str = "n-1", **changes: Any) -> RequestAccepted:
    """Decided by the router's own rules."""
    asked = {"service": "lamp", "place": ON_THE_BORDER} | changes
    (receipt,) = await intake.acceptance.accept_batch([submission(number, **asked)])
    assert isinstance(receipt, Receipt)
    await the_router_answers(intake, SMALL)
    return await intake.accepted(receipt.request_id)


async def assign(intake: Intake, request: RequestAccepted, department: str, **more: Any) -> State:
    given = Assignment(department=department, **more)
    return (await intake.assigning.assign(request.request_id, given, "anna", None)).state


async def report(intake: Intake, request: RequestAccepted, state: str, department: str, **more: Any) -> State:
    needed: dict[str, Any] = {"resolved": {"outcome_code": "solved"}, "refused": {"reason": "not our lamp"}}
    said = Report.model_validate({"state": state, "department": department, **needed.get(state, {}), **more})
    return (await intake.progress.report(request.request_id, said, "works")).state


async def stands(intake: Intake, request: RequestAccepted) -> tuple[str, str | None]:
    status = await intake.statuses.by_id(request.request_id)
    assert status is not None
    return status.state, status.department


async def waiting(intake: Intake, **wanted: Any) -> list[UUID]:
    page = await intake.queue.page(Wanted(**wanted), None)
    return [line.held.request_id for line in page.lines]
