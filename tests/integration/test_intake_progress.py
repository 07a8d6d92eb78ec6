"""Does what routers, departments and notifiers say become the request's status, in order and only once?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.delivery.errors import Rejected
from libs.events.envelope import Event
from libs.events.identity import make_event, new_request_id
from libs.events.models import NoticeSent, RequestAccepted
from libs.events.topics import REQUESTS_PROGRESSED
from libs.privacy.seal import unseal
from services.intake import store
from services.intake.standing import Report
from services.intake.submission import Receipt
from tests.integration.intake_parts import Intake, routed
from tests.stack import FreshDatabase
from tests.unit.directory_packs import AT
from tests.unit.intake_submissions import submission


@pytest.fixture
async def intake(fresh_database: FreshDatabase) -> AsyncIterator[Intake]:
    intake = Intake.on(fresh_database.dsn)
    yield intake
    await intake.database.close()


async def one_request(intake: Intake, number: str = "n-1") -> RequestAccepted:
    (receipt,) = await intake.acceptance.accept_batch([submission(number)])
    assert isinstance(receipt, Receipt)
    return await intake.accepted(receipt.request_id)


async def one_routed(intake: Intake) -> RequestAccepted:
    accepted = await one_request(intake)
    await intake.projection.apply_decisions([routed(accepted)])
    return accepted


def report(state: str, department: str = "metro-voirie", **more: Any) -> Report:
    return Report.model_validate({"state": state, "department": department, **more})


def notice(accepted: RequestAccepted, attempts: int = 1) -> Event:
    data = NoticeSent(
        notice_id=uuid4(),
        request_id=accepted.request_id,
        audience="citizen",
        kind="routed",
        channel="email",
        recipient="5f" * 32,
        language="en",
        attempts=attempts,
    )
    return make_event(data, source="urn:guichet:notifier", of=accepted.request_id, time=AT + timedelta(seconds=1))


async def kept(intake: Intake, accepted: RequestAccepted) -> store.Kept:
    async with intake.database.connection() as conn:
        found = await store.read_request(conn, accepted.request_id)
    assert found is not None
    return found


async def shown(intake: Intake, accepted: RequestAccepted) -> tuple[str, list[str], str]:
    status = await intake.statuses.by_id(accepted.request_id)
    assert status is not None
    return status.state, [step.kind for step in status.history], status.sentence["en"]


async def test_a_routed_request_says_who_takes_care_of_it(intake: Intake) -> None:
    accepted = await one_routed(intake)
    state, steps, sentence = await shown(intake, accepted)
    assert (state, steps) == ("routed", ["accepted", "routed"])
    assert sentence == "metro-voirie takes care of it."


async def test_hearing_a_decision_twice_changes_nothing(intake: Intake) -> None:
    accepted = await one_request(intake)
    event = routed(accepted)
    await intake.projection.apply_decisions([event, event])
    await intake.projection.apply_decisions([event])
    assert (await shown(intake, accepted))[1] == ["accepted", "routed"]
    counts = await intake.statuses.counts()
    assert (counts["accepted"], counts["routed"], counts["undecided"]) == (1, 1, 0)
    assert await intake.number_of("intake.inbox") == 2  # the decision, and that its question is answered


async def test_a_decision_about_an_unknown_request_holds_up_nobody(intake: Intake) -> None:
    accepted = await one_request(intake)
    stranger = accepted.model_copy(update={"request_id": new_request_id()})
    await intake.projection.apply_decisions([routed(stranger), routed(accepted)])
    assert (await shown(intake, accepted))[0] == "routed"


async def test_two_processes_that_hear_the_same_batch_count_it_once(intake: Intake) -> None:
    events = [routed(await one_request(intake, f"n-{number}")) for number in range(20)]
    orders = [events, events[::-1], events[10:] + events[:10]]
    await asyncio.gather(*(intake.projection.apply_decisions(order) for order in orders))
    counts = await intake.statuses.counts()
    assert (counts["accepted"], counts["routed"], counts["undecided"]) == (20, 20, 0)


async def test_a_decision_that_meets_a_report_sees_what_the_report_did(intake: Intake) -> None:
    accepted = await one_request(intake)
    standing = replace((await kept(intake, accepted)).standing, state="started", department="desk")
    async with intake.database.transaction() as conn:
        await store.lock_request(conn, accepted.request_id)
        deciding = asyncio.create_task(intake.projection.apply_decisions([routed(accepted)]))
        await asyncio.wait({deciding}, timeout=0.5)
        await store.keep_moved(conn, standing, AT)
    await deciding
    assert (await kept(intake, accepted)).standing == standing


async def test_a_notice_is_a_line_of_the_history_and_moves_nothing(intake: Intake) -> None:
    accepted = await one_routed(intake)
    event = notice(accepted)
    await intake.projection.apply_notices([event, event])
    await intake.projection.apply_notices([event])
    state, steps, sentence = await shown(intake, accepted)
    assert (state, steps) == ("routed", ["accepted", "routed", "notice_sent"])
    assert sentence == "metro-voirie takes care of it."


async def test_a_report_moves_the_request_and_is_announced_once(intake: Intake) -> None:
    accepted = await one_routed(intake)
    for _ in range(2):
        done = await intake.progress.report(accepted.request_id, report("started"), "works")
        assert (done.state, done.reference) == ("started", accepted.reference)
    said = (await intake.announced())[1:]
    assert [(one["topic"], one["ce_type"]) for one in said] == [(REQUESTS_PROGRESSED, "guichet.RequestStarted.v1")]
    assert (said[0]["department"], said[0]["by"], said[0]["contact"]) == ("metro-voirie", "works", accepted.contact)
    assert said[0]["ce_causationid"] == str(routed(accepted).id)


async def test_parallel_reports_take_effect_one_after_the_other(intake: Intake) -> None:
    accepted = await one_routed(intake)
    said = [report("started"), report("acknowledged"), report("resolved", outcome_code="solved")] * 3
    calls = (intake.progress.report(accepted.request_id, one, "works") for one in said)
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert all(not isinstance(one, Exception) or isinstance(one, Rejected) for one in answers)
    steps = [step for step in (await shown(intake, accepted))[1] if step in ("acknowledged", "started", "resolved")]
    assert len(steps) == len(set(steps)) == len(await intake.announced()) - 1
    assert (await shown(intake, accepted))[0] == "resolved"


async def test_a_refusal_carries_the_request_to_the_next_owner(intake: Intake) -> None:
    accepted = await one_routed(intake)
    refused = report("refused", reason="not our road")
    assert (await intake.progress.report(accepted.request_id, refused, "works")).state == "accepted"
    (said,) = (await intake.announced())[1:]
    assert (said["hops"], said["refusers"], said["reason"]) == (1, ["metro-voirie"], "not our road")
    assert RequestAccepted.model_validate(said["accepted"]) == accepted
    await intake.projection.apply_decisions([routed(accepted, hops=0, at=AT + timedelta(seconds=5))])
    assert (await shown(intake, accepted))[0] == "accepted"
    await intake.projection.apply_decisions([routed(accepted, hops=1, department="state-roads")])
    state, steps, _ = await shown(intake, accepted)
    assert (state, steps[-1]) == ("routed", "routed")
    again = await intake.progress.report(accepted.request_id, refused, "works")
    assert again.state == "routed"
    assert len(await intake.announced()) == 2


async def test_a_report_out_of_turn_is_a_conflict_and_leaves_nothing(intake: Intake) -> None:
    accepted = await one_request(intake)
    with pytest.raises(Rejected) as caught:
        await intake.progress.report(accepted.request_id, report("started"), "works")
    assert caught.value.slug == "transition-not-allowed"
    assert len(await intake.announced()) == 1
    assert (await intake.statuses.counts())["undecided"] == 1


async def test_a_note_is_sealed_and_cannot_be_added_after_erasure(intake: Intake) -> None:
    accepted = await one_routed(intake)
    await intake.progress.report(accepted.request_id, report("acknowledged", note="call the owner"), "works")
    said = (await intake.announced())[-1]
    async with intake.database.connection() as conn:
        key = (await intake.vault.keys(conn, [accepted.request_id]))[accepted.request_id]
        assert unseal(key, accepted.request_id, "note", said["note"]) == b"call the owner"
        await conn.execute("DELETE FROM vault.request_keys")
    with pytest.raises(Rejected) as caught:
        await intake.progress.report(accepted.request_id, report("started", note="x"), "works")
    assert caught.value.slug == "erased"


async def test_the_counts_follow_every_move(intake: Intake) -> None:
    accepted = await one_routed(intake)
    await one_request(intake, "n-2")
    resolved = report("resolved", outcome_code="no_action", reason="the light is off at night")
    await intake.progress.report(accepted.request_id, resolved, "works")
    counts = await intake.statuses.counts()
    assert counts == {
        "accepted": 2,
        "routed": 1,
        "held": 0,
        "undecided": 1,
        "acknowledged": 0,
        "started": 0,
        "resolved": 1,
    }


async def test_a_status_is_seen_by_its_token_and_by_no_other(intake: Intake) -> None:
    (receipt,) = await intake.acceptance.accept_batch([submission("n-1")])
    assert isinstance(receipt, Receipt)
    status = await intake.statuses.by_token(receipt.token)
    assert status is not None
    assert status.request_id == receipt.request_id
    forged = receipt.token[:-4] + ("AAAA" if receipt.token[-4:] != "AAAA" else "BBBA")
    assert await intake.statuses.by_token(forged) is None
    assert await intake.statuses.by_token("x" * 43) is None
