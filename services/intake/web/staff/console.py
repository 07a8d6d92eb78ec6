"""Which page answers which address of the desk's console?

`/triage` is the list, `/triage/find` looks for one, `/triage/mine` is what I did (`list_pages.py`); `/triage/<id>` is
one request with the form that assigns it, `…/assign` and `…/close` take the forms, `/triage/login` and
`/triage/logout` are the door. Everything works without a script; `desk.js` adds keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from libs.delivery.errors import Rejected
from libs.events.fields import DESCRIPTION_CHARACTERS_MAX
from libs.service.problems import status_of
from services.intake.standing import Outcome, Report
from services.intake.triage.rules import COMMENT_CHARACTERS_MAX, Assignment
from services.intake.triage.work.notes import NOTE_CHARACTERS_MAX
from services.intake.web import render
from services.intake.web.filled import Filled, Problem
from services.intake.web.staff.case_page import view_of
from services.intake.web.staff.door import door, words_for
from services.intake.web.staff.inside import Console, inside, shared
from services.intake.web.staff.list_pages import assign_together, done_line, find, leave, list_page, mine
from services.intake.web.staff.queue_page import Asked
from services.intake.web.staff.session import PATH
from services.intake.web.staff.shared_work import hand, note, place_in
from services.intake.web.staff.visits import Visitor
from services.intake.web.texts import known

WITH_SUBJECT = "@"  # between a department and the guessed subject that it is chosen for: one press says both
OTHER = "?"  # the choice that takes the department from the list of all
OUTCOMES = get_args(Outcome)
PROBLEM_OF = {
    "unknown-department": Problem("department", "error-department-gone"),
    "service-needed": Problem("service", "error-subject"),
    "unknown-service": Problem("service", "error-subject"),
    "unknown-municipality": Problem("municipality_code", "error-invalid"),
    "transition-not-allowed": Problem("", "error-moved"),
    "not-your-request": Problem("", "error-moved"),
    "erased": Problem("comment", "error-erased"),
}


def console_routes(console: Console) -> list[BaseRoute]:
    """The pages, to be mounted beside the counter's."""
    return [
        Route(PATH, inside(console, list_page), methods=["GET"]),
        Route(f"{PATH}/login", door(console.entrance, console.filled), methods=["GET", "POST"]),
        Route(f"{PATH}/logout", inside(console, leave), methods=["POST"]),
        Route(f"{PATH}/find", inside(console, find), methods=["GET"]),
        Route(f"{PATH}/together", inside(console, assign_together), methods=["POST"]),
        Route(f"{PATH}/mine", inside(console, mine), methods=["GET"]),
        Route(f"{PATH}/{{request_id:uuid}}", inside(console, _case), methods=["GET"]),
        Route(f"{PATH}/{{request_id:uuid}}/assign", inside(console, _assign), methods=["POST"]),
        Route(f"{PATH}/{{request_id:uuid}}/hand", inside(console, hand), methods=["POST"]),
        Route(f"{PATH}/{{request_id:uuid}}/note", inside(console, note), methods=["POST"]),
        Route(f"{PATH}/{{request_id:uuid}}/close", inside(console, _close), methods=["POST"]),
    ]


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
    place = place_in(filled)
    if isinstance(place, Problem):
        problems, place = [*problems, place], None
    case = await console.queue.case(
        request.path_params["request_id"], visitor.key.name, visitor.key.territories, service, place
    )
    spoken = known(case.release.territory.languages)
    texts = words_for(request, spoken)
    asked = Asked.of(request.query_params, texts.language)
    return render.page(
        "case.html",
        status,
        **shared(visitor, texts, spoken, asked),
        request_id=case.accepted.request_id,
        view=view_of(case, texts, console.clock()),
        done=done_line(request, {case.release.territory.code: case.release}, texts),
        filled=filled,
        other=OTHER,
        with_subject=WITH_SUBJECT,
        outcomes=OUTCOMES,
        most={"note": DESCRIPTION_CHARACTERS_MAX},
        comment_characters_max=COMMENT_CHARACTERS_MAX,
        note_characters_max=NOTE_CHARACTERS_MAX,
        problems=problems,
        problem_of={problem.field: problem for problem in reversed(problems)},
    )


async def _assign(console: Console, request: Request, visitor: Visitor) -> Response:
    filled = await console.filled(request)
    if filled.one("look"):
        filled = filled.having(service=filled.one("look"), step="look", department="")
    if filled.one("step") == "look":
        return await _shown(console, request, visitor, filled)
    if not console.entrance.is_own_form(request, visitor, filled.one("form")):
        return await _shown(console, request, visitor, filled, [Problem("", "error-form")], 403)
    chosen, _, guessed = filled.one("department").partition(WITH_SUBJECT)
    department = filled.one("other") if chosen in (OTHER, "") else chosen
    if not department:
        return await _shown(console, request, visitor, filled, [Problem("department", "error-department")], 422)
    place = place_in(filled)
    if isinstance(place, Problem):
        return await _shown(console, request, visitor, filled, status=422)
    try:
        service = guessed or filled.one("service")
        given = {"department": department, "service": service, "comment": filled.one("comment"), "place": place}
        assignment = Assignment.model_validate({name: value for name, value in given.items() if value})
        done = await console.assigning.assign(
            request.path_params["request_id"], assignment, visitor.key.name, visitor.key.territories
        )
    except ValidationError:
        too_long = Problem("comment", "error-long", {"maximum": COMMENT_CHARACTERS_MAX})
        return await _shown(console, request, visitor, filled, [too_long], 422)
    except Rejected as refused:
        return await _refused(console, request, visitor, filled, refused)
    said = {"done": done.reference, "of": done.territory, "to": department}
    if filled.one("next"):
        return await _next_case(console, request, visitor, said)
    return _back_to_the_list(request, **said)


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


async def _next_case(console: Console, request: Request, visitor: Visitor, said: Mapping[str, str]) -> Response:
    """The one that waits after this one in the same list; the list, when there is none."""
    asked = Asked.of(request.query_params, words_for(request).language)
    wanted = replace(asked.wanted(), after=request.path_params["request_id"], before=None, limit=1)
    page = await console.queue.page(wanted, visitor.key.territories)
    if not page.lines:
        return _back_to_the_list(request, **said)
    address = f"{PATH}/{page.lines[0].held.request_id}?{asked.address(**said)}"
    return RedirectResponse(address, 303, render.PRIVATE)


def _back_to_the_list(request: Request, **done: str) -> Response:
    asked = Asked.of(request.query_params, words_for(request).language)
    return RedirectResponse(f"{PATH}?{asked.address(after='', **done)}", 303, render.PRIVATE)
