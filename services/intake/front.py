"""What meets every call before its route does? HEAD, the browser's question whether a page elsewhere may call, and the
busiest path."""

import asyncio
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
PREFLIGHT_SECONDS = 3_600  # how long a browser need not ask again; most of them keep it for two hours at the longest
METHODS = ("GET", "HEAD", "POST")
EVENT_HEADERS = tuple(f"ce-{name}" for name in ("specversion", "id", "source", "type", "time", "subject"))
HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "traceparent", *EVENT_HEADERS)
EXPOSED = ("Location", "Retry-After")


def callable_from(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Lets pages of these origins call the interface (not the pages) from a browser: with a key, never with cookies."""
    if not origins:
        return app
    allowing = CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=HEADERS,
        expose_headers=EXPOSED,
        max_age=PREFLIGHT_SECONDS,
    )

    async def by_path(scope: Scope, receive: Receive, send: Send) -> None:
        is_api = scope["type"] == "http" and scope["path"].startswith(API)
        await (allowing if is_api else app)(scope, receive, send)

    return by_path


def answering_head(app: Starlette) -> ASGIApp:
    """Answers HEAD as GET would be, without the body, and names every method where one is not allowed."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await _answer_head(app, scope, receive, send)
        else:
            await app(scope, receive, _naming_methods(app, scope, send))

    return answer


async def _answer_head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    is_stream = False

    async def headers_only(message: Message) -> None:
        nonlocal is_stream
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            is_stream = all(name.lower() != b"content-length" for name, _ in message["headers"])
            if is_stream:
                answering.cancel()  # it may go on for an hour, and nobody listens
        else:
            await asyncio.sleep(0)  # a stream that is always ready would never meet its end

    answering = asyncio.ensure_future(app({**scope, "method": "GET"}, receive, headers_only))
    try:
        await answering
    except asyncio.CancelledError:
        if not is_stream:
            raise


def _naming_methods(app: Starlette, scope: Scope, send: Send) -> Send:
    """Where a method is not allowed, all that are stand in `Allow`, of whichever route."""

    async def pass_on(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 405:
            kept = [pair for pair in message["headers"] if pair[0].lower() != b"allow"]
            message["headers"] = [*kept, (b"allow", ", ".join(_methods(app, scope)).encode())]
        await send(message)

    return pass_on


def _methods(app: Starlette, scope: Scope) -> list[str]:
    """Tried one by one: FastAPI hides what a router brought along, and only its own matching sees it."""
    tried = {method: {**scope, "method": method} for method in METHODS if method != "HEAD"}
    found = {name for name, one in tried.items() if any(r.matches(one)[0] is Match.FULL for r in app.routes)}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))
