"""How does a department answer by the link in its mail, without a login?

`GET /d/<token>` shows where the request stands and what may be answered: programs that look at mails may follow the
link as often as they like. `POST` answers, by the same rules as the HTTP interface. Nothing that the citizen wrote is
shown.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import wraps
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from libs.delivery.errors import Rejected, ServiceError
from libs.directory.release import Release
from libs.events.fields import DESCRIPTION_CHARACTERS_MAX, SENTENCE_CHARACTERS_MAX
from libs.privacy.links import ACTIONS, Grant, grant_in
from libs.service.problems import RETRY_AFTER_SECONDS, status_of
from services.intake.bodies import body_within
from services.intake.owner import Directory
from services.intake.progress import Progress
from services.intake.standing import REACHED_FROM, Outcome, Report
from services.intake.status import Status, Statuses
from services.intake.web import render
from services.intake.web.filled import Filled, Problem
from services.intake.web.staff.words import staff_texts
from services.intake.web.texts import SPOKEN, Texts, known, language_for, pick

BY = "link:"  # who reported, as events name it
OUTCOMES = get_args(Outcome)
END_OF_DAY = time(23, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the page needs. `key` is the one that the notifier signs links with."""

    statuses: Statuses
    progress: Progress
    directory: Directory
    key: bytes
    clock: Callable[[], datetime]
    body_bytes_max: int
    body_seconds_max: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that is ours and whose time is not over, and the request that it is about."""

    grant: Grant
    status: Status
    release: Release | None
    texts: Texts


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
    return _page(opened, Filled(), done=request.query_params.get("done", ""))


async def _answer(answers: Answers, request: Request, opened: Opened) -> Response:
    filled = Filled.of(await body_within(request, answers.body_bytes_max, answers.body_seconds_max))
    state = filled.one("state")
    if state not in opened.grant.actions:
        return _page(opened, filled, [Problem("state", "error-required")], status=422)
    problems = list(problems_in(filled))
    if problems:
        return _page(opened, filled, problems, status=422)
    try:
        report = report_in(filled, opened.grant.department)
        await answers.progress.report(opened.grant.request_id, report, BY + opened.grant.department)
    except ValidationError:
        return _page(opened, filled, [Problem("", "error-invalid")], status=422)
    except Rejected as refused:
        if refused.slug == "erased":
            return _page(opened, filled, [Problem("note", "error-erased")], status=409)
        status = await answers.statuses.by_id(opened.grant.request_id)  # it has moved on: say how it stands now
        moved = Opened(opened.grant, status or opened.status, opened.release, opened.texts)
        return _page(moved, filled, [Problem("", "error-moved")], status=409)
    address = f"/d/{request.path_params['token']}?done={state}&lang={opened.texts.language}"
    return RedirectResponse(address, 303, render.PRIVATE)


def problems_in(filled: Filled) -> list[Problem]:
    """What must be put right before the answer can be sent."""
    state, problems = filled.one("state"), []
    if state == "resolved" and filled.one("outcome_code") not in OUTCOMES:
        problems.append(Problem("outcome_code", "error-outcome"))
    if state == "resolved" and filled.one("outcome_code") == "no_action" and not filled.one("note"):
        problems.append(Problem("note", "error-note"))
    if state == "refused" and not filled.one("reason"):
        problems.append(Problem("reason", "error-reason"))
    for field, maximum in (("note", DESCRIPTION_CHARACTERS_MAX), ("reason", SENTENCE_CHARACTERS_MAX)):
        if len(filled.text(field)) > maximum:
            problems.append(Problem(field, "error-long", {"maximum": maximum}))
    return problems


def report_in(filled: Filled, department: str) -> Report:
    """What was answered; fields of another answer, which a browser without a style sheet shows too, are left out."""
    state = filled.one("state")
    fields = {"resolved": ("outcome_code", "note"), "refused": ("reason",)}.get(state, ())
    given = {field: filled.text(field) for field in fields if filled.one(field)}
    return Report.model_validate({"state": state, "department": department, **given})


def offered(grant: Grant, status: Status) -> tuple[str, ...]:
    """What can be answered now, in the order of the work."""
    if status.department != grant.department:
        return ()
    return tuple(action for action in ACTIONS if action in grant.actions and status.state in REACHED_FROM[action])


def situation_of(grant: Grant, status: Status, refusers: tuple[str, ...]) -> str:
    """Why nothing can be answered: closed, refused by this very department (`left`), or with somebody else (`lost`)."""
    if status.state == "resolved" and status.department == grant.department:
        return "closed"
    if status.department != grant.department:
        return "left" if grant.department in refusers else "lost"
    return ""


def _page(
    opened: Opened, filled: Filled, problems: list[Problem] | None = None, *, done: str = "", status: int = 200
) -> Response:
    grant, request, texts = opened.grant, opened.status, opened.texts
    choices = offered(grant, request)
    spoken = known(opened.release.territory.languages) if opened.release else tuple(SPOKEN)
    return render.page(
        "answer.html",
        status,
        t=texts,
        languages=spoken,
        reference=request.reference,
        department=_department(opened),
        facts=_facts(opened),
        choices=choices,
        situation=situation_of(grant, request, request.refusers),
        done=done if done in ACTIONS else "",
        outcomes=OUTCOMES,
        filled=filled,
        problems=problems or [],
        problem_of={problem.field: problem for problem in reversed(problems or [])},
    )


def _facts(opened: Opened) -> list[tuple[str, str]]:
    """Pairs of label and text; nothing personal among them."""
    status, texts, release = opened.status, opened.texts, opened.release
    decision: Mapping[str, Any] = status.decision or {}
    service = release.services.get(decision.get("service") or status.service or "") if release else None
    facts = [(texts("about"), pick(service.names, texts.language) if service else texts("about-unknown"))]
    if decision.get("municipality"):
        facts.append((texts("place"), pick(decision["municipality"]["names"], texts.language)))
    facts.append((texts("answer-state"), texts("state-" + status.state)))
    if decision.get("due") and release and status.state != "resolved":
        due = datetime.fromisoformat(decision["due"]).astimezone(ZoneInfo(release.territory.time_zone))
        facts.append((texts("answer-due"), texts.date(due) if due.time() >= END_OF_DAY else texts.moment(due)))
    return facts


def _department(opened: Opened) -> str:
    known_here = opened.release.departments.get(opened.grant.department) if opened.release else None
    return pick(known_here.names, opened.texts.language) if known_here else opened.grant.department


def _release(answers: Answers, territory: str) -> Release | None:
    releases = answers.directory.releases(answers.clock())
    return next((one for one in releases if one.territory.code == territory), None)


def _said(texts: Texts, what: str, status: int) -> Response:
    return render.page("answer_closed.html", status, t=texts, languages=tuple(SPOKEN), what=what)


def _words(request: Request, spoken: tuple[str, ...], first: str) -> Texts:
    """In the territory's own language unless another is asked for: departments read the mail in it too."""
    asked = request.query_params.get("lang") or first
    return staff_texts(language_for(asked, request.headers.get("accept-language", ""), spoken))
