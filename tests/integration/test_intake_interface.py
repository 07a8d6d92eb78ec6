"""Does the HTTP interface keep to its own document, and do browsers, proxies and senders find what they look for?"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

from services.intake.front import answering_head, callable_from
from tests.integration.test_intake_http import MACHINE, OPERATOR, READER, REQUESTS, Door, accepted, assert_problem, door

__all__ = ["door"]  # the fixture

PAGE = "https://town.example"


@pytest.fixture
async def document(door: Door) -> Any:
    return (await door.get("/api/v1/openapi.json")).json()


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def parts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from parts(inner)


async def test_a_generated_client_sends_its_key_and_reads_every_refusal(document: Any) -> None:
    for name, operation in operations(document):
        answers = operation["responses"]
        assert ("401" in answers) == bool(operation.get("security")), name
        assert {"500", "503"} <= set(answers), name
        for status, answer in answers.items():
            media = "application/json" if status.startswith("2") else "application/problem+json"
            assert list(answer["content"]) == [media], (name, status)
        if name.startswith("POST"):
            assert {"400", "408", "413", "422"} <= set(answers), name
            assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"], name
        if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])) or "{request_id}" in name:
            assert "422" in answers, name


async def test_what_may_be_left_out_is_not_required_and_numbers_are_doubles(document: Any) -> None:
    for schema in parts(document):
        assert schema.get("default", 0) is not None
        assert schema.get("type") != "number" or schema["format"] == "double"
    for model in ("RequestSubmitted", "PlaceGiven", "Contact", "Report", "Assignment"):
        fields = document["components"]["schemas"][model]["properties"].values()
        assert not [field for field in fields if "default" in field]


async def test_every_reference_of_the_document_leads_somewhere(document: Any) -> None:
    schemas = document["components"]["schemas"]
    names = {part["$ref"].rpartition("/")[2] for part in parts(document) if isinstance(part.get("$ref"), str)}
    assert names <= set(schemas)
    assert not [name for name in schemas if "ValidationError" in name]


async def test_a_senders_own_number_leads_to_its_request_and_to_no_other_s(door: Door) -> None:
    number = f"n° {uuid4().hex}"
    kept = await accepted(door, source_id=number)
    found = await door.get(REQUESTS, params={"source_id": number}, headers=MACHINE)
    assert (found.status_code, found.json()["request_id"], found.json()["source_id"]) == (
        200,
        kept["request_id"],
        number,
    )
    assert found.json() == (await door.get(f"{REQUESTS}/{kept['request_id']}", headers=MACHINE)).json()
    for other in (READER, OPERATOR):
        assert_problem(await door.get(REQUESTS, params={"source_id": number}, headers=other), 404, "not-found")
    assert_problem(await door.get(REQUESTS, params={"source_id": "another"}, headers=MACHINE), 404, "not-found")
    assert_problem(await door.get(REQUESTS, params={"source_id": number}), 401, "key-required")
    assert_problem(await door.get(REQUESTS, headers=MACHINE), 422, "invalid-field", "source_id")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/territories",
        "/api/v1/services?territory=small",
        "/api/v1/openapi.json",
        f"{REQUESTS}/{uuid4()}",
        "/none",
    ],
)
async def test_head_is_answered_as_get_without_the_body(door: Door, path: str) -> None:
    got, head = await door.get(path), await door.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers == got.headers


async def test_head_of_what_never_ends_ends() -> None:
    async def forever() -> Any:
        while True:
            yield b"data: again\n\n"

    async def events(_request: Any) -> StreamingResponse:
        return StreamingResponse(forever(), media_type="text/event-stream")

    app = answering_head(Starlette(routes=[Route("/events", events)]))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://x") as client:
        answer = await client.head("/events")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (
        200,
        "text/event-stream; charset=utf-8",
        b"",
    )


async def test_a_method_that_is_not_allowed_is_told_all_that_are(door: Door) -> None:
    for path, allowed in (("/api/v1/territories", "GET, HEAD"), (REQUESTS, "GET, HEAD, POST")):
        answer = await door.put(path)
        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == allowed


async def answer_of(door: Door, origins: list[str], method: str, path: str, **headers: str) -> httpx2.Response:
    app = callable_from(door._transport.app, origins)  # type: ignore[attr-defined]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://intake") as client:
        return await client.request(method, path, headers={"Origin": PAGE, **headers})


async def test_a_page_elsewhere_may_call_only_where_its_origin_is_named(door: Door) -> None:
    asks = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,ce-id",
    }
    allowed = await answer_of(door, [PAGE], "OPTIONS", REQUESTS, **asks)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, PAGE)
    assert {"POST", "GET", "HEAD"} == set(allowed.headers["access-control-allow-methods"].split(", "))
    assert "access-control-allow-credentials" not in allowed.headers
    read = await answer_of(door, [PAGE], "GET", "/api/v1/territories")
    assert (read.status_code, read.headers["access-control-allow-origin"]) == (200, PAGE)
    assert "Retry-After" in read.headers["access-control-expose-headers"]
    refused = await answer_of(door, [PAGE], "POST", REQUESTS, Authorization="Bearer gk_wrong")
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, PAGE)
    for origins, path in (([], REQUESTS), (["https://other.example"], REQUESTS), ([PAGE], "/r/x")):
        for method, more in (("OPTIONS", asks), ("GET", {})):
            answer = await answer_of(door, origins, method, path, **more)
            assert "access-control-allow-origin" not in answer.headers


async def test_a_page_of_any_origin_may_call_where_the_setting_says_so(door: Door) -> None:
    answer = await answer_of(door, ["*"], "GET", "/api/v1/territories", Cookie="a=b")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
