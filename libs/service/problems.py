"""What does the outside see of an error? A problem document (RFC 9457) with a stable slug, never a driver's text."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from libs.delivery.errors import Rejected, ServiceError, Unavailable

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:guichet:problem:"
RETRY_AFTER_SECONDS = 5  # when an error does not say

# Slugs with a status of their own; any other `Rejected` is 422, any other `Unavailable` 503, anything else 500.
STATUS: Mapping[str, int] = {
    "body-too-large": 413,
    "event-too-large": 413,
    "invalid-json": 400,
    "key-required": 401,
    "key-unknown": 401,
    "scope-missing": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "idempotency-key-reused": 422,
    "rate-limited": 429,
    "log-altered": 500,  # no fault of who asks, and asking again does not help
}

# Starlette's own answers, in our form.
SLUG_OF_STATUS: Mapping[int, str] = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "media-type-unknown",
}


def status_of(error: Exception) -> int:
    """The one mapping from errors to HTTP."""
    if isinstance(error, ServiceError) and error.slug in STATUS:
        return STATUS[error.slug]
    if isinstance(error, Rejected):
        return 422
    return 503 if isinstance(error, Unavailable) else 500


def problem(error: Exception, *, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """The answer for an error; `members` are added to the document. A bug shows nothing of itself."""
    status = status_of(error)
    slug = error.slug if isinstance(error, ServiceError) else "internal-error"
    detail = error.message if isinstance(error, ServiceError) else "something went wrong here; it has been logged"
    if isinstance(error, Rejected) and error.field is not None:
        members = {"field": error.field, **members}
    extra = dict(headers or {})
    if status in (429, 503):
        seconds = error.retry_after_seconds if isinstance(error, Unavailable) else None
        seconds = members.pop("retry_after_seconds", seconds)
        extra.setdefault("Retry-After", str(max(1, math.ceil(RETRY_AFTER_SECONDS if seconds is None else seconds))))
    if status == 401:
        extra.setdefault("WWW-Authenticate", "Bearer")
    return problem_response(status, slug, detail, headers=extra, **members)


def problem_response(
    status: int, slug: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> Response:
    document = {
        "type": TYPE_PREFIX + slug,
        "title": slug.replace("-", " "),
        "status": status,
        "detail": detail,
        **members,
    }
    return JSONResponse(document, status, dict(headers or {}), MEDIA_TYPE)


def answer_with_problems(app: Starlette) -> None:
    """Make a FastAPI or Starlette application answer every error with a problem document."""

    async def on_service_error(_request: Request, error: Exception) -> Response:
        return problem(error)

    async def on_http_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        slug = SLUG_OF_STATUS.get(error.status_code, HTTPStatus(error.status_code).phrase.lower().replace(" ", "-"))
        return problem_response(error.status_code, slug, str(error.detail), headers=error.headers)

    async def on_bug(request: Request, error: Exception) -> Response:
        log.error("bug_behind_http", method=request.method, route=_route(request), exc_info=error)
        return problem(error)

    app.add_exception_handler(ServiceError, on_service_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_bug)


def _route(request: Request) -> str:
    """The route's pattern, not the path: that may hold a citizen's token."""
    return str(getattr(request.scope.get("route"), "path", "unknown"))
