"""Does each wrong submission get its own clear problem document, and leave nothing behind?"""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.citizens import pothole
from tests.running import HTTP, RunningSystem

IN_THE_SEA = {"lat": 44.9, "lon": -2.5}
BODY_OVER_THE_LIMIT = 2_000_000


def post(system: RunningSystem, body: bytes, **headers: str) -> httpx2.Response:
    given = {"content-type": "application/json"} | system.authorization | headers
    return HTTP.post(f"{system.intake_url}/api/v1/requests", content=body, headers=given, timeout=30)


def assert_problem(answer: httpx2.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"urn:guichet:problem:{slug}"
    assert problem["status"] == status
    assert len(problem["detail"]) > 20  # says what to do, not only that it is wrong
    assert "Traceback" not in answer.text
    return problem


@pytest.mark.parametrize(
    ("changes", "slug", "names"),
    [
        ({"service": "teleportation"}, "unknown-service", "teleportation"),
        ({"territory": "atlantis"}, "unknown-territory", "atlantis"),
        ({"territory": None, "place": IN_THE_SEA}, "out-of-territory", ""),
        ({"territory": "val-de-brume", "service": None, "place": IN_THE_SEA}, "out-of-territory", ""),
        ({"colour": "red"}, "unknown-field", "colour"),
        ({"place": {}}, "no-place", "place"),
        ({"place": {"lat": 91, "lon": 0}}, "invalid-field", "lat"),
        ({"contact": {"email": "nobody"}}, "invalid-field", "email"),
        ({"description": "x" * 4001}, "invalid-field", "description"),
    ],
)
def test_a_wrong_field_is_named(running_system: RunningSystem, changes: dict[str, Any], slug: str, names: str) -> None:
    request = {key: value for key, value in pothole(uuid4().hex, **changes).items() if value is not None}
    answer = running_system.submit(request)
    assert_problem(answer, 422, slug)
    assert names in answer.text


def test_invalid_json_is_told_where(running_system: RunningSystem) -> None:
    assert_problem(post(running_system, b'{"territory": "bordeaux-metropole",'), 400, "invalid-json")


def test_a_body_over_the_limit_is_refused_before_it_is_read(running_system: RunningSystem) -> None:
    assert_problem(post(running_system, b"[" + b" " * BODY_OVER_THE_LIMIT + b"]"), 413, "body-too-large")


def test_an_unknown_key_and_a_missing_key_are_two_problems(running_system: RunningSystem) -> None:
    unknown = post(running_system, b"{}", Authorization="Bearer gk_nobody")
    assert_problem(unknown, 401, "key-unknown")
    missing = HTTP.get(f"{running_system.intake_url}/api/v1/requests/{uuid4()}", timeout=30)
    assert_problem(missing, 401, "key-required")


def test_the_same_key_with_another_body_is_refused(running_system: RunningSystem) -> None:
    key = uuid4().hex
    first = pothole("unused") | {"source_id": None}
    request = {name: value for name, value in first.items() if value is not None}
    kept = running_system.submit(request, **{"Idempotency-Key": key})
    again = running_system.submit(request, **{"Idempotency-Key": key})
    other = running_system.submit(request | {"description": "something else"}, **{"Idempotency-Key": key})
    assert kept.status_code == again.status_code == 202
    assert kept.json() == again.json()
    assert_problem(other, 422, "idempotency-key-reused")
