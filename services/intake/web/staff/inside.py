"""Who gets a page of the desk, and what do all of them share?"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from libs.delivery.errors import ServiceError
from libs.service.problems import RETRY_AFTER_SECONDS, status_of
from services.intake.bodies import body_within
from services.intake.progress import Progress
from services.intake.triage.assign import Assigning
from services.intake.triage.queue import Queue
from services.intake.triage.work.desk_work import DeskWork
from services.intake.web import render
from services.intake.web.filled import Filled
from services.intake.web.staff.door import at_the_door, words_for
from services.intake.web.staff.queue_page import Asked
from services.intake.web.staff.visits import Entrance, Visitor
from services.intake.web.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What the pages need."""

    queue: Queue
    assigning: Assigning
    progress: Progress
    work: DeskWork
    entrance: Entrance
    clock: Callable[[], datetime]
    body_bytes_max: int
    body_seconds_max: float

    async def filled(self, request: Request) -> Filled:
        """The form that was sent."""
        return Filled.of(await body_within(request, self.body_bytes_max, self.body_seconds_max))


Answer = Callable[[Console, Request, Visitor], Awaitable[Response]]


def inside(console: Console, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Who is not logged in gets the door; who is, the page, and stays logged in."""

    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        visitor = console.entrance.visitor(request)
        if visitor is None:
            return at_the_door(request)
        try:
            response = await answer(console, request, visitor)
        except ServiceError as error:
            response = _apology(request, visitor, error)
        if "set-cookie" not in response.headers:
            console.entrance.remember(response, visitor)
        return response

    return endpoint


def shared(visitor: Visitor, texts: Texts, spoken: Sequence[str], asked: Asked) -> dict[str, Any]:
    return {"t": texts, "languages": spoken, "asked": asked, "name": visitor.key.name, "form": visitor.form_token}


def _apology(request: Request, visitor: Visitor, error: ServiceError) -> Response:
    status = status_of(error)
    kind = "busy" if status == 503 else "gone" if status == 404 else "refused"
    texts = words_for(request)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
    values = shared(visitor, texts, (), Asked(lang=texts.language))
    message = error.message if kind == "refused" else ""
    return render.page("sorry.html", status, headers, **values, kind=kind, message=message)
