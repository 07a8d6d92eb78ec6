"""How does an operator ask about letters in doubt, and have them sent again? Translation only.

On the inside network, as all that the notifier answers. A page in somebody's browser cannot ask for a letter: what is
sent again must be asked for in JSON, which no form of another site can send.
"""

from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.delivery.errors import Rejected
from libs.events.fields import Code, Name
from libs.service.paging import place_in, text_of
from libs.service.postgres import Database
from services.notifier.doubt import store
from services.notifier.doubt.store import Chosen
from services.notifier.rules import Audience

log = structlog.get_logger(__name__)

PAGE_NOTICES = 500  # in one answer, and in one transaction
BODY_BYTES_MAX = 64 * 1024  # a page of ids takes a third of it


class Wanted(BaseModel):
    """Which letters to send again. One of `notice_ids`, `audience`, `department` and `all` must say so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    notice_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=PAGE_NOTICES)
    audience: Audience | None = None
    department: Code | None = None
    all: Literal[True] | None = None
    by: Name = "operator"

    @property
    def chosen(self) -> Chosen:
        """Raises `Rejected` when nothing says which."""
        if not (self.notice_ids or self.audience or self.department or self.all):
            message = "say which letters: notice_ids, audience, department, or all"
            raise Rejected(message, slug="nothing-chosen", field="notice_ids")
        return Chosen(notice_ids=self.notice_ids, audience=self.audience, department=self.department)


def doubt_routes(database: Database, wake: Callable[[], None]) -> list[Route]:
    """Reading what is in doubt, and sending it again by choice."""

    async def in_doubt(request: Request) -> Response:
        asked = request.query_params
        chosen = Chosen(audience=asked.get("audience"), department=asked.get("department"))
        async with database.connection() as conn:
            found = await store.page(conn, chosen, place_in(asked.get("after")), PAGE_NOTICES)
            total = await store.count(conn)
        last = (found[-1]["in_doubt_since"], found[-1]["notice_id"]) if len(found) == PAGE_NOTICES else None
        return _json({"in_doubt": total, "notices": found, "next": text_of(last)})

    async def send_again(request: Request) -> Response:
        wanted = await _wanted(request)
        async with database.transaction() as conn:
            sent = await store.send_again(conn, wanted.chosen, wanted.by, PAGE_NOTICES)
            left = await store.count(conn)
        if sent:
            log.warning("sent_again", notices=len(sent), by=wanted.by)
            wake()
        return _json({"sent_again": sent, "in_doubt": left})

    path = "/api/v1/notices/in-doubt"
    return [Route(path, in_doubt), Route(f"{path}/send-again", send_again, methods=["POST"])]


async def _wanted(request: Request) -> Wanted:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Rejected("send the choice as application/json", slug="invalid-json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise Rejected(f"the body has more than {BODY_BYTES_MAX} bytes; send fewer ids", slug="body-too-large")
    try:
        return Wanted.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Rejected(f"{field}: {first['msg']}", slug="invalid-field", field=field) from None


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value, default=str), media_type="application/json")
