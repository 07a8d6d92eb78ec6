"""How does work arrive over HTTP? Translation only: bodies to submissions and reports, results to answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.delivery.errors import Rejected, ServiceError
from libs.events.fields import NAME_CHARACTERS_MAX
from libs.events.refusal import refusal
from libs.service.metrics import Metrics
from libs.service.problems import answer_with_problems, problem, problem_response
from services.intake import openapi
from services.intake.accept import Acceptance
from services.intake.answers import Links, ProgressAnswer, StatusAnswer
from services.intake.bodies import body_within
from services.intake.callers import Callers, RateLimited
from services.intake.front import answering_head, callable_from
from services.intake.handed_in import submission_in
from services.intake.keys import ApiKey
from services.intake.progress import Progress
from services.intake.rules import refusal_of
from services.intake.standing import Report, is_theirs, may_report, may_see
from services.intake.status import Status, Statuses
from services.intake.submission import Receipt, rejected
from services.intake.web.counter import answer_people_with_pages, page_instead

REQUESTS = "/api/v1/requests"
Number = Annotated[str, Query(min_length=1, max_length=NAME_CHARACTERS_MAX)]

# What only intake says; every other status is in libs/service/problems.py.
STATUS = {
    "transition-not-allowed": 409,
    "not-your-request": 409,
    "erased": 409,
    "body-too-slow": 408,
    "wrong-content-type": 415,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Everything that the HTTP interface needs."""

    acceptance: Acceptance
    statuses: Statuses
    progress: Progress
    callers: Callers
    metrics: Metrics
    public_url: str
    audit_url: str
    body_bytes_max: int
    body_seconds_max: float
    cors_origins: Sequence[str] = ()

    def links(self, request_id: UUID, token: str | None = None) -> Links:
        """Where to go on from a request."""
        return Links(
            self=f"{self.public_url}{REQUESTS}/{request_id}",
            page=f"{self.public_url}/r/{token}" if token else None,
            history=f"{self.audit_url}{REQUESTS}/{request_id}/history",
        )


def web(doors: Doors, *routers: APIRouter, pages: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The whole HTTP interface of intake: this file's routes, other routers, and the counter page."""
    app = FastAPI(**openapi.ABOUT)
    answer_with_problems(app)
    answer_people_with_pages(app)
    app.add_exception_handler(ServiceError, partial(_on_service_error, doors.metrics))
    app.add_exception_handler(RequestValidationError, _on_wrong_parameter)
    app.router.add_route(REQUESTS, partial(_submit, doors), methods=["POST"], include_in_schema=False)
    for router in (_requests(doors), *routers):
        app.include_router(router)
    app.router.routes.extend(pages)
    app.openapi = partial(openapi.document, app)  # type: ignore[method-assign]  # FastAPI's documented way
    front = callable_from(_front(doors, answering_head(app)), doors.cors_origins)
    return ServerErrorMiddleware(front, handler=_on_bug)


def _front(doors: Doors, app: ASGIApp) -> ASGIApp:
    """The busiest path is taken here: FastAPI's way to it (58 us) costs more than all that is done there (35 us)."""

    taken_here = Route(REQUESTS, app)

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != REQUESTS or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        scope["route"] = taken_here
        request = Request(scope, receive)
        try:
            response = await _submit(doors, request)
        except ServiceError as error:
            response = await _on_service_error(doors.metrics, request, error)
        await response(scope, receive, send)

    return front


async def _submit(doors: Doors, request: Request) -> Response:
    key = doors.callers.submitter(request)
    receipt = await doors.acceptance.accept(submission_in(request.headers, await _body(doors, request), key))
    return _accepted(receipt, doors.links(receipt.request_id, receipt.token))


def _accepted(receipt: Receipt, links: Links) -> Response:
    answer = {
        "request_id": receipt.request_id,
        "reference": receipt.reference,
        "status": "accepted",
        "token": receipt.token,
        "safety": receipt.safety,
        "links": {"self": links.self, "page": links.page, "history": links.history},
    }
    headers = {"location": links.self, "cache-control": "no-store"}
    return Response(orjson.dumps(answer), 202, headers, "application/json")


def _requests(doors: Doors) -> APIRouter:
    router = APIRouter(prefix=REQUESTS, tags=["requests"])

    # Before /{request_id}, which would take "by-token" for an id.
    @router.get("/by-token/{token}", responses=openapi.problems(404, 503))
    async def request_by_token(token: str) -> StatusAnswer:
        """Where a request stands, for whoever holds its link. No key is needed: the token is the secret."""
        status = await doors.statuses.by_token(token)
        notes = (await doors.statuses.own(status)).notes if status else ()
        return _shown(doors, status, None, notes)

    @router.get("", responses=openapi.problems(401, 403, 404, 422, 503))
    async def request_by_number(source_id: Number, request: Request) -> StatusAnswer:
        """Where the request stands that this key's source handed in under a number of its own: `source_id`,
        `Idempotency-Key`, or a CloudEvent's `id` (behind its `source` and a blank, unless that is the key's own).
        Needs a key with the scope `read`."""
        key = doors.callers.key_for(request.headers, "read")
        return _shown(doors, await doors.statuses.by_number(key.source, source_id.strip()), key)

    @router.get("/{request_id}", responses=openapi.problems(401, 403, 404, 422, 503))
    async def request_by_id(request_id: UUID, request: Request) -> StatusAnswer:
        """Where a request stands. Needs a key with the scope `read`, which sees what came from its own source and what
        is with the departments that it was made for; with the scope `operate` it sees all."""
        key = doors.callers.key_for(request.headers, "read")
        return _shown(doors, await doors.statuses.by_id(request_id), key)

    @router.post(
        "/{request_id}/progress",
        status_code=202,
        responses=openapi.problems(400, 401, 403, 404, 408, 409, 413, 422, 503),
        openapi_extra=openapi.body_of(Report),
    )
    async def report_progress(request_id: UUID, request: Request) -> ProgressAnswer:
        """A department says how far it is: acknowledged, started, resolved, or refused ("not ours").

        Needs a key with the scope `progress`. Reporting the same again changes nothing and gets the same answer.
        """
        key = doors.callers.key_for(request.headers, "progress")
        report = _report(await _body(doors, request))
        if not may_report(key.departments, report):
            raise Rejected(f"this key may not report for {report.department}", slug="scope-missing", field="department")
        done = await doors.progress.report(request_id, report, by=key.name)
        return ProgressAnswer(request_id=done.request_id, reference=done.reference, status=done.state)

    return router


def _shown(doors: Doors, status: Status | None, key: ApiKey | None, notes: Sequence[str | None] = ()) -> StatusAnswer:
    """What others handed in looks to a key as if it did not exist."""
    if status is None or (key is not None and not _may_see(key, status)):
        raise Rejected("there is no request here that you can see; check the id", slug="not-found")
    return StatusAnswer.of(status, doors.links(status.request_id), notes)


def _may_see(key: ApiKey, status: Status) -> bool:
    return may_see(key.source, key.scopes, status.source) or is_theirs(key.departments, status.department)


async def _body(doors: Doors, request: Request) -> bytes:
    return await body_within(request, doors.body_bytes_max, doors.body_seconds_max)


def _report(body: bytes) -> Report:
    try:
        return Report.model_validate_json(body)
    except ValidationError as error:
        raise rejected(refusal_of(refusal(error, Report))) from None


async def _on_service_error(metrics: Metrics, request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    if request.method == "POST":
        metrics.count("requests_refused_total", slug=error.slug)
    if isinstance(error, RateLimited):
        return problem(error, retry_after_seconds=error.retry_after_seconds)
    if isinstance(error, Rejected) and error.slug in STATUS:
        members: dict[str, Any] = {"field": error.field} if error.field else {}
        return problem_response(STATUS[error.slug], error.slug, error.message, **members)
    return problem(error)


async def _on_bug(request: Request, error: Exception) -> Response:
    """The server logs it; the outside sees nothing of it."""
    return page_instead(request, error) or problem(error)


async def _on_wrong_parameter(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = str(first["loc"][-1])
    return problem(Rejected(f"{field}: {first['msg']}", slug="invalid-field", field=field))
