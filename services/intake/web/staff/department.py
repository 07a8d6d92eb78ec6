"""How does a department answer by the link in its mail, without a login?

`GET /d/<token>` shows where the request stands, and what may be answered: programs that look at mails may follow
the link as often as they like. `POST` answers, by the same rules as the HTTP interface; or, with `read`, shows the
place, what the citizen wrote and how to ask: that is recorded, and the citizen sees it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from libs.delivery.errors import Rejected, ServiceError
from libs.directory.release import Release
from libs.events.given import is_too_long
from libs.privacy.links import grant_in
from libs.service.problems import RETRY_AFTER_SECONDS, status_of
from services.intake.bodies import body_within
from services.intake.owner import Directory
from services.intake.personal import OwnersReading
from services.intake.progress import Progress
from services.intake.standing import EXPECTED_DAYS_MAX, Report
from services.intake.status import Statuses
from services.intake.web import render
from services.intake.web.filled import Filled, Problem
from services.intake.web.staff.answer_page import CHARACTERS_MAX, OUTCOMES, Opened, page_of
from services.intake.web.staff.words import staff_texts
from services.intake.web.texts import SPOKEN, Texts, known, language_for

BY = "link:"  # who reported, as events name it
# Which field of the form is which field of the report. Two answers have words, and a browser may show both.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "started": {"note": "news", "expected": "expected"},
    "resolved": {"outcome_code": "outcome_code", "note": "note"},
    "refused": {"reason": "reason"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the page needs. `key` is the one that the notifier signs links with."""

    statuses: Statuses
    progress: Progress
    reading: OwnersReading
    directory: Directory
    key: bytes
    clock: Callable[[], datetime]
    body_bytes_max: int
    body_seconds_max: float


def department_routes(answers: Answers) -> list[BaseRoute]:
    """One address for looking and answering."""
    return [
        Route("/d/{token}", _opened(answers, _look), methods=["GET"]),
        Route("/d/{token}", _opened(answers, _answer), methods=["POST"]),
    ]


def _opened(
    answers: Answers, answer: Callable[[Answers, Request, Opened], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    """A link that does not open gets a page that says why, before anything is looked up."""

    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        texts = _words(request, tuple(SPOKEN), "")
        grant = grant_in(answers.key, request.path_params["token"])
        if grant is None:
            return _said(texts, "forged", 404)
        if answers.clock() >= grant.until:
            return _said(texts, "over", 410)
        try:
            status = await answers.statuses.by_id(grant.request_id)
            if status is None:
                return _said(texts, "forged", 404)
            release = _release(answers, status.territory)
            spoken = known(release.territory.languages) if release else tuple(SPOKEN)
            return await answer(answers, request, Opened(grant, status, release, _words(request, spoken, spoken[0])))
        except ServiceError as error:
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status_of(error) == 503 else {}
            kind = "busy" if status_of(error) == 503 else "refused"
            message = error.message if kind == "refused" else ""
            return render.page(
                "answer_sorry.html", status_of(error), headers, t=texts, languages=(), kind=kind, message=message
            )

    return endpoint


async def _look(answers: Answers, request: Request, opened: Opened) -> Response:
    return page_of(opened, Filled(), done=request.query_params.get("done", ""))


async def _answer(answers: Answers, request: Request, opened: Opened) -> Response:
    filled = Filled.of(await body_within(request, answers.body_bytes_max, answers.body_seconds_max))
    if filled.one("read"):
        return await _read(answers, opened)
    state = filled.one("state")
    if state not in opened.grant.actions:
        return page_of(opened, filled, [Problem("state", "error-required")], status=422)
    problems = problems_in(filled, answers.clock().date())
    if problems:
        return page_of(opened, filled, problems, status=422)
    try:
        report = report_in(filled, opened.grant.department)
        await answers.progress.report(opened.grant.request_id, report, BY + opened.grant.department)
    except ValidationError:
        return page_of(opened, filled, [Problem("", "error-invalid")], status=422)
    except Rejected as refused:
        if refused.slug == "erased":
            return page_of(opened, filled, [Problem("note", "error-erased")], status=409)
        return await _moved(answers, opened, filled)
    address = f"/d/{request.path_params['token']}?done={state}&lang={opened.texts.language}"
    return RedirectResponse(address, 303, render.PRIVATE)


async def _read(answers: Answers, opened: Opened) -> Response:
    """What the citizen wrote, and how to ask, when it was agreed; only after a press of a button."""
    grant = opened.grant
    try:
        personal = await answers.reading.read(grant.request_id, grant.department, BY + grant.department)
    except Rejected:
        return await _moved(answers, opened, Filled())
    return page_of(opened, Filled(), personal=personal)


async def _moved(answers: Answers, opened: Opened, filled: Filled) -> Response:
    """It has moved on: say how it stands now."""
    status = await answers.statuses.by_id(opened.grant.request_id)
    moved = Opened(opened.grant, status or opened.status, opened.release, opened.texts)
    return page_of(moved, filled, [Problem("", "error-moved")], status=409)


def problems_in(filled: Filled, today: date) -> list[Problem]:
    """What must be put right before the answer can be sent."""
    state, problems = filled.one("state"), []
    if state == "resolved" and filled.one("outcome_code") not in OUTCOMES:
        problems.append(Problem("outcome_code", "error-outcome"))
    if state == "resolved" and filled.one("outcome_code") == "no_action" and not filled.one("note"):
        problems.append(Problem("note", "error-note"))
    if state == "refused" and not filled.one("reason"):
        problems.append(Problem("reason", "error-reason"))
    if state == "started" and filled.one("expected") and not _is_to_come(filled.one("expected"), today):
        problems.append(Problem("expected", "error-expected"))
    for field, maximum in CHARACTERS_MAX.items():
        if is_too_long(filled.one(field), maximum):
            problems.append(Problem(field, "error-long", {"maximum": maximum}))
    return problems


def _is_to_come(text: str, today: date) -> bool:
    try:
        return today <= date.fromisoformat(text) <= today + timedelta(days=EXPECTED_DAYS_MAX)
    except ValueError:
        return False


def report_in(filled: Filled, department: str) -> Report:
    """What was answered; fields of another answer, which a browser without a style sheet shows too, are left out."""
    state = filled.one("state")
    fields = FIELDS.get(state, {})
    given = {field: filled.one(name) for field, name in fields.items() if filled.one(name)}
    return Report.model_validate({"state": state, "department": department, **given})


def _release(answers: Answers, territory: str) -> Release | None:
    return answers.directory.latest(territory, answers.clock())


def _said(texts: Texts, what: str, status: int) -> Response:
    return render.page("answer_closed.html", status, t=texts, languages=tuple(SPOKEN), what=what)


def _words(request: Request, spoken: tuple[str, ...], first: str) -> Texts:
    """In the territory's own language unless another is asked for: departments read the mail in it too."""
    asked = request.query_params.get("lang") or first
    return staff_texts(language_for(asked, request.headers.get("accept-language", ""), spoken))
