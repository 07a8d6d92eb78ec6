"""What does the notifier answer about a request, and does it start with its settings alone?"""

from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from libs.events.identity import new_request_id
from libs.privacy.keyfile import create_key
from libs.service.postgres import Database
from libs.service.process import Process
from libs.service.settings import SettingsWrong, load
from services.notifier.app import build, counts
from services.notifier.http import web
from services.notifier.settings import Settings
from tests.brokers import free_port
from tests.integration.notifier_parts import Notifier, a_request
from tests.stack import FreshDatabase
from tests.unit.notifier_events import decided_event


async def ask(database: Database, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=web(database, lambda: None))
    async with httpx2.AsyncClient(transport=transport, base_url="http://notifier") as client:
        return await client.get(path)


async def test_the_notices_of_a_request_are_listed_without_anything_personal(fresh_database: FreshDatabase) -> None:
    notifier = Notifier.on(fresh_database.dsn, free_port())
    request_id = new_request_id()
    event = await a_request(notifier, decided_event, request_id=request_id, email="canary@citizen.example")
    await notifier.planner.plan([event])
    answer = await ask(notifier.database, f"/api/v1/requests/{request_id}/notices")
    assert answer.status_code == 200
    listed = answer.json()
    assert listed["request_id"] == str(request_id)
    assert {(one["audience"], one["kind"], one["state"]) for one in listed["notices"]} == {
        ("citizen", "routed", "planned"),
        ("department", "new_request", "planned"),
    }
    assert "canary" not in answer.text
    assert "voirie@" not in answer.text
    assert await counts(notifier.database) == {
        "planned": 2,
        "sent": 0,
        "failed": 0,
        "indeterminate": 0,
        "waiting": 2,
        "parked": 0,
        "in_doubt": 0,
        "superseded": 0,
    }
    await notifier.database.close()


@pytest.mark.parametrize(("path", "status"), [("no-id", 404), (str(uuid4()), 200)])
async def test_what_is_no_request_id_is_a_problem_and_an_unknown_one_has_no_notices(
    fresh_database: FreshDatabase, path: str, status: int
) -> None:
    database = Database(fresh_database.dsn)
    answer = await ask(database, f"/api/v1/requests/{path}/notices")
    assert answer.status_code == status
    assert answer.json().get("notices", []) == []
    assert status == 200 or answer.json()["type"] == "urn:guichet:problem:not-found"
    await database.close()


async def test_it_is_put_together_from_its_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_database: FreshDatabase
) -> None:
    monkeypatch.setenv("GUICHET_POSTGRES_DSN", fresh_database.dsn)
    with pytest.raises(SettingsWrong, match="GUICHET_MASTER_KEY_FILE is not set"):
        Process(load(Settings), build, lambda: None)
    for name in ("master", "pseudonym"):
        create_key(tmp_path / name)
        monkeypatch.setenv(f"GUICHET_{name.upper()}_KEY_FILE", str(tmp_path / name))
    process = Process(load(Settings), build, lambda: None)
    assert process.service.name == process.service.outbox == "notifier"
    assert process.database is not None
    await process.database.close()
