"""Only PostgreSQL was lost: does Kafka's memory of what came after the backup lead to nothing being done twice?"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from libs.delivery.kafka import KafkaSettings
from libs.delivery.outbox import OutboxRelay
from libs.delivery.outbox_store import ClusterChanged
from libs.events.audit import CheckpointPublished
from libs.events.identity import id_at, make_event, new_request_id, source_of
from libs.ledger.note import Signer
from libs.operate.backup import catch_up, take
from libs.operate.ledger_rows import inspect
from libs.operate.output import Away, Stopped
from libs.service.metrics import Metrics
from services.audit.record import record
from services.audit.sign import CheckpointSigner
from tests.brokers import Kafka
from tests.deliveries import a_notice, eventually
from tests.heard import MOMENT, heard_notices
from tests.integration.backup_parts import LOG, Lost, told_of
from tests.integration.notifier_parts import SMALL, a_request, running
from tests.outboxes import SCHEMA, Heard, add, relaying
from tests.stack import FreshDatabase
from tests.unit.notifier_events import decided_event
from tests.unit.router_requests import accepted_event


@pytest.fixture
async def lost(
    own_kafka: Kafka, fresh_database: FreshDatabase, second_database: FreshDatabase, tmp_path: Path
) -> AsyncIterator[Lost]:
    system = Lost.between(fresh_database.dsn, second_database.dsn, own_kafka.bootstrap, tmp_path)
    yield system
    await system.close()


async def test_what_was_told_after_the_backup_is_not_told_again(lost: Lost) -> None:
    before, after = await a_request(lost.old, accepted_event), await a_request(lost.old, decided_event)
    await lost.old.planner.plan([before])
    await lost.back_up()
    await lost.old.planner.plan([after])
    await lost.publish(*await told_of(lost.old, before), *await told_of(lost.old, after))
    found = await lost.restore()
    assert (found["kafka"], found["settled_notices"]) == ("same", 3)
    await lost.new.planner.plan([before, after])  # it hears again what came after the backup
    assert await lost.new.states() == {"sent": 3}
    tallies = await lost.new.rows("SELECT outcome, sum(notices) FROM notifier.tallies GROUP BY 1")
    assert {row[0]: int(row[1]) for row in tallies} == {"planned": 3, "sent": 3}


async def test_every_service_reads_on_from_where_it_was_at_the_backup(lost: Lost) -> None:
    await lost.publish(*(a_notice() for _ in range(30)))
    await lost.commit("intake", 2)
    await lost.back_up()
    await lost.commit("intake", 5)
    await lost.restore()
    assert await lost.read_on("intake") == 2
    assert await lost.read_on("audit") == 0  # it had read nothing


async def test_requests_of_which_only_kafka_knows_are_named(lost: Lost) -> None:
    await lost.back_up()
    after = accepted_event(SMALL, request_id=new_request_id())
    await lost.publish(after)
    assert (await lost.restore())["lost_requests"] == [after.subject]


async def test_what_was_not_published_yet_is_published_and_nothing_else(lost: Lost) -> None:
    published, waiting, heard = a_notice(), a_notice(), Heard()
    await add(lost.old.database, published)
    async with relaying(lost.old.database, heard):
        await eventually(lambda: heard.events)
        await asyncio.sleep(0.2)
    await add(lost.old.database, waiting)
    await lost.back_up()
    assert (await lost.restore())["unpublished"] == {"audit": 0, "intake": 1, "notifier": 0}
    heard_later = Heard()
    async with relaying(lost.new.database, heard_later):
        await eventually(lambda: heard_later.events)
        await asyncio.sleep(0.2)
    assert heard_later.ids == [waiting.id]


async def test_what_is_published_while_the_backup_looks_is_published_again(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, looked = a_notice(), take.look

    async def look_while_it_is_published(settings: KafkaSettings) -> Any:
        found, heard = await looked(settings), Heard()
        await add(lost.old.database, late)
        async with relaying(lost.old.database, heard):
            await eventually(lambda: heard.events)
            await asyncio.sleep(0.2)  # the relay keeps how far it is
        return found

    monkeypatch.setattr(take, "look", look_while_it_is_published)
    await lost.back_up()  # its records end before this event, and its dump calls it published
    await lost.restore()
    heard_later = Heard()
    async with relaying(lost.new.database, heard_later):
        await eventually(lambda: heard_later.events)
    assert heard_later.ids == [late.id]


async def test_a_restore_that_was_interrupted_holds_the_relays_and_is_done_again(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lost.old.planner.plan([await a_request(lost.old, accepted_event)])
    await add(lost.old.database, a_notice())
    await lost.back_up()

    async def fails(*_: object) -> None:
        raise Away("Kafka went away")

    with monkeypatch.context() as patched:
        patched.setattr(catch_up, "set_back", fails)
        with pytest.raises(Away):
            await lost.restore()
    with pytest.raises(ClusterChanged, match="run the same `guichet restore` again"):
        await OutboxRelay(lost.new.database, SCHEMA, Heard()).run()
    assert (await lost.restore())["unpublished"]["intake"] == 1
    assert await lost.new.states() == {"planned": 1}


async def test_a_full_database_and_a_running_service_are_refused(lost: Lost) -> None:
    await lost.back_up()
    async with relaying(lost.new.database, Heard()) as relay:
        await eventually(lambda: relay.is_leader)
        with pytest.raises(Stopped, match="intake is running here; stop the services"):
            await lost.restore()
    await record(lost.new.database, heard_notices(2))
    with pytest.raises(Stopped, match="2 leaves of the audit log already"):
        await lost.restore()


async def test_a_log_that_was_signed_beyond_the_backup_needs_a_new_name(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = CheckpointSigner(lost.old.database, LOG, (), lambda: MOMENT, Metrics("audit"))
    await record(lost.old.database, heard_notices(3))
    await signer.sign_news()
    await lost.back_up()
    await record(lost.old.database, heard_notices(2))
    checkpoint = await signer.sign_news()
    assert checkpoint is not None
    note = checkpoint.signed_by(LOG)
    data = CheckpointPublished(origin=LOG.name, size=checkpoint.size, root=checkpoint.root_text, note=note)
    await lost.publish(make_event(data, source=source_of("audit"), of=id_at(MOMENT, note.encode()), time=MOMENT))
    with pytest.raises(Stopped, match=f"signed up to 5 leaves, and this backup has 3.*AUDIT_ORIGIN={LOG.name}/2"):
        await lost.restore()
    monkeypatch.setenv("AUDIT_ORIGIN", f"{LOG.name}/2")
    monkeypatch.setenv("AUDIT_FORMER_VERIFIER_KEYS", json.dumps([str(LOG.verifier)]))
    await lost.restore()
    renamed = Signer(f"{LOG.name}/2", LOG.seed)
    await record(lost.new.database, heard_notices(2))
    again = CheckpointSigner(lost.new.database, renamed, (LOG.verifier,), lambda: MOMENT, Metrics("audit"))
    assert await again.sign_news() is not None
    verdict = await inspect(lost.target.dsn, [renamed.verifier, LOG.verifier], lambda _done, _total: None)
    assert (verdict.ok, verdict.leaves) == (True, 5)


async def test_a_mail_that_was_tried_at_that_moment_and_did_not_leave_is_still_to_be_sent(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lost.old.planner.plan([await a_request(lost.old, accepted_event) for _ in range(2)])
    await lost.old.rows("UPDATE notifier.notices SET state = 'sending', sender = gen_random_uuid()")
    dumped = take._dump

    async def dump_while_the_relay_refuses_one(*arguments: Any) -> None:
        await dumped(*arguments)
        first = "SELECT notice_id FROM notifier.notices ORDER BY notice_id LIMIT 1"
        await lost.old.rows(f"UPDATE notifier.notices SET state = 'planned' WHERE notice_id = ({first})")

    monkeypatch.setattr(take, "_dump", dump_while_the_relay_refuses_one)
    monkeypatch.setattr(take, "SENDING_SECONDS_MAX", 0.5)
    await lost.back_up()
    await lost.restore()
    assert await lost.new.states() == {"planned": 1, "sending": 1}


async def test_mails_that_may_have_left_are_held_and_said_to_be(lost: Lost) -> None:
    await lost.old.planner.plan([await a_request(lost.old, accepted_event) for _ in range(3)])
    await lost.back_up()
    assert (await lost.restore(holds_mails=True))["held_mails"] == 3
    async with running(lost.new):
        await lost.new.settled(indeterminate=3)
    assert await lost.new.announced() == {"NoticeIndeterminate": 3}
