"""How does a person get in at the desk: the page that asks for a key, and what leads to it?"""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.delivery.errors import ServiceError
from libs.service.problems import status_of
from services.intake.callers import RateLimited
from services.intake.web import render
from services.intake.web.filled import Filled
from services.intake.web.staff.session import PATH
from services.intake.web.staff.visits import Entrance, comes_from_elsewhere, is_from_here
from services.intake.web.staff.words import staff_texts
from services.intake.web.texts import SPOKEN, Texts, language_for


def at_the_door(request: Request) -> Response:
    """A link in a mail is followed without the cookie, because it comes from another site: look once more from here."""
    texts = words_for(request)
    if comes_from_elsewhere(request) and request.method == "GET":
        return render.page("again.html", t=texts, languages=(), address=_address_of(request))
    return _login(request, texts, "login-over" if request.method == "POST" else "", status=401)


def _login(request: Request, texts: Texts, problem: str, status: int, wanted: str | None = None) -> Response:
    wanted = _address_of(request) if wanted is None else wanted
    return render.page("login.html", status, t=texts, languages=tuple(SPOKEN), problem=problem, wanted=wanted)


def door(entrance: Entrance, read: Callable[[Request], Awaitable[Filled]]) -> Callable[[Request], Awaitable[Response]]:
    """The page that asks for a key, and takes it."""

    async def endpoint(request: Request) -> Response:
        texts = words_for(request)
        if request.method == "GET":
            return _login(request, texts, "login-left" if "left" in request.query_params else "", 200, PATH)
        try:
            filled = await read(request)
            visitor = entrance.let_in(request, filled.one("key")) if is_from_here(request) else None
        except RateLimited:
            return _login(request, texts, "login-often", 429, PATH)
        except ServiceError as error:
            return _login(request, texts, "error-form", status_of(error), PATH)
        wanted = filled.one("wanted")
        wanted = wanted if wanted == PATH or wanted.startswith((f"{PATH}?", f"{PATH}/")) else PATH
        if visitor is None:
            return _login(request, texts, "login-wrong", 403, wanted)
        response = RedirectResponse(wanted, 303, render.PRIVATE)
        entrance.remember(response, visitor)
        return response

    return endpoint


def words_for(request: Request, spoken: Sequence[str] = tuple(SPOKEN)) -> Texts:
    """In the language of the address, else of the browser, among those spoken here."""
    asked = request.query_params.get("lang")
    return staff_texts(language_for(asked, request.headers.get("accept-language", ""), spoken))


def _address_of(request: Request) -> str:
    """Where the person wanted to go; a form that was sent leads back to its page."""
    path = request.url.path.removesuffix("/assign").removesuffix("/close").removesuffix("/logout")
    query = urlencode(request.query_params.multi_items())
    return f"{path}?{query}" if query else path
