"""How are subjects suggested while somebody types, with a script? Without one the form does the same in a step."""

import hashlib

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from libs.delivery.errors import Rejected
from libs.directory.features import TEXT_CHARACTERS_MAX
from libs.directory.public import Public
from libs.directory.release import Release
from services.intake.bodies import body_within
from services.intake.web import render
from services.intake.web.choices import suggested, suggested_for
from services.intake.web.counter import Counter, texts_for
from services.intake.web.danger import alarm_for
from services.intake.web.texts import Texts

SEARCH_CHARACTERS_MAX = 100  # as much as the field takes
SEARCH_SECONDS = 60  # how long a browser may keep an answer: a release may change, words typed again seldom do
TEXT_BYTES_MAX = TEXT_CHARACTERS_MAX * 4  # in UTF-8; what stands further on is not read anyway


async def subjects_searched(counter: Counter, request: Request) -> Response:
    """What the words of the search field may mean. Nothing personal stands in them, so a browser may keep it."""
    counter.callers.count_look(request)
    release, texts = _asked(counter, request)
    typed = request.query_params.get("q", "")[:SEARCH_CHARACTERS_MAX]
    chosen = request.query_params.get("chosen", "")
    found = suggested(release, texts.language, typed, chosen, Public.of(release).often_asked)
    fragment = render.fragment("suggested.html", t=texts, suggested=found, chosen=chosen, alarm="")
    etag = f'"{hashlib.sha256(fragment.encode()).hexdigest()[:16]}"'
    headers = {**render.HEADERS, "Cache-Control": f"private, max-age={SEARCH_SECONDS}", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(fragment, headers=headers)


async def subjects_described(counter: Counter, request: Request) -> Response:
    """What a description may be about. It comes as a body: addresses are written down on their way. Nobody keeps it."""
    counter.callers.count_look(request)
    release, texts = _asked(counter, request)
    body = await body_within(request, TEXT_BYTES_MAX, counter.body_seconds_max)
    description, chosen = body.decode("utf-8", "replace"), request.query_params.get("chosen", "")
    found = suggested_for(release, texts.language, description, chosen)
    alarm = alarm_for(release, description, chosen, texts.language)
    fragment = render.fragment("suggested.html", t=texts, suggested=found, chosen=chosen, alarm=alarm)
    return HTMLResponse(fragment, headers=render.PRIVATE)


def _asked(counter: Counter, request: Request) -> tuple[Release, Texts]:
    release = counter.release(request.query_params.get("territory", ""))
    if release is None:
        raise Rejected("no such territory is served here", slug="not-found")
    return release, texts_for(request, release)
