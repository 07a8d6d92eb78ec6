"""What stands on the pages of the desk that show many requests: what waits, what was looked for, what I did today?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.delivery.errors import Rejected
from libs.directory.release import Release
from libs.events.identity import is_reference
from services.intake.triage.queue import PAGE_REQUESTS
from services.intake.triage.rules import Assignment
from services.intake.web import render
from services.intake.web.choices import groups_of
from services.intake.web.staff.case_page import departments_of
from services.intake.web.staff.door import words_for
from services.intake.web.staff.inside import Console, shared
from services.intake.web.staff.queue_page import AGES, Asked, done_rows, narrowings_of, reasons_of, rows_of, uuid_in
from services.intake.web.staff.session import PATH
from services.intake.web.staff.visits import Visitor
from services.intake.web.texts import Texts, known, pick

SEARCH_CHARACTERS_MAX = 100  # a reference with blanks between its characters


async def leave(console: Console, request: Request, visitor: Visitor) -> Response:
    """The person goes."""
    filled = await console.filled(request)
    if not console.entrance.is_own_form(request, visitor, filled.one("form")):
        return RedirectResponse(PATH, 303, render.PRIVATE)
    response = RedirectResponse(f"{PATH}/login?left=1&lang={words_for(request).language}", 303, render.PRIVATE)
    console.entrance.forget(response)
    return response


async def list_page(console: Console, request: Request, visitor: Visitor, missing: str = "") -> Response:
    """What waits. `missing` is what somebody looked for and nobody can see."""
    releases = console.queue.releases(visitor.key.territories)
    spoken = known(tuple(dict.fromkeys(one for release in releases.values() for one in release.territory.languages)))
    texts = words_for(request, spoken)
    asked = Asked.of(request.query_params, texts.language)
    page = await console.queue.page(asked.wanted(), visitor.key.territories)
    return render.page(
        "queue.html",
        404 if missing else 200,
        **shared(visitor, texts, spoken, asked),
        rows=rows_of(page, releases, asked, texts, console.clock()),
        total=page.total,
        following=str(page.next) if page.next else "",
        previous=str(page.previous) if page.previous else "",
        narrowings=narrowings_of(page, releases, texts),
        missing=missing,
        together=_together(releases, asked, texts, console.clock()),
        territories=[(code, pick(release.territory.names, texts.language)) for code, release in releases.items()],
        reasons=reasons_of(page.tallies, asked, texts),
        ages=AGES,
        done=done_line(request, releases, texts) or _given_line(request, texts),
    )


def _together(releases: Mapping[str, Release], asked: Asked, texts: Texts, now: datetime) -> dict[str, Any] | None:
    """What many equal requests can be given at once: of one territory only, whose departments they share."""
    release = releases.get(asked.territory) or (next(iter(releases.values())) if len(releases) == 1 else None)
    if release is None:
        return None
    departments = tuple(departments_of(release, texts.language, now))
    return {"departments": departments, "services": groups_of(release, texts.language)}


async def assign_together(console: Console, request: Request, visitor: Visitor) -> Response:
    """The ticked ones to one department; what cannot be given that way stays in the list, and is counted."""
    filled = await console.filled(request)
    asked = Asked.of(request.query_params, words_for(request).language)
    department, service = filled.one("department"), filled.one("service") or None
    ticked = [one for text in filled.several("id") if (one := uuid_in(text))][:PAGE_REQUESTS]
    is_ready = department and console.entrance.is_own_form(request, visitor, filled.one("form"))
    given = 0
    for request_id in ticked if is_ready else ():
        assignment = Assignment(department=department, service=service)
        try:
            await console.assigning.assign(request_id, assignment, visitor.key.name, visitor.key.territories)
            given += 1
        except Rejected:
            continue  # it has moved on meanwhile, or needs a subject: a person looks at it
    counted = {"given": str(given), "left": str(len(ticked) - given)}
    return RedirectResponse(f"{PATH}?{asked.address(**counted)}", 303, render.PRIVATE)


def _given_line(request: Request, texts: Texts) -> str:
    given, left = (request.query_params.get(name, "") for name in ("given", "left"))
    if not (given.isdecimal() and left.isdecimal()):
        return ""
    return texts("together-done", given=int(given), left=int(left))


def done_line(request: Request, releases: Mapping[str, Release], texts: Texts) -> str:
    """What was just done, from the address that the form led to; only what we can name is said."""
    query = request.query_params
    reference, release = query.get("done", ""), releases.get(query.get("of", ""))
    if not is_reference(reference):
        return ""
    department = release.departments.get(query.get("to", "")) if release else None
    if department is None:
        return texts("queue-closed", reference=reference)
    return texts("queue-assigned", reference=reference, department=pick(department.names, texts.language))


async def find(console: Console, request: Request, visitor: Visitor) -> Response:
    """The request whose reference somebody reads out, whoever has it now. Finding it opens nothing yet."""
    typed = request.query_params.get("q", "")[:SEARCH_CHARACTERS_MAX].strip()
    if not typed:
        return await list_page(console, request, visitor)
    found = await console.work.found(typed, visitor.key.territories)
    if found is None:
        return await list_page(console, request, visitor, typed)
    asked = Asked.of(request.query_params, words_for(request).language)
    return RedirectResponse(f"{PATH}/{found}?{asked.address()}", 303, render.PRIVATE)


async def mine(console: Console, request: Request, visitor: Visitor) -> Response:
    """What I assigned since midnight, by the clock of the first territory that I may see."""
    releases = console.queue.releases(visitor.key.territories)
    spoken = known(tuple(dict.fromkeys(one for release in releases.values() for one in release.territory.languages)))
    texts = words_for(request, spoken)
    asked = Asked.of(request.query_params, texts.language)
    since = _midnight(console.clock(), releases)
    done = await console.work.done_since(visitor.key.name, since, list(releases))
    rows = done_rows(done, releases, asked, texts)
    return render.page("mine.html", **shared(visitor, texts, spoken, asked), rows=rows)


def _midnight(now: datetime, releases: Mapping[str, Release]) -> datetime:
    zone = next((ZoneInfo(release.territory.time_zone) for release in releases.values()), now.tzinfo)
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
