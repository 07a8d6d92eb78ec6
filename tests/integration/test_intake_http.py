"""Does the HTTP interface answer what it promises, and does each wrong call get a problem of its own?"""

import asyncio
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from services.intake.callers import Callers, Limits
from services.intake.http import Doors, web
from services.intake.http_directory import directory_routes
from services.intake.keys import Keys
from services.intake.owner import Directory
from tests.integration.intake_parts import Intake, routed
from tests.stack import FreshDatabase
from tests.unit.directory_packs import AT, SOUTH
from tests.unit.directory_texts import taught
from tests.unit.intake_submissions import IN_BOURG, IN_THE_SEA, body

REQUESTS = "/api/v1/requests"
BODY_BYTES_MAX = 20_000


class Door(httpx2.AsyncClient):
    """A client in front of intake's HTTP interface, with the parts behind it at hand."""

    intake: Intake


def entry(secret: str, source: str, *scopes: str, **more: Any) -> dict[str, Any]:
    return {"name": secret, "source": source, "scopes": scopes, "sha256": sha256(secret.encode()).hexdigest(), **more}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


MACHINE, READER, WORKS, OPERATOR = (bearer(name) for name in ("gk_machine", "gk_reader", "gk_works", "gk_operator"))


@pytest.fixture
async def door(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Door]:
    file = tmp_path / "keys.json"
    entries = [
        entry("gk_machine", "urn:test:machine", "submit", "read"),
        entry("gk_reader", "urn:test:other", "read"),
        entry("gk_works", "urn:test:works", "progress", "read", departments=["metro-voirie"]),
        entry("gk_operator", "urn:test:desk", "read", "operate"),
    ]
    file.write_text(json.dumps(entries))
    intake = Intake.on(fresh_database.dsn)
    doors = Doors(
        acceptance=intake.acceptance,
        statuses=intake.statuses,
        progress=intake.progress,
        callers=Callers(Keys(file), Limits(True, 0.001, 3, 1_000.0, 1_000)),
        metrics=intake.metrics,
        public_url="https://guichet.example",
        audit_url="https://audit.example",
        body_bytes_max=BODY_BYTES_MAX,
        body_seconds_max=0.5,
    )
    app = web(doors, directory_routes(Directory(intake.releases), lambda: AT))  # type: ignore[arg-type]
    running = asyncio.create_task(intake.acceptance.run())
    async with Door(transport=httpx2.ASGITransport(app), base_url="http://intake") as client:
        client.intake = intake
        yield client
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await intake.database.close()


def assert_problem(answer: httpx2.Response, status: int, slug: str, field: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:guichet:problem:{slug}", status)
    assert problem.get("field") == field
    return problem


async def accepted(door: Door, **changes: Any) -> dict[str, Any]:
    answer = await door.post(REQUESTS, json=body(**{"source_id": uuid4().hex, **changes}), headers=MACHINE)
    assert answer.status_code == 202, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


async def routed_request(door: Door) -> str:
    kept = await accepted(door)
    (row,) = await door.intake.rows("SELECT request_id FROM intake.requests")
    await door.intake.projection.apply_decisions([routed(await door.intake.accepted(row["request_id"]))])
    return str(kept["request_id"])


async def test_a_request_is_answered_with_a_reference_a_token_and_links(door: Door) -> None:
    kept = await accepted(door)
    assert set(kept) == {"request_id", "reference", "status", "token", "safety", "links"}
    assert kept["status"] == "accepted"
    assert kept["links"] == {
        "self": f"https://guichet.example{REQUESTS}/{kept['request_id']}",
        "page": f"https://guichet.example/r/{kept['token']}",
        "history": f"https://audit.example{REQUESTS}/{kept['request_id']}/history",
    }


@pytest.mark.parametrize(
    ("changes", "slug", "field"),
    [
        ({"service": "teleportation"}, "unknown-service", "service"),
        ({"territory": "atlantis"}, "unknown-territory", "territory"),
        ({"place": IN_THE_SEA}, "out-of-territory", "place"),
        ({"place": {}}, "no-place", "place"),
        ({"colour": "red"}, "unknown-field", "colour"),
        ({"description": "x" * 4001}, "invalid-field", "description"),
        ({"contact": {"email": "nobody"}}, "invalid-field", "contact.email"),
    ],
)
async def test_a_wrong_field_is_named(door: Door, changes: dict[str, Any], slug: str, field: str) -> None:
    answer = await door.post(REQUESTS, json=body(**changes), headers=MACHINE)
    assert_problem(answer, 422, slug, field)
    assert await door.intake.number_of("intake.requests") == 0


async def test_no_json_is_told(door: Door) -> None:
    assert_problem(await door.post(REQUESTS, content=b"{", headers=MACHINE), 400, "invalid-json")


async def test_a_large_body_is_refused_before_it_is_read(door: Door) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b" " * 1_000

    assert_problem(await door.post(REQUESTS, content=endless(), headers=MACHINE), 413, "body-too-large")
    assert taken <= BODY_BYTES_MAX / 1_000 + 2
    declared = {**MACHINE, "content-length": "900000"}
    assert_problem(await door.post(REQUESTS, content=b"{}", headers=declared), 413, "body-too-large")


async def test_a_body_that_does_not_arrive_is_not_waited_for(door: Door) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(2)

    answer = await door.post(REQUESTS, content=slow(), headers=MACHINE)
    assert_problem(answer, 408, "body-too-slow")


async def test_the_header_is_a_number_too_and_the_same_as_source_id(door: Door) -> None:
    by_header = await door.post(REQUESTS, json=body(), headers={**MACHINE, "Idempotency-Key": "k-1"})
    by_field = await door.post(REQUESTS, json=body(source_id="k-1"), headers=MACHINE)
    assert by_header.json() == by_field.json()
    other = await door.post(REQUESTS, json=body(source_id="k-1", language="fr"), headers=MACHINE)
    assert_problem(other, 422, "idempotency-key-reused", "source_id")


async def test_people_without_a_key_are_taken_at_a_rate(door: Door) -> None:
    for _ in range(3):
        assert (await door.post(REQUESTS, json=body())).status_code == 202
    answer = await door.post(REQUESTS, json=body())
    assert_problem(answer, 429, "rate-limited")
    assert int(answer.headers["retry-after"]) >= 1


async def test_keys_are_asked_for_known_and_scoped(door: Door) -> None:
    where = f"{REQUESTS}/{uuid4()}"
    missing = await door.get(where)
    assert_problem(missing, 401, "key-required")
    assert missing.headers["www-authenticate"] == "Bearer"
    assert_problem(await door.get(where, headers=bearer("gk_no")), 401, "key-unknown")
    assert_problem(await door.post(REQUESTS, json=body(), headers=READER), 403, "scope-missing")


async def test_a_key_sees_its_own_and_an_operator_sees_all(door: Door) -> None:
    where = f"{REQUESTS}/{(await accepted(door))['request_id']}"
    own = await door.get(where, headers=MACHINE)
    assert own.status_code == 200
    assert own.json()["status"] == "accepted"
    assert (await door.get(where, headers=OPERATOR)).json() == own.json()
    assert_problem(await door.get(where, headers=READER), 404, "not-found")


async def test_the_token_opens_the_status_without_a_key(door: Door) -> None:
    kept = await accepted(door)
    seen = await door.get(f"{REQUESTS}/by-token/{kept['token']}")
    assert seen.json()["reference"] == kept["reference"]
    assert_problem(await door.get(f"{REQUESTS}/by-token/{'x' * 43}"), 404, "not-found")


async def test_a_department_reports_and_a_wrong_report_is_a_conflict(door: Door) -> None:
    where = f"{REQUESTS}/{await routed_request(door)}/progress"
    started = {"state": "started", "department": "metro-voirie"}
    for _ in range(2):
        answer = await door.post(where, json=started, headers=WORKS)
        assert (answer.status_code, answer.json()["status"]) == (202, "started")
    assert (await door.get(where.removesuffix("/progress"), headers=WORKS)).json()["held_by"] == "metro-voirie"
    back = await door.post(where, json=started | {"state": "acknowledged"}, headers=WORKS)
    assert_problem(back, 409, "transition-not-allowed", "state")
    other = await door.post(where, json=started | {"department": "aval-accueil"}, headers=WORKS)
    assert_problem(other, 403, "scope-missing", "department")
    assert_problem(await door.post(where, json={"state": "done"}, headers=WORKS), 422, "invalid-field", "state")
    nowhere = f"{REQUESTS}/{uuid4()}/progress"
    assert_problem(await door.post(nowhere, json=started, headers=WORKS), 404, "not-found")


async def test_the_owner_is_told_and_nothing_is_stored(door: Door) -> None:
    answer = await door.get("/api/v1/owner", params={**IN_BOURG, "service": "pothole"})
    assert (answer.json()["outcome"], answer.json()["department"]["code"]) == ("routed", "metro-voirie")
    sea = await door.get("/api/v1/owner", params={**IN_THE_SEA, "service": "pothole"})
    assert sea.json()["outcome"] == "out_of_territory"
    assert_problem(await door.get("/api/v1/owner", params={"service": "pothole"}), 422, "no-place", "place")
    assert_problem(await door.get("/api/v1/owner", params={"lat": "north"}), 422, "invalid-field", "lat")
    assert await door.intake.number_of("intake.requests") == 0


async def test_the_owner_is_explained_to_the_last_candidate(door: Door) -> None:
    """By its answers, by another day, and by who would be next; and no table has a row more than before."""
    on_the_road = {"lat": SOUTH + 0.005, "lon": 0.01, "service": "pothole"}
    found = (await door.get("/api/v1/owner", params=on_the_road)).json()
    assert (found["rule"], found["legal_basis"], found["department"]["code"]) == ("P2", "Code L2", "state-roads")
    assert [(one["rule"], one["outcome"]) for one in found["candidates"]] == [("P2", "won"), ("P1", "lost")]
    assert all(one["reason"] for one in found["candidates"])
    assert [reason["code"] for reason in found["reasons"]] == ["point-inside", "on-layer", "rule-won"]
    assert found["due"]
    following = (await door.get("/api/v1/owner", params=on_the_road | {"without": "state-roads"})).json()
    assert following["department"]["code"] == "metro-voirie"
    assert [one["outcome"] for one in following["candidates"]] == ["lost", "won"]
    wall = {**IN_BOURG, "service": "graffiti"}
    high = (await door.get("/api/v1/owner", params=wall | {"answers": '{"height_m": 5}'})).json()
    low = (await door.get("/api/v1/owner", params=wall | {"answers": '{"height_m": 2}'})).json()
    assert (high["rule"], low["rule"]) == ("G2", "G1")
    later = (await door.get("/api/v1/owner", params=on_the_road | {"at": "2027-01-04T10:00:00Z"})).json()
    assert later["due"] > found["due"]
    for wrong in ("{", "[1]", '{"height_m": {}}'):
        answer = await door.get("/api/v1/owner", params=wall | {"answers": wrong})
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"].startswith("answers")
    tables = ("requests", "history", "state_counts", "outbox", "inbox", "held", "openings")
    assert [await door.intake.number_of(f"intake.{table}") for table in tables] == [0] * len(tables)


async def test_the_owner_of_a_text_is_told_with_the_danger_in_it_and_nothing_is_stored(door: Door) -> None:
    door.intake.releases.publish(taught())
    asked = {**IN_BOURG, "text": "A deep hole in the road, the tarmac is gone"}
    hole = (await door.get("/api/v1/owner", params=asked)).json()
    assert (hole["outcome"], hole["service"], hole["urgent"]) == ("routed", "pothole", None)
    assert hole["confidence"] >= 0.8
    wires = (await door.get("/api/v1/owner", params={**asked, "text": "LIVE WIRES", "language": "en"})).json()
    assert (wires["service"], wires["urgent"]) == ("lamp", "lamp")
    assert wires["safety"]["en"] == "Do not touch the wires."
    assert_problem(await door.get("/api/v1/owner", params={**asked, "text": "x" * 4001}), 422, "invalid-field", "text")
    assert await door.intake.number_of("intake.requests") == 0


async def test_danger_is_answered_with_what_to_do_and_anything_else_with_nothing(door: Door) -> None:
    door.intake.releases.publish(taught())
    wires = await accepted(door, service=None, description="Live wires in the street")
    assert wires["safety"] == {"fr": "Ne touchez pas les fils.", "en": "Do not touch the wires."}
    assert (await accepted(door, description="A hole"))["safety"] is None


async def test_services_and_territories_are_listed(door: Door) -> None:
    (territory,) = (await door.get("/api/v1/territories")).json()
    assert (territory["code"], territory["languages"], territory["has_boundaries"]) == ("small", ["fr", "en"], True)
    services = (await door.get("/api/v1/services", params={"territory": "small"})).json()
    assert [service["code"] for service in services["services"]] == ["graffiti", "lamp", "pothole"]
    unknown = await door.get("/api/v1/services", params={"territory": "atlantis"})
    assert_problem(unknown, 422, "unknown-territory", "territory")


async def test_a_path_that_does_not_exist_is_a_problem_too(door: Door) -> None:
    assert_problem(await door.get("/api/v1/nothing"), 404, "not-found")
    assert_problem(await door.put(REQUESTS, json={}), 405, "method-not-allowed")


async def test_with_the_database_away_the_sender_is_asked_to_come_back(door: Door) -> None:
    await door.intake.database.close()
    door.intake.database._dsn = "postgresql://nobody@127.0.0.1:1/nothing"
    answer = await door.post(REQUESTS, json=body(), headers=MACHINE)
    assert_problem(answer, 503, "database-away")
    assert int(answer.headers["retry-after"]) >= 1


async def test_the_openapi_document_describes_every_operation(door: Door) -> None:
    document = (await door.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "post" in document["paths"][REQUESTS]
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])
    assert "$defs" not in text
