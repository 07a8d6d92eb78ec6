"""Can a program list, open and assign with a key of the right scope, and what does a wrong call get?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.staff_parts import Office, an_office
from tests.stack import FreshDatabase

UNKNOWN = "019ab0c2-7000-7000-8000-00000000ffff"


@pytest.fixture
async def office(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(fresh_database.dsn, tmp_path) as office:
        yield office


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer gk_{name}"}


API = "/api/v1/triage"


async def test_programs_list_open_and_assign_with_a_key(office: Office) -> None:
    request = await office.request(description="dark since Monday")
    async with office.browser(**bearer("anna")) as program:
        listed = (await program.get(f"{API}/requests?outcome=ambiguous&territory=small")).json()
        assert [one["request_id"] for one in listed["requests"]] == [str(request.request_id)]
        assert (listed["total"], listed["next"], listed["tallies"][0]["requests"]) == (1, None, 1)
        assert "dark" not in str(listed)
        case = (await program.get(f"{API}/requests/{request.request_id}")).json()
        assert (case["description"], case["status"], case["held_by"]) == ("dark since Monday", "held", "metro-accueil")
        assert [one["department"] for one in case["candidates"]][:2] == ["aval-accueil", "bourg-accueil"]
        assert [one["opened_by"] for one in case["openings"]] == ["anna"]
        chosen = {"department": "aval-accueil", "comment": "yours"}
        for _ in range(2):
            answer = await program.post(f"{API}/requests/{request.request_id}/assignment", json=chosen)
            assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
        assert (await program.get(f"{API}/requests")).json()["requests"] == []


@pytest.mark.parametrize(
    ("name", "method", "path", "status", "slug"),
    [
        ("", "GET", "/requests", 401, "key-required"),
        ("reader", "GET", "/requests", 403, "scope-missing"),
        ("anna", "GET", f"/requests/{UNKNOWN}", 404, "not-found"),
        ("anna", "GET", "/requests?limit=51", 422, "invalid-field"),
        ("anna", "POST", f"/requests/{UNKNOWN}/assignment", 422, "unknown-field"),
        ("anna", "GET", "/corrections", 403, "scope-missing"),
    ],
)
async def test_a_wrong_call_gets_a_problem_of_its_own(
    office: Office, name: str, method: str, path: str, status: int, slug: str
) -> None:
    async with office.browser(**(bearer(name) if name else {})) as program:
        body = {"json": {"department": "x", "colour": "red"}} if method == "POST" else {}
        answer = await program.request(method, API + path, **body)
    assert answer.status_code == status, answer.text
    assert slug in answer.text


async def test_corrections_hold_texts_only_when_they_are_asked_for(office: Office) -> None:
    request = await office.request(service=None, description="a lamp is out")
    async with office.browser(**bearer("operator")) as program:
        await program.post(
            f"{API}/requests/{request.request_id}/assignment", json={"department": "aval-accueil", "service": "lamp"}
        )
        plain = (await program.get(f"{API}/corrections")).json()
        texts = (await program.get(f"{API}/corrections?with_text=true")).json()
    assert [(one["service"], one["text"]) for one in plain["corrections"]] == [("lamp", None)]
    assert [one["text"] for one in texts["corrections"]] == ["a lamp is out"]
