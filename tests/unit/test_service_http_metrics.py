"""Are HTTP requests counted by route, status and time, with no more series than there are routes?"""

from collections.abc import AsyncIterator

import httpx2
import pytest
from pydantic_settings import SettingsConfigDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from libs.service.asgi import ServiceApp
from libs.service.kit import Kit, Service
from libs.service.process import Process
from libs.service.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="AUDIT_", extra="forbid")


async def page(request: Request) -> Response:
    return PlainTextResponse("page", 404 if request.path_params["token"] == "wrong" else 200)


async def live(_request: Request) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    return StreamingResponse(lines())


def build(_settings: Settings, _kit: Kit) -> Service:
    routes = [Route("/r/{token}", page), Route("/live", live), Mount("/files", Starlette())]
    return Service(name="audit", web=Starlette(routes=routes))


async def asked(*requests: tuple[str, str]) -> list[str]:
    """The lines about HTTP after these requests."""
    process = Process(Settings(), build, lambda: None)
    transport = httpx2.ASGITransport(app=ServiceApp(process))
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
        for method, path in requests:
            await client.request(method, path)
    return [line for line in process.metrics.text().decode().splitlines() if "http_request_seconds" in line]


async def test_a_request_is_counted_by_its_routes_template_and_never_by_its_path() -> None:
    said = await asked(("GET", "/r/a-citizens-secret"), ("GET", "/r/another"), ("GET", "/r/wrong"), ("GET", "/live"))
    counts = {line for line in said if line.startswith("audit_http_request_seconds_count")}
    assert counts == {
        'audit_http_request_seconds_count{method="GET",route="/r/{token}",status="200"} 2.0',
        'audit_http_request_seconds_count{method="GET",route="/r/{token}",status="404"} 1.0',
        'audit_http_request_seconds_count{method="GET",route="/live",status="200"} 1.0',
    }
    assert "secret" not in "".join(said)


@pytest.mark.parametrize("path", ["/nothing-here", "/invented/1", "/files/x"])
async def test_what_people_invent_makes_no_series_of_its_own(path: str) -> None:
    said = await asked(("GET", path), ("BREW", path + "2"))
    labels = {line.partition("{")[2].partition("}")[0] for line in said if "_count{" in line}
    assert labels
    assert all(path not in label and "BREW" not in label for label in labels)


async def test_the_processs_own_paths_are_counted_by_name() -> None:
    said = await asked(("GET", "/health/live"))
    assert 'audit_http_request_seconds_count{method="GET",route="/health/live",status="200"} 1.0' in said
