"""How does a desk choose over HTTP? Translation only; every call needs an API key with the scope `triage`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError

from libs.events.refusal import refusal
from services.intake import openapi
from services.intake.answers import ProgressAnswer
from services.intake.callers import Callers
from services.intake.rules import refusal_of
from services.intake.submission import rejected
from services.intake.triage.answers import CaseAnswer, CorrectionAnswer, CorrectionsAnswer, QueueAnswer
from services.intake.triage.assign import Assigning
from services.intake.triage.corrections import Corrections
from services.intake.triage.queue import PAGE_REQUESTS, Queue, Wanted
from services.intake.triage.rules import Assignment
from services.intake.triage.work.desk_work import DeskWork

YEAR_HOURS = 8_784.0
Code = Annotated[str | None, Query(max_length=100)]
Hours = Annotated[float | None, Query(ge=0, le=YEAR_HOURS, description="handed in at least so long ago")]
Limit = Annotated[int, Query(ge=1, le=PAGE_REQUESTS)]

Body = Callable[[Request], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageDoors:
    """Everything that these routes need."""

    queue: Queue
    assigning: Assigning
    work: DeskWork
    corrections: Corrections
    callers: Callers
    body: Body


def triage_routes(doors: TriageDoors) -> APIRouter:
    """Reading the queue and choosing. A key that names territories sees only those, as if there were no others."""
    router = APIRouter(prefix="/api/v1/triage", tags=["triage"])
    _add_corrections(router, doors)
    _add_queue(router, doors)
    _add_choice(router, doors)
    return router


def _add_corrections(router: APIRouter, doors: TriageDoors) -> None:
    @router.get("/corrections", responses=openapi.problems(401, 403, 422, 503))
    async def list_corrections(
        request: Request, after: UUID | None = None, with_text: bool = False
    ) -> CorrectionsAnswer:
        """What people corrected, for training the classifier. Needs the scope `operate`.

        `with_text` adds what the citizens wrote, unless it was erased; each opening is recorded.
        """
        key = doors.callers.key_for(request.headers, "operate")
        rows, following = await doors.corrections.page(
            doors.queue.territories(key.territories), after, key.name, has_text=with_text
        )
        answers = [
            CorrectionAnswer(request_id=one.request_id, language=one.language, service=one.service, text=one.text)
            for one in rows
        ]
        return CorrectionsAnswer(corrections=answers, next=following)


def _add_queue(router: APIRouter, doors: TriageDoors) -> None:
    @router.get("/requests", responses=openapi.problems(401, 403, 422, 503))
    async def list_held_requests(
        request: Request,
        territory: Code = None,
        outcome: Code = None,
        reason: Code = None,
        older_than_hours: Hours = None,
        service: Code = None,
        municipality: Code = None,
        desk: Code = None,
        after: UUID | None = None,
        limit: Limit = PAGE_REQUESTS,
    ) -> QueueAnswer:
        """Which requests wait for a person, oldest first. Nothing personal is in it."""
        key = doors.callers.key_for(request.headers, "triage")
        about = (service, municipality, desk)
        wanted = Wanted(territory, outcome, reason, older_than_hours, *about, after, limit=limit)
        return QueueAnswer.of(await doors.queue.page(wanted, key.territories))


def _add_choice(router: APIRouter, doors: TriageDoors) -> None:
    @router.get("/requests/{request_id}", responses=openapi.problems(401, 403, 404, 422, 503))
    async def open_request(request_id: UUID, request: Request, service: Code = None) -> CaseAnswer:
        """One request, with what the citizen wrote and who comes into question, as if it were about `service`.

        That it was opened is recorded under the key's name, and the citizen sees that it was read.
        """
        key = doors.callers.key_for(request.headers, "triage")
        return CaseAnswer.of(await doors.queue.case(request_id, key.name, key.territories, service))

    @router.post(
        "/requests/{request_id}/assignment",
        status_code=202,
        responses=openapi.problems(400, 401, 403, 404, 408, 409, 413, 422, 503),
        openapi_extra=openapi.body_of(Assignment),
    )
    async def assign_request(request_id: UUID, request: Request) -> ProgressAnswer:
        """Give the request to a department. No rule changes that later; the department may refuse, and then a person
        chooses again. The same choice again changes nothing and gets the same answer."""
        key = doors.callers.key_for(request.headers, "triage")
        assignment = _assignment(await doors.body(request))
        done = await doors.assigning.assign(request_id, assignment, key.name, key.territories)
        return ProgressAnswer(request_id=done.request_id, reference=done.reference, status=done.state)


def _assignment(body: bytes) -> Assignment:
    try:
        return Assignment.model_validate_json(body)
    except ValidationError as error:
        raise rejected(refusal_of(refusal(error, Assignment))) from None
