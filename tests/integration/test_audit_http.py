"""Can anybody check what is shown about a request with nothing but the answer and the log's key?"""

import base64
from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest

from libs.ledger.checkpoint import open_checkpoint
from libs.ledger.note import Signer, Verifier
from libs.ledger.paths import is_included
from libs.ledger.proof import check_proof
from libs.ledger.tree import leaf_hash
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.audit import history
from services.audit.http import web
from services.audit.record import record
from services.audit.sign import CheckpointSigner
from tests.heard import MOMENT, heard, heard_notices, new_request, notice_sent
from tests.stack import FreshDatabase

LOG = Signer("ville.example/log", bytes(range(32)))


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    database = Database(fresh_database.dsn)
    yield database
    await database.close()


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=web(database, LOG.verifier), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://audit") as client:
        yield client


async def sign(database: Database) -> None:
    await CheckpointSigner(database, LOG, (), lambda: MOMENT, Metrics("audit")).sign_news()


async def record_among_others(database: Database, request_id: UUID, attempts: int = 3) -> None:
    """Events of one request, hundreds of others' before and between."""
    for number in range(attempts):
        await record(database, [*heard_notices(260), heard(notice_sent(request_id, number))])


async def test_every_event_of_a_history_is_checked_by_its_own_proof(
    database: Database, client: httpx2.AsyncClient
) -> None:
    about = new_request()
    await record_among_others(database, about)
    await sign(database)
    answer = (await client.get(f"/api/v1/requests/{about}/history")).json()
    head = open_checkpoint(answer["checkpoint"]["note"], [LOG.verifier])
    assert [event["index"] for event in answer["events"]] == [260, 521, 782]
    assert (answer["request_id"], answer["next"], head.size) == (str(about), None, 783)
    for event in answer["events"]:
        path = [base64.b64decode(digest) for digest in event["proof"]["path"]]
        digest = leaf_hash(event["leaf"].encode())
        assert base64.b64decode(event["leaf_hash"]) == digest
        assert is_included(digest, event["index"], head.size, path, head.root)


async def test_what_no_checkpoint_covers_yet_is_pending(database: Database, client: httpx2.AsyncClient) -> None:
    about = new_request()
    await record(database, [heard(notice_sent(about, 1))])
    first = (await client.get(f"/api/v1/requests/{about}/history")).json()
    assert first["checkpoint"] is None
    await sign(database)
    await record(database, [heard(notice_sent(about, 2))])
    events = (await client.get(f"/api/v1/requests/{about}/history")).json()["events"]
    assert [event["pending"] for event in events] == [False, True]
    assert events[1]["proof"] is None


async def test_a_long_history_is_read_in_pages(
    database: Database, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "HISTORY_EVENTS_MAX", 2)
    about = new_request()
    await record(database, heard_notices(5, request_id=about))
    seen, after = [], -1
    while after is not None:
        page = (await client.get(f"/api/v1/requests/{about}/history", params={"after": after})).json()
        seen += [event["index"] for event in page["events"]]
        after = page["next"]
    assert seen == [0, 1, 2, 3, 4]


async def test_nothing_personal_and_no_payload_is_shown(database: Database, client: httpx2.AsyncClient) -> None:
    about = new_request()
    await record(database, heard_notices(1, request_id=about))
    assert "5f5f5f" not in (await client.get(f"/api/v1/requests/{about}/history")).text


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/requests/{UUID(int=7)}/history",
        "/api/v1/requests/nobody/history",
        "/api/v1/checkpoint",
        "/api/v1/proofs/0",
        "/api/v1/nothing",
    ],
)
async def test_what_is_not_there_is_a_problem_document(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["type"] == "urn:guichet:problem:not-found"


@pytest.mark.parametrize("index", ["x", "-2", "9" * 30, "1.5", "٣"])
async def test_what_is_no_index_is_named(client: httpx2.AsyncClient, index: str) -> None:
    answer = await client.get(f"/api/v1/requests/{new_request()}/history", params={"after": index})
    assert (answer.status_code, answer.json()["field"]) == (422, "after")
    assert (await client.get(f"/api/v1/proofs/{index}")).status_code in {404, 422}


async def test_a_checkpoint_is_a_signed_note_or_json(database: Database, client: httpx2.AsyncClient) -> None:
    await record(database, heard_notices(3))
    await sign(database)
    note = (await client.get("/api/v1/checkpoint")).text
    answer = (await client.get("/api/v1/checkpoint", headers={"Accept": "application/json"})).json()
    assert answer["note"] == note
    assert open_checkpoint(note, [Verifier.from_text(answer["verifier"])]).size == answer["size"] == 3


async def test_a_proof_is_handed_out_as_one_text(database: Database, client: httpx2.AsyncClient) -> None:
    about = new_request()
    await record_among_others(database, about, 1)
    await sign(database)
    (event,) = (await client.get(f"/api/v1/requests/{about}/history")).json()["events"]
    text = (await client.get(f"/api/v1/proofs/{event['index']}")).text
    assert check_proof(text, event["leaf"].encode(), [LOG.verifier]).size == 261


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit.leaves SET leaf_hash = sha256('') WHERE leaf_index = 3",
        "UPDATE audit.leaves SET entry = 'x', leaf_hash = sha256('\\x00'::bytea || 'x') WHERE leaf_index = 3",
        "DELETE FROM audit.leaves WHERE leaf_index = 3",
    ],
)
async def test_a_changed_log_is_said_and_no_proof_that_does_not_hold_is_handed_out(
    database: Database, client: httpx2.AsyncClient, change: str
) -> None:
    about, other = new_request(), new_request()
    await record(database, [*heard_notices(5, request_id=about), *heard_notices(300), heard(notice_sent(other, 1))])
    await sign(database)
    async with database.transaction() as conn:
        await conn.execute(change)
    for path in (f"/api/v1/requests/{about}/history", "/api/v1/proofs/2"):
        answer = await client.get(path)
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:guichet:problem:log-altered"
        assert "guichet audit verify" in answer.json()["detail"]
