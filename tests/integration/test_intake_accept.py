"""Is a request that was acknowledged kept, once, whichever door it came by and however often?"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest

from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.messages import Incoming
from libs.events.envelope import Event
from libs.events.identity import foreign_event_id
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_INBOUND
from libs.privacy.seal import unseal
from services.intake.consume import handlers
from services.intake.submission import Receipt
from tests.integration.intake_parts import Intake
from tests.stack import FreshDatabase
from tests.unit.directory_packs import COMPETENCES, release_of
from tests.unit.intake_submissions import submission, submitted

MACHINE = "urn:test:machine"


@pytest.fixture
async def intake(fresh_database: FreshDatabase) -> AsyncIterator[Intake]:
    intake = Intake.on(fresh_database.dsn)
    running = asyncio.create_task(intake.acceptance.run())
    yield intake
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await intake.database.close()


def inbound(source_id: str | None = None, ce_id: str | None = None, **changes: object) -> Incoming:
    ce_id = ce_id or uuid4().hex
    event = Event(
        id=foreign_event_id(MACHINE, ce_id),
        type="guichet.RequestSubmitted.v1",
        source=MACHINE,
        subject="",
        time=datetime.now(UTC),
        data=submitted(source_id=source_id, **changes),
        source_id=ce_id,
    )
    return Incoming(event, REQUESTS_INBOUND, 0, 0, None, b"", [], 0)


async def test_what_is_acknowledged_is_kept_sealed_and_announced(intake: Intake) -> None:
    receipt = await intake.acceptance.accept(submission("n-1"))
    (said,) = await intake.announced()
    assert said["topic"] == REQUESTS_ACCEPTED
    assert said["request_id"] == said["ce_subject"] == str(receipt.request_id)
    assert said["reference"] == receipt.reference
    assert said["ce_directoryversion"] == intake.releases.in_force("small", datetime.now(UTC)).version
    assert said["contact_channels"] == ["email"]
    assert await intake.number_of("intake.requests") == await intake.number_of("vault.request_keys") == 1


async def test_only_the_key_in_the_vault_opens_what_is_personal(intake: Intake) -> None:
    receipt = await intake.acceptance.accept(submission("n-1"))
    (said,) = await intake.announced()
    async with intake.database.connection() as conn:
        key = (await intake.vault.keys(conn, [receipt.request_id]))[receipt.request_id]
    contact = orjson.loads(unseal(key, receipt.request_id, "contact", said["contact"]))
    assert contact == {"email": "someone@citizen.example", "token": receipt.token}
    assert unseal(key, receipt.request_id, "description", said["description"]) == b"A hole as wide as a hand"


async def test_nothing_personal_and_no_token_is_stored_in_the_clear(intake: Intake) -> None:
    receipt = await intake.acceptance.accept(submission("n-1"))
    stored = str(
        [*await intake.rows("SELECT * FROM intake.requests"), *await intake.rows("SELECT * FROM intake.outbox")]
    )
    assert "someone@citizen.example" not in stored
    assert "as wide as a hand" not in stored
    assert receipt.token not in stored
    (row,) = await intake.rows("SELECT token_sha256 FROM intake.requests")
    assert row["token_sha256"] == hashlib.sha256(receipt.token.encode()).digest()


async def test_a_request_without_contact_has_nothing_to_seal(intake: Intake) -> None:
    await intake.acceptance.accept(submission("n-1", contact=None, description=None))
    (said,) = await intake.announced()
    assert "contact" not in said
    assert "description" not in said


async def test_handing_in_the_same_again_gets_the_same_answer(intake: Intake) -> None:
    first = await intake.acceptance.accept(submission("n-1"))
    again = await intake.acceptance.accept(submission("n-1"))
    assert again == first
    assert await intake.number_of("intake.requests") == await intake.number_of("intake.outbox") == 1
    assert await intake.number_of("vault.request_keys") == 1


async def test_another_content_under_the_same_number_is_told(intake: Intake) -> None:
    await intake.acceptance.accept(submission("n-1"))
    with pytest.raises(Rejected) as caught:
        await intake.acceptance.accept(submission("n-1", description="something else"))
    assert caught.value.slug == "idempotency-key-reused"


async def test_the_same_number_of_another_source_is_another_request(intake: Intake) -> None:
    first = await intake.acceptance.accept(submission("n-1"))
    other = await intake.acceptance.accept(submission("n-1", source="urn:test:other"))
    assert other.request_id != first.request_id


async def test_without_a_number_every_submission_is_a_request(intake: Intake) -> None:
    await asyncio.gather(*(intake.acceptance.accept(submission()) for _ in range(3)))
    assert await intake.number_of("intake.requests") == 3


async def test_twenty_at_once_by_both_doors_and_two_processes_are_one_request(
    intake: Intake, fresh_database: FreshDatabase
) -> None:
    second = Intake.on(fresh_database.dsn)
    running = asyncio.create_task(second.acceptance.run())
    by_kafka = handlers(second.acceptance, second.projection)[REQUESTS_INBOUND]
    http = [door.accept(submission("n-1")) for door in (intake.acceptance, second.acceptance) for _ in range(6)]
    answers = await asyncio.gather(*http, *(by_kafka([inbound("n-1"), inbound("n-1")]) for _ in range(4)))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await second.database.close()
    assert len({answer for answer in answers if isinstance(answer, Receipt)}) == 1
    assert [answer for answer in answers if isinstance(answer, list)] == [[]] * 4
    for table in ("intake.requests", "intake.outbox", "vault.request_keys"):
        assert await intake.number_of(table) == 1


async def test_groups_that_repeat_each_other_in_another_order_do_not_deadlock(intake: Intake) -> None:
    batch = [submission(f"n-{number}") for number in range(40)]
    orders = [batch, batch[::-1], batch[20:] + batch[:20], batch[::2] + batch[1::2]]
    answers = await asyncio.gather(*(intake.acceptance.accept_batch(order) for order in orders))
    assert len({answer for group in answers for answer in group}) == 40


async def test_a_bad_event_is_given_up_and_the_good_ones_beside_it_go_through(intake: Intake) -> None:
    on_submitted = handlers(intake.acceptance, intake.projection)[REQUESTS_INBOUND]
    batch = [inbound(), inbound(service="teleportation"), inbound()]
    (given_up,) = await on_submitted(batch) or ()
    assert given_up.incoming is batch[1]
    assert given_up.error.slug == "unknown-service"
    assert await intake.number_of("intake.requests") == 2


async def test_over_kafka_the_events_own_id_is_the_number_when_there_is_no_other(intake: Intake) -> None:
    on_submitted = handlers(intake.acceptance, intake.projection)[REQUESTS_INBOUND]
    await on_submitted([inbound(ce_id="e-1"), inbound(ce_id="e-1"), inbound(ce_id="e-2")])
    rows = await intake.rows("SELECT source, source_id FROM intake.requests ORDER BY source_id")
    assert [tuple(row) for row in rows] == [(MACHINE, "e-1"), (MACHINE, "e-2")]


async def test_what_was_accepted_once_stays_accepted_when_the_directory_changes(fresh_database: FreshDatabase) -> None:
    before = Intake.on(fresh_database.dsn)
    (first,) = await before.acceptance.accept_batch([submission("n-1", service="lamp")])
    services = "- code: pothole\n  names: {fr: Nid-de-poule, en: Pothole}\n"
    header, first_rule, *_ = COMPETENCES.splitlines()
    later = release_of(services=services, competences=f"{header}\n{first_rule}\n", rocade=None)
    after = Intake.on(fresh_database.dsn, release_of(), later)  # the topic keeps every release
    batch = [submission(number, service="lamp") for number in ("n-1", "n-2")]
    again, new = await after.acceptance.accept_batch(batch)
    assert again == first
    assert isinstance(new, Rejected)
    assert new.slug == "unknown-service"
    await before.database.close()
    await after.database.close()


async def test_a_failure_is_told_to_the_one_who_caused_it(intake: Intake) -> None:
    """The rules let no such source in; the database refuses it, and only it."""
    unkeepable = replace(submission("n-1"), traceparent="\ud800")
    good = [submission(f"n-{number}") for number in range(2, 6)]
    answers = await asyncio.gather(*map(intake.acceptance.accept, [*good, unkeepable]), return_exceptions=True)
    assert all(isinstance(answer, Receipt) for answer in answers[:4])
    assert isinstance(answers[4], UnicodeEncodeError)
    assert await intake.number_of("intake.requests") == 4


async def test_a_withdrawn_territory_is_refused_for_good_and_its_desk_goes_on(intake: Intake) -> None:
    await intake.acceptance.accept(submission("n-1"))
    intake.releases.withdrawn.add("small")
    with pytest.raises(Rejected) as caught:
        await intake.acceptance.accept(submission("n-2"))
    assert caught.value.slug == "unknown-territory"
    assert list(intake.queue.releases(None)) == ["small"]
    assert await intake.number_of("intake.requests") == 1


async def test_without_a_directory_nothing_is_refused_for_good(intake: Intake) -> None:
    intake.releases.is_ready = False
    with pytest.raises(Unavailable) as caught:
        await intake.acceptance.accept(submission("n-1"))
    assert caught.value.slug == "directory-away"


async def test_without_a_database_the_sender_is_asked_to_come_back() -> None:
    intake = Intake.on("postgresql://nobody@127.0.0.1:1/nothing")
    running = asyncio.create_task(intake.acceptance.run())
    with pytest.raises(Unavailable) as caught:
        await intake.acceptance.accept(submission("n-1"))
    assert caught.value.slug == "database-away"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_counts_are_those_of_the_requests(intake: Intake) -> None:
    await intake.acceptance.accept_batch([submission(f"n-{number % 7}") for number in range(10)])
    counts = await intake.statuses.counts()
    assert (counts["accepted"], counts["undecided"], counts["routed"], counts["held"]) == (7, 7, 0, 0)


async def test_an_event_of_another_kind_on_the_inbound_topic_is_put_aside(intake: Intake) -> None:
    await intake.acceptance.accept(submission("n-1"))
    (row,) = await intake.rows("SELECT request_id FROM intake.requests")
    accepted = await intake.accepted(row["request_id"])
    stray = replace(inbound(), event=replace(inbound().event, data=accepted, type=accepted.TYPE))
    (given_up,) = await handlers(intake.acceptance, intake.projection)[REQUESTS_INBOUND]([stray]) or ()
    assert given_up.error.slug == "wrong-topic"
