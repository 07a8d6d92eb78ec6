"""How does a person at a desk complete a place, take a request in hand, and leave a word for colleagues?"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.events.place import PlaceGiven
from services.intake.triage.work.notes import NOTE_CHARACTERS_MAX
from services.intake.web import render
from services.intake.web.filled import Filled, Problem
from services.intake.web.form import coordinate
from services.intake.web.staff.door import words_for
from services.intake.web.staff.inside import Console
from services.intake.web.staff.queue_page import Asked
from services.intake.web.staff.session import PATH
from services.intake.web.staff.visits import Visitor

LATITUDE_MAX, LONGITUDE_MAX = 90, 180


def place_in(filled: Filled) -> PlaceGiven | Problem | None:
    """The municipality or the point that was filled in; None for neither. A point says more, so it goes first."""
    code, given = filled.one("municipality_code"), [filled.one("lat"), filled.one("lon")]
    if not any(given):
        return PlaceGiven(municipality_code=code) if code else None
    lat, lon = (coordinate(text) for text in given)
    if lat is None or lon is None or abs(lat) > LATITUDE_MAX or abs(lon) > LONGITUDE_MAX:
        return Problem("lat", "error-coordinates")
    return PlaceGiven(lat=lat, lon=lon)


async def hand(console: Console, request: Request, visitor: Visitor) -> Response:
    """Take it in hand, or leave it."""
    filled = await console.filled(request)
    if console.entrance.is_own_form(request, visitor, filled.one("form")):
        is_mine = filled.one("hand") == "take"
        request_id, key = request.path_params["request_id"], visitor.key
        await console.work.take(request_id, key.name, key.territories, is_mine=is_mine)
    return _to_the_case(request)


async def note(console: Console, request: Request, visitor: Visitor) -> Response:
    """A word for colleagues; what is too long is cut, because nobody else is told it."""
    filled = await console.filled(request)
    text = filled.one("desk_note")[:NOTE_CHARACTERS_MAX]
    if text and console.entrance.is_own_form(request, visitor, filled.one("form")):
        await console.work.note(request.path_params["request_id"], visitor.key.name, visitor.key.territories, text)
    return _to_the_case(request)


def _to_the_case(request: Request) -> Response:
    asked = Asked.of(request.query_params, words_for(request).language)
    address = f"{PATH}/{request.path_params['request_id']}?{asked.address()}"
    return RedirectResponse(address, 303, render.PRIVATE)
