"""Are letters in doubt listed without anything personal, and sent again by choice, each once?"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import uvicorn

from services.notifier.app import counts
from services.notifier.http import web
from tests.brokers import free_port
from tests.integration.notifier_parts import MailSink, Notifier, a_request, forget_the_lease, running, until
from tests.stack import FreshDatabase
from tests.unit.notifier_events import decided_event

PATH = "/api/v1/notices/in-doubt"
CANARY = "canary@citizen.example"


async def ask(notifier: Notifier, method: str, path: str, **given: Any) -> httpx2.Response:
    def wake() -> None:
        for delivery in notifier.deliveries:
            delivery.wake()

    transport = httpx2.ASGITransport(app=web(notifier.database, wake))
    async with httpx2.AsyncClient(transport=transport, base_url="http://notifier") as client:
        return await client.request(method, path, **given)


@pytest.fixture
async def mail() -> AsyncIterator[MailSink]:
    sink = MailSink()
    await sink.open()
    yield sink
    await sink.close()


async def two_in_doubt(dsn: str, mail: MailSink) -> None:
    """A notifier dies while one letter to a citizen and one to a department are on the wire."""
    mail.hang = asyncio.Event()
    victim = Notifier.on(dsn, mail.port)
    await victim.start()
    await victim.planner.plan([await a_request(victim, decided_event, email=CANARY)])
    async with asyncio.timeout(30):
        while not mail.mails or await victim.states() != {"sending": 2}:  # noqa: ASYNC110  the database is asked
            await asyncio.sleep(0.02)
    await victim.die()
    mail.hang.set()
    heir = Notifier.on(dsn, mail.port)
    await heir.lease.renew()
    await forget_the_lease(heir)
    await heir.lease.renew()
    await heir.recovery.take_up()
    assert await heir.states() == {"indeterminate": 2}
    await heir.lease.end()
    await heir.database.close()


async def test_letters_in_doubt_are_listed_by_request_and_recipient_without_an_address(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    await two_in_doubt(fresh_database.dsn, mail)
    notifier = Notifier.on(fresh_database.dsn, mail.port)
    answer = await ask(notifier, "GET", PATH)
    listed = answer.json()
    assert (listed["in_doubt"], listed["next"]) == (2, None)
    assert {(one["audience"], one["department"], one["kind"]) for one in listed["notices"]} == {
        ("citizen", None, "routed"),
        ("department", "metro-voirie", "new_request"),
    }
    for one in listed["notices"]:
        assert one["reference"].startswith("G-")
        assert one["in_doubt_since"] >= one["planned_at"]
        assert (one["channel"], one["can_be_sent"]) == ("email", True)
    assert CANARY not in answer.text
    assert "voirie@" not in answer.text
    only = (await ask(notifier, "GET", PATH, params={"department": "metro-voirie"})).json()["notices"]
    assert [one["audience"] for one in only] == ["department"]
    assert (await counts(notifier.database))["in_doubt"] == 2
    await notifier.database.close()


async def test_a_letter_is_sent_again_once_however_often_that_is_asked_and_the_ledger_says_by_whom(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    await two_in_doubt(fresh_database.dsn, mail)
    before = len(mail.mails)
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        asked = {"department": "metro-voirie", "by": "clerk"}
        answers = await asyncio.gather(*(ask(notifier, "POST", f"{PATH}/send-again", json=asked) for _ in range(3)))
        await notifier.settled(indeterminate=1, sent=1)
        late = await ask(notifier, "POST", f"{PATH}/send-again", json=asked)
        (sent,) = [one for answer in answers for one in answer.json()["sent_again"]]
        assert (late.json()["sent_again"], late.json()["in_doubt"]) == ([], 1)
        assert len(mail.mails) == before + 1
        (row,) = await notifier.rows("SELECT notice_id, sent_again_by FROM notifier.notices WHERE state = 'sent'")
        assert (str(row["notice_id"]), row["sent_again_by"]) == (sent, "clerk")
        told = await counts(notifier.database)
        assert (told["indeterminate"], told["sent"], told["waiting"], told["in_doubt"]) == (1, 1, 0, 1)
        assert await notifier.announced() == {"NoticeIndeterminate": 2, "NoticeSent": 1}
        by_id = [one["notice_id"] for one in (await ask(notifier, "GET", PATH)).json()["notices"]]
        await ask(notifier, "POST", f"{PATH}/send-again", json={"notice_ids": [*by_id, sent]})
        await notifier.settled(sent=2)
        assert len(mail.mails) == before + 2


async def test_what_a_restore_knows_by_its_announcement_alone_is_listed_and_not_sent(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    await two_in_doubt(fresh_database.dsn, mail)
    notifier = Notifier.on(fresh_database.dsn, mail.port)
    await notifier.rows("UPDATE notifier.notices SET facts = NULL, sealed = NULL, destination = ''")
    assert {one["can_be_sent"] for one in (await ask(notifier, "GET", PATH)).json()["notices"]} == {False}
    assert (await ask(notifier, "POST", f"{PATH}/send-again", json={"all": True})).json()["sent_again"] == []
    assert await notifier.states() == {"indeterminate": 2}
    await notifier.database.close()


async def test_the_command_line_lists_and_sends_again_and_says_what_is_not_in_doubt(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    await two_in_doubt(fresh_database.dsn, mail)
    notifier = Notifier.on(fresh_database.dsn, mail.port)
    config = uvicorn.Config(web(notifier.database, lambda: None), port=free_port(), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    url = f"http://127.0.0.1:{config.port}"

    def guichet(*arguments: str) -> subprocess.CompletedProcess[str]:
        named = {"GUICHET_INTAKE_URL": url, "GUICHET_NOTIFIER_URL": url, "GUICHET_HOME": "/nonexistent"}
        command = [sys.executable, "-m", "libs.operate.cli", "notices", *arguments]
        return subprocess.run(command, env={**os.environ, **named}, capture_output=True, text=True, timeout=60)

    listed = json.loads((await asyncio.to_thread(guichet, "in-doubt", "--audience", "citizen", "--json")).stdout)
    (one,) = listed["notices"]
    shown = await asyncio.to_thread(guichet, "in-doubt")
    assert one["notice_id"] in shown.stdout
    assert "metro-voirie" in shown.stdout
    first = await asyncio.to_thread(guichet, "send-again", one["notice_id"], "--json")
    assert (first.returncode, json.loads(first.stdout)["sent_again"]) == (0, [one["notice_id"]])
    again = await asyncio.to_thread(guichet, "send-again", one["notice_id"], "--json")
    assert (again.returncode, json.loads(again.stdout)) == (1, {"sent_again": [], "not_in_doubt": [one["notice_id"]]})
    assert (await asyncio.to_thread(guichet, "send-again")).returncode == 2
    assert await notifier.states() == {"planned": 1, "indeterminate": 1}
    server.should_exit = True
    await serving
    await notifier.database.close()


@pytest.mark.parametrize(
    ("given", "slug"),
    [
        ({"json": {}}, "nothing-chosen"),
        ({"json": {"all": False}}, "invalid-field"),
        ({"json": {"audience": "everybody"}}, "invalid-field"),
        ({"content": b'{"all": true}', "headers": {"content-type": "text/plain"}}, "invalid-json"),
    ],
    ids=["nothing", "not all", "an unknown audience", "what a form of another site could send"],
)
async def test_nothing_is_sent_again_that_was_not_chosen(
    fresh_database: FreshDatabase, mail: MailSink, given: dict[str, Any], slug: str
) -> None:
    await two_in_doubt(fresh_database.dsn, mail)
    notifier = Notifier.on(fresh_database.dsn, mail.port)
    answer = await ask(notifier, "POST", f"{PATH}/send-again", **given)
    assert answer.status_code in (400, 422)
    assert answer.json()["type"] == f"urn:guichet:problem:{slug}"
    assert await notifier.states() == {"indeterminate": 2}
    await notifier.database.close()
