"""Which page answers which address of the desk's console?

`/triage` is the list, `/triage/<id>` one request with the form that assigns it, `…/assign` and `…/close` take the
forms, `/triage/login` and `/triage/logout` are the door. Everything works without a script; `desk.js` adds keys.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, get_args

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from libs.delivery.errors import Rejected, ServiceError
from libs.directory.release import Release
from libs.events.identity import is_reference
from libs.service.problems import RETRY_AFTER_SECONDS, status_of
from services.intake.bodies import body_within
from services.intake.progress import Progress
from services.intake.standing import Outcome, Report
from services.intake.triage.assign import Assigning
from services.intake.triage.queue import Queue
from services.intake.triage.rules import COMMENT_CHARACTERS_MAX, Assignment
from services.intake.web import render
from services.intake.web.filled import Filled, Problem
from services.intake.web.staff.case_page import view_of
from services.intake.web.staff.door import at_the_door, door, words_for
from services.intake.web.staff.queue_page import AGES, Asked, reasons_of, rows_of
from services.intake.web.staff.session import PATH
from services.intake.web.staff.visits import Entrance, Visitor
from services.intake.web.texts import Texts, known, pick

OTHER = "?"  # the choice that takes the department from the list of all
OUTCOMES = get_args(Outcome)
PROBLEM_OF = {
    "unknown-department": Problem("department", "error-department-gone"),
    "service-needed": Problem("service", "error-subject"),
    "unknown-service": Problem("service", "error-subject"),
    "transition-not-allowed": Problem("", "error-moved"),
    "not-your-request": Problem("", "error-moved"),
    "erased": Problem("comment", "error-erased"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What the pages need."""

    queue: Queue
    assigning: Assigning
    progress: Progress
    entrance: Entrance
    clock: Callable[[], datetime]
    body_bytes_max: int
    body_seconds_max: float

    async def filled(self, request: Request) -> Filled:
        """The form that was sent."""
        return Filled.of(await body_within(request, self.body_bytes_max, self.body_seconds_max))


Answer = Callable[[Console, Request, Visitor], Awaitable[Response]]


def console_routes(console: Console) -> list[BaseRoute]:
    """The pages, to be mounted beside the counter's."""
    return [
        Route(PATH, _inside(console, _list), methods=["GET"]),
        Route(f"{PATH}/login", door(console.entrance, console.filled), methods=["GET", "POST"]),
        Route(f"{PATH}/logout", _inside(console, _leave), methods=["POST"]),
        Route(f"{PATH}/{{request_id:uuid}}", _inside(console, _case), methods=["GET"]),
        Route(f"{PATH}/{{request_id:uuid}}/assign", _inside(console, _assign), methods=["POST"]),
        Route(f"{PATH}/{{request_id:uuid}}/close", _inside(console, _close), methods=["POST"]),
    ]


def _inside(console: Console, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Who is not logged in gets the door; who is, the page, and stays logged in."""

    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        visitor = console.entrance.visitor(request)
        if visitor is None:
            return at_the_door(request)
        try:
            response = await answer(console, request, visitor)
        except ServiceError as error:
            response = _apology(request, visitor, error)
        if "set-cookie" not in response.headers:
            console.entrance.remember(response, visitor)
        return response

    return endpoint


# -- the list ----------------------------------------------------------------------------------------------------------


async def _leave(console: Console, request: Request, visitor: Visitor) -> Response:
    filled = await console.filled(request)
    if not console.entrance.is_own_form(request, visitor, filled.one("form")):
        return RedirectResponse(PATH, 303, render.PRIVATE)
    response = RedirectResponse(f"{PATH}/login?left=1&lang={words_for(request).language}", 303, render.PRIVATE)
    console.entrance.forget(response)
    return response


async def _list(console: Console, request: Request, visitor: Visitor) -> Response:
    releases = console.queue.releases(visitor.key.territories)
    spoken = known(tuple(dict.fromkeys(one for release in releases.values() for one in release.territory.languages)))
    texts = words_for(request, spoken)
    asked = Asked.of(request.query_params, texts.language)
    page = await console.queue.page(asked.wanted(), visitor.key.territories)
    return render.page(
        "queue.html",
        **_shared(visitor, texts, spoken, asked),
        rows=rows_of(page, releases, asked, texts, console.clock()),
        total=page.total,
        following=str(page.next) if page.next else "",
        territories=[(code, pick(release.territory.names, texts.language)) for code, release in releases.items()],
        reasons=reasons_of(page.tallies, asked, texts),
        ages=AGES,
        done=_done(request, releases, texts),
    )


def _done(request: Request, releases: Mapping[str, Release], texts: Texts) -> str:
    """What was just done, from the address that the form led to; only what we can name is said."""
    query = request.query_params
    reference, release = query.get("done", ""), releases.get(query.get("of", ""))
    if not is_reference(reference):
        return ""
    department = release.departments.get(query.get("to", "")) if release else None
    if department is None:
        return texts("queue-closed", reference=reference)
    return texts("queue-assigned", reference=reference, department=pick(department.names, texts.language))


# -- one request -------------------------------------------------------------------------------------------------------


async def _case(console: Console, request: Request, visitor: Visitor) -> Response:
    return await _shown(console, request, visitor, Filled())


async def _shown(
    console: Console,
    request: Request,
    visitor: Visitor,
    filled: Filled,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    """The page of one request, with what was filled in, and what is wrong with it."""
    service = filled.one("service") or None
    case = await console.queue.case(
        request.path_params["request_id"], visitor.key.name, visitor.key.territories, service
    )
    spoken = known(case.release.territory.languages)
    texts = words_for(request, spoken)
    asked = Asked.of(request.query_params, texts.language)
    return render.page(
        "case.html",
        status,
        **_shared(visitor, texts, spoken, asked),
        request_id=case.accepted.request_id,
        view=view_of(case, texts, console.clock()),
        filled=filled,
        other=OTHER,
        outcomes=OUTCOMES,
        comment_characters_max=COMMENT_CHARACTERS_MAX,
        problems=problems,
        problem_of={problem.field: problem for problem in reversed(problems)},
    )


async def _assign(console: Console, request: Request, visitor: Visitor) -> Response:
    filled = await console.filled(request)
    if filled.one("step") == "look":
        return await _shown(console, request, visitor, filled)
    if not console.entrance.is_own_form(request, visitor, filled.one("form")):
        return await _shown(console, request, visitor, filled, [Problem("", "error-form")], 403)
    chosen = filled.one("department")
    department = filled.one("other") if chosen in (OTHER, "") else chosen
    if not department:
        return await _shown(console, request, visitor, filled, [Problem("department", "error-department")], 422)
    try:
        given = {"department": department, "service": filled.one("service") or None, "comment": filled.one("comment")}
        assignment = Assignment.model_validate({name: value for name, value in given.items() if value})
        done = await console.assigning.assign(
            request.path_params["request_id"], assignment, visitor.key.name, visitor.key.territories
        )
    except ValidationError:
        too_long = Problem("comment", "error-long", {"maximum": COMMENT_CHARACTERS_MAX})
        return await _shown(console, request, visitor, filled, [too_long], 422)
    except Rejected as refused:
        return await _refused(console, request, visitor, filled, refused)
    return _back_to_the_list(request, done=done.reference, of=done.territory, to=department)


async def _close(console: Console, request: Request, visitor: Visitor) -> Response:
    """The desk itself answers the citizen. Only while it has the request."""
    filled = await console.filled(request)
    if not console.entrance.is_own_form(request, visitor, filled.one("form")):
        return await _shown(console, request, visitor, filled, [Problem("", "error-form")], 403)
    outcome, note = filled.one("outcome_code"), filled.one("note")
    problems = [Problem("outcome_code", "error-outcome")] if outcome not in OUTCOMES else []
    problems += [Problem("note", "error-note")] if not note else []
    if problems:
        return await _shown(console, request, visitor, filled, problems, 422)
    try:
        held = await console.queue.held(request.path_params["request_id"], visitor.key.territories)
        fields = {"state": "resolved", "department": held.desk, "outcome_code": outcome, "note": note}
        done = await console.progress.report(held.request_id, Report.model_validate(fields), f"desk:{visitor.key.name}")
    except ValidationError:
        return await _shown(console, request, visitor, filled, [Problem("note", "error-invalid")], 422)
    except Rejected as refused:
        return await _refused(console, request, visitor, filled, refused)
    return _back_to_the_list(request, done=done.reference)


async def _refused(console: Console, request: Request, visitor: Visitor, filled: Filled, refused: Rejected) -> Response:
    if refused.slug == "not-found":
        raise refused
    problem = PROBLEM_OF.get(refused.slug, Problem("", "error-other", {"message": refused.message}))
    status = 409 if problem.key in ("error-moved", "error-erased") else status_of(refused)
    return await _shown(console, request, visitor, filled, [problem], status)


# -- what all pages share ----------------------------------------------------------------------------------------------


def _shared(visitor: Visitor, texts: Texts, spoken: Sequence[str], asked: Asked) -> dict[str, Any]:
    return {"t": texts, "languages": spoken, "asked": asked, "name": visitor.key.name, "form": visitor.form_token}


def _back_to_the_list(request: Request, **done: str) -> Response:
    asked = Asked.of(request.query_params, words_for(request).language)
    return RedirectResponse(f"{PATH}?{asked.address(after='', **done)}", 303, render.PRIVATE)


def _apology(request: Request, visitor: Visitor, error: ServiceError) -> Response:
    status = status_of(error)
    kind = "busy" if status == 503 else "gone" if status == 404 else "refused"
    texts = words_for(request)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
    shared = _shared(visitor, texts, (), Asked(lang=texts.language))
    message = error.message if kind == "refused" else ""
    return render.page("sorry.html", status, headers, **shared, kind=kind, message=message)
