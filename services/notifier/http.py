"""How does somebody ask what was told about a request? Translation only; no personal data in the answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.delivery.errors import Rejected
from libs.service.postgres import Database
from libs.service.problems import answer_with_problems
from services.notifier import store
from services.notifier.doubt.http import doubt_routes

NOTICES_MAX = 1000  # of one request: some dozens, unless departments keep refusing it


def web(database: Database, wake: Callable[[], None]) -> Starlette:
    """Everything the notifier answers beside health, metrics and status. `wake`: something may be due."""

    async def notices(request: Request) -> Response:
        request_id = _request_id(request.path_params["request_id"])
        async with database.connection() as conn:
            found = await store.notices_of(conn, request_id, NOTICES_MAX)
        return _json({"request_id": request_id, "notices": found})

    of_request = Route("/api/v1/requests/{request_id}/notices", notices)
    app = Starlette(routes=[of_request, *doubt_routes(database, wake)])
    answer_with_problems(app)
    return app


def _request_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Rejected("this is no request id; it is a UUID", slug="not-found", field="request_id") from error


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value, default=str), media_type="application/json")
