"""Does every error have its answer, and does none show what is inside?"""

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from libs.delivery import errors
from libs.delivery.errors import Rejected, ServiceError, Unavailable
from libs.service.problems import answer_with_problems, problem, status_of


def every_error() -> list[type[ServiceError]]:
    found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ServiceError)]
    return [each for each in found if each is not ServiceError]


@pytest.mark.parametrize("kind", every_error())
def test_every_error_of_the_tree_has_a_status_and_a_sentence(kind: type[ServiceError]) -> None:
    error = kind()
    assert status_of(error) == (503 if isinstance(error, Unavailable) else 422)
    assert error.message
    assert error.slug == kind.default_slug


def body(response: Response) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bytes(response.body))
    return document


def test_a_rejection_names_the_field() -> None:
    answer = problem(Rejected("no such service", slug="unknown-service", field="service"))
    assert answer.status_code == 422
    assert answer.media_type == "application/problem+json"
    assert body(answer) == {
        "type": "urn:guichet:problem:unknown-service",
        "title": "unknown service",
        "status": 422,
        "detail": "no such service",
        "field": "service",
    }


def test_what_is_away_says_when_to_come_again() -> None:
    assert problem(Unavailable(retry_after_seconds=1.2)).headers["Retry-After"] == "2"
    assert problem(Unavailable()).headers["Retry-After"] == "5"


def test_a_missing_key_says_how_to_send_one() -> None:
    answer = problem(Rejected("a key is needed", slug="key-required"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def _break(_request: Request) -> Response:
    raise ValueError("select * from people where email = 'jeanne@example.org'")


async def _refuse(_request: Request) -> Response:
    raise Rejected("too much", slug="body-too-large")


def client() -> TestClient:
    app = Starlette(routes=[Route("/break", _break), Route("/refuse", _refuse)])
    answer_with_problems(app)
    return TestClient(app, raise_server_exceptions=False)


def test_a_bug_shows_nothing_of_itself() -> None:
    answer = client().get("/break")
    assert answer.status_code == 500
    assert "jeanne" not in answer.text
    assert answer.json()["type"] == "urn:guichet:problem:internal-error"


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/refuse", 413, "body-too-large"),
        ("GET", "/nowhere", 404, "not-found"),
        ("DELETE", "/refuse", 405, "method-not-allowed"),
    ],
)
def test_every_refusal_is_a_problem_document(method: str, path: str, status: int, slug: str) -> None:
    answer = client().request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(slug)
