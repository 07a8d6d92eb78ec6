"""Which path is answered by whom? The process's own few first, everything else by the service's web application."""

from collections.abc import Awaitable, Callable

from faststream.asgi import AsgiFastStream
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.service.health import Health
from libs.service.problems import problem_response
from libs.service.process import Process

Answer = Callable[[Request], Awaitable[Response]]


class ServiceApp(AsgiFastStream):
    """A FastStream ASGI application: its own routes are exact paths and come first, the rest is passed on."""

    def __init__(self, process: Process) -> None:
        self._web: ASGIApp = process.service.web or _nothing_here
        health = Health(process)
        routes = [(path, request_response(answer)) for path, answer in _own_paths(health).items()]
        super().__init__(process.broker, asgi_routes=routes, logger=None)
        self.on_startup(_starting(process))
        self.after_shutdown(process.stop)

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
