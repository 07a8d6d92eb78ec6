"""Which page answers which address of the counter?

`/` is the form (without a script it grows step by step), `/r/<token>` the page of one request, `/r/<token>/events` its
changes as they happen, `/map/<territory>.svg` the map, `/static/…` style and scripts.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from libs.delivery.errors import Rejected, ServiceError, Unavailable
from libs.directory.release import Release
from libs.events.identity import COUNTER_SOURCE
from libs.service.problems import RETRY_AFTER_SECONDS, status_of
from services.intake.accept import Acceptance
from services.intake.bodies import body_within
from services.intake.callers import Callers, RateLimited
from services.intake.owner import Directory
from services.intake.rules import Refusal, number_of
from services.intake.settings import Settings
from services.intake.status import Own, Status, Statuses
from services.intake.submission import Submission, rejected
from services.intake.web import render
from services.intake.web.filled import Filled, Problem
from services.intake.web.form import coordinate, needs_questions, problem_of, request_in
from services.intake.web.form_page import FormPage
from services.intake.web.live import Live
from services.intake.web.map import map_of
from services.intake.web.standing import handed_in, view_of
from services.intake.web.texts import SPOKEN, Texts, known, language_for, texts_in

STREAM_RETRY_MS = 3_000  # how long a browser waits before it connects again

Answer = Callable[["Counter", Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What the pages need."""

    acceptance: Acceptance
    statuses: Statuses
    directory: Directory
    callers: Callers
    live: Live
    clock: Callable[[], datetime]
    body_bytes_max: int
    body_seconds_max: float

    def release(self, territory: str) -> Release | None:
        """The release of a territory that is in force."""
        return next((one for one in self.releases() if one.territory.code == territory), None)

    def releases(self) -> list[Release]:
        """All that are in force. Raises `Unavailable` before the directory was read."""
        return self.directory.releases(self.clock())


def counter_routes(
    acceptance: Acceptance,
    statuses: Statuses,
    directory: Directory,
    callers: Callers,
    clock: Callable[[], datetime],
    settings: Settings,
) -> list[BaseRoute]:
    """The pages, to be mounted beside the HTTP interface. They hand in by the same `accept` as every other door."""
    counter = Counter(
        acceptance=acceptance,
        statuses=statuses,
        directory=directory,
        callers=callers,
        live=Live(statuses.by_token),
        clock=clock,
        body_bytes_max=settings.body_bytes_max,
        body_seconds_max=settings.body_seconds_max,
    )
    return [
        Route("/", _shown(counter, _form), methods=["GET"]),
        Route("/", _shown(counter, _handed_in), methods=["POST"]),
        Route("/r/{token}", _shown(counter, _request), methods=["GET"]),
        Route("/r/{token}/events", _shown(counter, _events), methods=["GET"]),
        Route("/map/{territory}.svg", _shown(counter, _map), methods=["GET"]),
        render.static_route(),
    ]


def _shown(counter: Counter, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """People get a page when something is wrong, never a problem document."""

    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        try:
            return await answer(counter, request)
        except ServiceError as error:
            kind = "busy" if isinstance(error, Unavailable) else "refused"
            return _apology(request, kind, status_of(error), "" if kind == "busy" else error.message)

    return endpoint


def _apology(request: Request, kind: str, status: int, message: str = "") -> Response:
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
    language = _language(request, tuple(SPOKEN))
    texts = texts_in(language)
    return render.page("apology.html", status, headers, t=texts, languages=(), kind=kind, message=message)


def _language(request: Request, spoken: tuple[str, ...], asked: str = "") -> str:
    wanted = asked or request.query_params.get("lang")
    return language_for(wanted, request.headers.get("accept-language", ""), spoken)


async def _form(counter: Counter, request: Request) -> Response:
    releases = counter.releases()
    named = request.query_params.get("territory", "")
    if not named and len(releases) != 1:
        return _territories(request, releases)
    release = counter.release(named) if named else releases[0]
    if release is None:
        return _apology(request, "gone", 404)
    filled = Filled({name: request.query_params.getlist(name) for name in ("service", "q", "lang")})
    return FormPage(release, _texts(request, release, filled), filled).response(has_others=len(releases) > 1)


def _territories(request: Request, releases: list[Release]) -> Response:
    spoken = known(tuple(dict.fromkeys(one for release in releases for one in release.territory.languages)))
    texts = texts_in(_language(request, spoken))
    return render.page("territories.html", t=texts, languages=spoken, releases=releases)


def _texts(request: Request, release: Release, filled: Filled) -> Texts:
    return texts_in(_language(request, known(release.territory.languages), filled.one("lang")))


async def _handed_in(counter: Counter, request: Request) -> Response:
    filled = Filled.of(await body_within(request, counter.body_bytes_max, counter.body_seconds_max))
    release = counter.release(filled.one("territory"))
    if release is None:
        return _apology(request, "gone", 404)
    form = FormPage(release, _texts(request, release, filled), filled)
    others = len(counter.releases()) > 1
    if (step := form.step()) is not None:
        return step.response(has_others=others)
    wanted = request_in(filled, release, form.texts.language)
    if needs_questions(filled, release):
        return form.response(problems=_but_answers(wanted), has_others=others, asks_more=True)
    if isinstance(wanted, list):
        return form.response(problems=wanted, has_others=others, status=422)
    try:
        counter.callers.count_anonymous(request)
        number = number_of(None, filled.one("key"), has_key=False)
        if isinstance(number, Refusal):
            raise rejected(number)
        receipt = await counter.acceptance.accept(Submission(wanted, "counter", COUNTER_SOURCE, number))
    except Rejected as refused:
        seconds = refused.retry_after_seconds if isinstance(refused, RateLimited) else None
        return form.again(problem_of(refused), status_of(refused), seconds, has_others=others)
    except Unavailable as away:
        seconds = away.retry_after_seconds or RETRY_AFTER_SECONDS
        return form.again(Problem("", "error-busy"), status_of(away), seconds, has_others=others)
    where = f"/r/{receipt.token}?lang={form.texts.language}"
    return RedirectResponse(where, 303, render.PRIVATE)


def _but_answers(wanted: object) -> list[Problem]:
    """Questions that nobody has seen yet are no mistakes."""
    problems = wanted if isinstance(wanted, list) else []
    return [problem for problem in problems if problem.key != "error-required"]


async def _request(counter: Counter, request: Request) -> Response:
    status = await counter.statuses.by_token(request.path_params["token"])
    if status is None:
        return _apology(request, "lost", 404)
    own = await counter.statuses.own(status)
    shown = _standing(counter, request, status, own)
    mine = handed_in(status, own, counter.release(status.territory), shown["t"])
    return render.page("request.html", **shown, token=request.path_params["token"], mine=mine)


def _standing(counter: Counter, request: Request, status: Status, own: Own) -> dict[str, Any]:
    """The page's values; in the request's own language unless another is asked for."""
    release = counter.release(status.territory)
    spoken = known(release.territory.languages) if release else tuple(SPOKEN)
    texts = texts_in(_language(request, spoken, request.query_params.get("lang") or status.language))
    return {
        "t": texts,
        "languages": spoken,
        "view": view_of(status, release, texts, own),
        "territory": status.territory,
    }


async def _events(counter: Counter, request: Request) -> Response:
    token = request.path_params["token"]
    if counter.live.is_full:
        raise Unavailable("too many follow their requests just now", slug="queue-full")
    if await counter.statuses.by_token(token) is None:
        return _apology(request, "lost", 404)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        async for status in counter.live.follow(token):
            own = await counter.statuses.own(status)
            text = render.fragment("standing.html", **_standing(counter, request, status, own))
            yield ServerSentEvent(text, event="standing", retry=STREAM_RETRY_MS)
        yield ServerSentEvent("", event="end")

    return EventSourceResponse(stream(), headers=dict(render.PRIVATE))


async def _map(counter: Counter, request: Request) -> Response:
    release = counter.release(request.path_params["territory"])
    query = request.query_params
    language = _language(request, known(release.territory.languages)) if release else ""
    drawing = map_of(release, language) if release else None
    if release is None or drawing is None:
        return _apology(request, "gone", 404)
    lat, lon = coordinate(query.get("lat", "")), coordinate(query.get("lon", ""))
    marker = drawing.pixel(lat, lon) if lat is not None and lon is not None else None
    window = drawing.window(query.get("window", ""))
    return render.image("map.svg", map=drawing, window=window, marker=marker, language=language)
