"""Which page answers which address of the counter?

`/` is the form (without a script it grows step by step), `/subjects` what words may mean, `/r/<token>` the page of one
request, `/r/<token>/events` its changes as they happen, `/map/<territory>.svg` the map, `/static/…` style and scripts.
"""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from libs.delivery.errors import Rejected, Unavailable
from libs.directory.public import Public
from libs.directory.release import Release
from libs.events.identity import COUNTER_SOURCE
from libs.events.models import RequestSubmitted
from libs.service.problems import RETRY_AFTER_SECONDS, status_of
from services.intake.accept import Acceptance
from services.intake.bodies import body_within
from services.intake.callers import Callers, RateLimited
from services.intake.owner import Directory
from services.intake.rules import Refusal, number_of
from services.intake.settings import Settings
from services.intake.status import Own, Status, Statuses
from services.intake.submission import Receipt, Submission, rejected
from services.intake.web import render
from services.intake.web.counter import Counter, apology, asked_language, shown, texts_for
from services.intake.web.doubts import AS_IT_IS, doubt_about, settled
from services.intake.web.filled import Filled, Problem
from services.intake.web.form import coordinate, needs_questions, problem_of, request_in
from services.intake.web.form_page import FormPage
from services.intake.web.live import Live
from services.intake.web.map import map_of
from services.intake.web.qr import qr_svg
from services.intake.web.recent import Recent, Sent, is_ones_own
from services.intake.web.standing import handed_in, view_of
from services.intake.web.subjects import subjects_described, subjects_searched
from services.intake.web.texts import SPOKEN, known, texts_in

STREAM_RETRY_MS = 3_000  # how long a browser waits before it connects again
# A longer form than a request may be comes back with everything that was typed; past this it is no form any more.
FORM_BYTES_MAX = 1_048_576
SECOND = "second"  # the button that hands in the same once more, on purpose
# Pages with a secret in their address, and those of people at work, are nothing for a search engine.
ROBOTS = "User-agent: *\nDisallow: /r/\nDisallow: /d/\nDisallow: /triage\nDisallow: /api/\n"


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
        recent=Recent(),
        clock=clock,
        public_url=settings.shared.public_url.rstrip("/"),
        body_seconds_max=settings.body_seconds_max,
    )
    return [
        Route("/", shown(counter, _form), methods=["GET"]),
        Route("/", shown(counter, _handed_in), methods=["POST"]),
        Route("/subjects", shown(counter, subjects_searched), methods=["GET"]),
        Route("/subjects", shown(counter, subjects_described), methods=["POST"]),
        Route("/r/{token}", shown(counter, _request), methods=["GET"]),
        Route("/r/{token}/code.svg", shown(counter, _code), methods=["GET"]),
        Route("/r/{token}/events", shown(counter, _events), methods=["GET"]),
        Route("/map/{territory}.svg", shown(counter, _map), methods=["GET"]),
        Route("/robots.txt", _robots, methods=["GET"]),
        *render.static_routes(),
    ]


async def _robots(_request: Request) -> Response:
    return PlainTextResponse(ROBOTS, headers=render.HEADERS)


async def _form(counter: Counter, request: Request) -> Response:
    releases = counter.releases()
    named = request.query_params.get("territory", "")
    if not named and len(releases) != 1:
        return _territories(request, releases)
    release = counter.release(named) if named else releases[0]
    if release is None:
        return apology(request, "gone", 404)
    filled = Filled({name: request.query_params.getlist(name) for name in ("service", "q", "lang")})
    return _page_for(counter, request, release, filled).response()


def _territories(request: Request, releases: list[Release]) -> Response:
    spoken = known(tuple(dict.fromkeys(one for release in releases for one in release.territory.languages)))
    texts = texts_in(asked_language(request, spoken))
    return render.page("territories.html", t=texts, languages=spoken, releases=releases)


def _page_for(counter: Counter, request: Request, release: Release, filled: Filled) -> FormPage:
    texts = texts_for(request, release, filled.one("step").partition("language:")[2] or filled.one("lang"))
    return FormPage(release, texts, filled, counter.clock(), len(counter.releases()) > 1)


async def _handed_in(counter: Counter, request: Request) -> Response:
    filled = settled(Filled.of(await body_within(request, FORM_BYTES_MAX, counter.body_seconds_max)))
    release = counter.release(filled.one("territory"))
    if release is None:
        return apology(request, "gone", 404)
    form = _page_for(counter, request, release, filled)
    if (step := form.step()) is not None:
        return step.response()
    wanted = request_in(filled, release, form.texts.language, counter.clock())
    if needs_questions(filled, release):
        return form.response(problems=_but_answers(wanted), asks_more=True)
    if isinstance(wanted, list):
        return form.response(problems=wanted, status=422)
    if not filled.has("step", AS_IT_IS):
        doubt = doubt_about(wanted.place, release, counter.clock(), form.texts)
        if doubt is not None:
            return form.response(doubt=doubt, status=422)
    return await _accepted(counter, request, form, wanted)


async def _accepted(counter: Counter, request: Request, form: FormPage, wanted: RequestSubmitted) -> Response:
    key, now = form.filled.one("key"), counter.clock()
    mark = counter.recent.mark_of(counter.callers.address(request), wanted)
    before = counter.recent.before(mark, key, now)
    if before is not None and not form.filled.has("step", SECOND):
        return form.response(before=before, status=409)
    try:
        receipt = await _accept(counter, request, wanted, key)
    except Rejected as refused:
        seconds = refused.retry_after_seconds if isinstance(refused, RateLimited) else None
        return form.again(problem_of(refused), status_of(refused), seconds)
    except Unavailable as away:
        seconds = away.retry_after_seconds or RETRY_AFTER_SECONDS
        return form.again(Problem("", "error-busy"), status_of(away), seconds)
    if is_ones_own(wanted):
        counter.recent.keep(mark, Sent(key, receipt.reference, receipt.token, now))
    return RedirectResponse(f"/r/{receipt.token}?lang={form.texts.language}", 303, render.PRIVATE)


async def _accept(counter: Counter, request: Request, wanted: RequestSubmitted, key: str) -> Receipt:
    counter.callers.count_anonymous(request)
    number = number_of(None, key, has_key=False)
    if isinstance(number, Refusal):
        raise rejected(number)
    return await counter.acceptance.accept(Submission(wanted, "counter", COUNTER_SOURCE, number))


def _but_answers(wanted: object) -> list[Problem]:
    """Questions that nobody has seen yet are no mistakes."""
    problems = wanted if isinstance(wanted, list) else []
    return [problem for problem in problems if problem.key != "error-required"]


async def _request(counter: Counter, request: Request) -> Response:
    status = await counter.statuses.by_token(request.path_params["token"])
    if status is None:
        return apology(request, "lost", 404)
    own = await counter.statuses.own(status)
    values = _standing(counter, request, status, own)
    mine = handed_in(status, own, counter.latest(status.territory), values["t"])
    return render.page("request.html", **values, mine=mine)


def _standing(counter: Counter, request: Request, status: Status, own: Own) -> dict[str, Any]:
    """The page's values; in the request's own language unless another is asked for."""
    release = counter.latest(status.territory)
    spoken = known(release.territory.languages) if release else tuple(SPOKEN)
    texts = texts_in(asked_language(request, spoken, request.query_params.get("lang") or status.language))
    return {
        "t": texts,
        "languages": spoken,
        "view": view_of(status, release, texts, own),
        "territory": status.territory,
        "public": Public.of(release) if release else None,
        "token": request.path_params["token"],
        "address": counter.page_address(request.path_params["token"]),
    }


async def _code(counter: Counter, request: Request) -> Response:
    """The address of the page as a QR code, for paper. As secret as the page."""
    token = request.path_params["token"]
    if await counter.statuses.by_token(token) is None:
        return apology(request, "lost", 404)
    return Response(qr_svg(counter.page_address(token)), media_type="image/svg+xml", headers=render.PRIVATE)


async def _events(counter: Counter, request: Request) -> Response:
    token = request.path_params["token"]
    if counter.live.is_full:
        raise Unavailable("too many follow their requests just now", slug="queue-full")
    if await counter.statuses.by_token(token) is None:
        return apology(request, "lost", 404)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        async for status in counter.live.follow(token):
            own = await counter.statuses.own(status)
            text = render.fragment("standing.html", **_standing(counter, request, status, own))
            yield ServerSentEvent(text, event="standing", retry=STREAM_RETRY_MS)
        yield ServerSentEvent("", event="end")

    return EventSourceResponse(stream(), headers=dict(render.PRIVATE))


async def _map(counter: Counter, request: Request) -> Response:
    release = counter.latest(request.path_params["territory"])
    query = request.query_params
    language = asked_language(request, known(release.territory.languages)) if release else ""
    drawing = map_of(release, language) if release else None
    if release is None or drawing is None:
        return apology(request, "gone", 404)
    lat, lon = coordinate(query.get("lat", "")), coordinate(query.get("lon", ""))
    marker = drawing.pixel(lat, lon) if lat is not None and lon is not None else None
    window = drawing.window(query.get("window", ""))
    return render.image("map.svg", map=drawing, window=window, marker=marker, language=language)
