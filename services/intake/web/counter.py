"""What do the counter's pages need, in which language do they answer, and what do they say when something is wrong?"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from libs.delivery.errors import ServiceError, Unavailable
from libs.directory.release import Release
from libs.service.problems import RETRY_AFTER_SECONDS, status_of
from services.intake.accept import Acceptance
from services.intake.callers import Callers
from services.intake.owner import Directory
from services.intake.status import Statuses
from services.intake.web import render
from services.intake.web.live import Live
from services.intake.web.recent import Recent
from services.intake.web.texts import SPOKEN, Texts, known, language_for, texts_in

MACHINES = "/api/"  # under these addresses nobody reads pages
READ_BY_PEOPLE = "text/html"  # browsers name it first; programs do not
# What the outside calls an error, and which page says so; whatever is not listed is “this could not be read”.
APOLOGIES: Mapping[str, str] = {
    "body-too-large": "large",
    "body-too-slow": "slow",
    "body-incomplete": "slow",
    "rate-limited": "often",
    "not-found": "gone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What the pages need."""

    acceptance: Acceptance
    statuses: Statuses
    directory: Directory
    callers: Callers
    live: Live
    recent: Recent
    clock: Callable[[], datetime]
    public_url: str
    body_seconds_max: float

    def page_address(self, token: str) -> str:
        """Where the public finds the page of a request."""
        return f"{self.public_url}/r/{token}"

    def release(self, territory: str) -> Release | None:
        """The release of a territory that is in force."""
        return next((one for one in self.releases() if one.territory.code == territory), None)

    def latest(self, territory: str) -> Release | None:
        """The same where a territory takes no more requests: the pages of those that it has go on."""
        return self.directory.latest(territory, self.clock())

    def releases(self) -> list[Release]:
        """All that are in force. Raises `Unavailable` before the directory was read."""
        return self.directory.releases(self.clock())


Answer = Callable[[Counter, Request], Awaitable[Response]]


def shown(counter: Counter, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """People get a page when something is wrong, never a problem document."""

    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        try:
            return await answer(counter, request)
        except ServiceError as error:
            kind = "busy" if isinstance(error, Unavailable) else APOLOGIES.get(error.slug, "refused")
            return apology(request, kind, status_of(error))

    return endpoint


def apology(request: Request, kind: str, status: int) -> Response:
    """A page that says what is wrong and what to do, in the visitor's language, with the other languages beside it."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status in (429, 503) else {}
    texts = texts_in(asked_language(request, tuple(SPOKEN)))
    return render.page("apology.html", status, headers, t=texts, languages=tuple(SPOKEN), kind=kind)


def asked_language(request: Request, spoken: tuple[str, ...], asked: str = "") -> str:
    """The language that the form, the address or the browser names."""
    wanted = asked or request.query_params.get("lang")
    return language_for(wanted, request.headers.get("accept-language", ""), spoken)


def texts_for(request: Request, release: Release, asked: str = "") -> Texts:
    """The words in a language that the territory speaks."""
    return texts_in(asked_language(request, known(release.territory.languages), asked))


def answer_people_with_pages(app: Starlette) -> None:
    """At an address that answers nothing a browser gets a page; programs get the problem document as before."""
    with_problem = app.exception_handlers[HTTPException]

    async def on_http_error(request: Request, error: Exception) -> Response:
        answer: Response = page_instead(request, error) or await with_problem(request, error)
        return answer

    app.add_exception_handler(HTTPException, on_http_error)


def page_instead(request: Request, error: Exception) -> Response | None:
    """A page for a person's browser at an address that answers nothing, or at a bug; None for programs."""
    if request.url.path.startswith(MACHINES) or READ_BY_PEOPLE not in request.headers.get("accept", ""):
        return None
    status = error.status_code if isinstance(error, HTTPException) else status_of(error)
    return apology(request, "broken" if status >= 500 else "gone", status)
