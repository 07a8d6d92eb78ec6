"""Which path is answered by whom? The process's own few first, everything else by the service's web application."""

import time
from collections.abc import Awaitable, Callable

from faststream.asgi import AsgiFastStream
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import request_response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.service.health import Health
from libs.service.problems import problem_response
from libs.service.process import Process

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
OTHER = "other"
NO_ROUTE = "none"  # there is nothing at this path

Answer = Callable[[Request], Awaitable[Response]]


class ServiceApp(AsgiFastStream):
    """A FastStream ASGI application: its own routes are exact paths and come first, the rest is passed on."""

    def __init__(self, process: Process) -> None:
        self._web: ASGIApp = process.service.web or _nothing_here
        health = Health(process)
        self._own = _own_paths(health)
        self._metrics = process.metrics
        routes = [(path, request_response(answer)) for path, answer in self._own.items()]
        super().__init__(process.broker, asgi_routes=routes, logger=None)
        self.on_startup(_starting(process))
        self.after_shutdown(process.stop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":  # a page that is followed live has no end
                self._count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await super().__call__(scope, receive, counted)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        """By the route's template: a path may hold a citizen's token, and there are as many as people invent."""
        route = scope["path"] if scope["path"] in self._own else getattr(scope.get("route"), "path", NO_ROUTE)
        method = scope["method"] if scope["method"] in METHODS else OTHER
        self._metrics.observe("http_request_seconds", seconds, method=method, route=route, status=str(status))

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._web(scope, receive, send)


def _starting(process: Process) -> Callable[[], Awaitable[None]]:
    async def start() -> None:
        process.start()

    return start


def _own_paths(health: Health) -> dict[str, Answer]:
    async def live(_request: Request) -> Response:
        troubles = health.troubles()
        return JSONResponse({"live": not troubles, "troubles": troubles}, 503 if troubles else 200)

    async def ready(_request: Request) -> Response:
        checks = await health.checks()
        is_ready = all(checks.values())
        return JSONResponse({"ready": is_ready, "checks": checks}, 200 if is_ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(await health.scrape(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def status(_request: Request) -> Response:
        return JSONResponse(await health.status())

    return {"/health/live": live, "/health/ready": ready, "/metrics": metrics, "/status": status}


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    await problem_response(404, "not-found", "there is nothing at this path")(scope, receive, send)
