"""Does one person get one mail when the decision follows at once, and is “received” never lost when it does not?"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.events.envelope import Event
from libs.events.identity import new_request_id
from services.notifier.app import counts
from tests.integration.notifier_parts import SMALL, MailSink, Notifier, a_request, running
from tests.stack import FreshDatabase
from tests.unit.notifier_events import decided_event
from tests.unit.router_requests import accepted_event

HOUR_SECONDS = 3_600.0  # as good as for ever in a test
TO_CITIZEN = "SELECT kind, state FROM notifier.notices WHERE audience = 'citizen' ORDER BY kind"


@pytest.fixture
async def mail() -> AsyncIterator[MailSink]:
    sink = MailSink()
    await sink.open()
    yield sink
    await sink.close()


async def received_and_decided(notifier: Notifier, **changes: Any) -> tuple[Event, Event]:
    """Two events about one request."""
    received = await a_request(notifier, accepted_event, request_id=new_request_id())
    same = {"request_id": received.data.request_id, "contact": received.data.contact}  # type: ignore[attr-defined]
    return received, decided_event(SMALL, **same, **changes)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in-order", "out-of-order"])
@pytest.mark.parametrize(("service", "kind"), [("pothole", "routed"), (None, "held")])
async def test_one_mail_says_both_when_the_decision_follows_at_once(
    fresh_database: FreshDatabase, mail: MailSink, order: tuple[int, int], service: str | None, kind: str
) -> None:
    async with running(Notifier.on(fresh_database.dsn, mail.port, received_delay_seconds=HOUR_SECONDS)) as notifier:
        events = await received_and_decided(notifier, service=service)
        for place in order:
            await notifier.planner.plan([events[place]])
        await notifier.settled(sent=2, superseded=1)  # the other one goes to a department or a desk
        assert [tuple(row) for row in await notifier.rows(TO_CITIZEN)] == [
            ("acknowledged", "superseded"),
            (kind, "sent"),
        ]
        assert await notifier.announced() == {"NoticeSent": 2}
        assert (await counts(notifier.database))["waiting"] == 0
    assert len(mail.mails) == 2


async def test_received_is_not_lost_when_the_decision_is_late(fresh_database: FreshDatabase, mail: MailSink) -> None:
    async with running(Notifier.on(fresh_database.dsn, mail.port, received_delay_seconds=HOUR_SECONDS)) as notifier:
        received, decided = await received_and_decided(notifier)
        await notifier.planner.plan([received])
        assert await notifier.states() == {"planned": 1}
        await notifier.make_all_due()
        await notifier.settled(sent=1)
        await notifier.planner.plan([decided])
        await notifier.settled(sent=3)
    first, *rest = mail.subjects()
    assert "bien reçue" in first
    assert any("s’en occupe" in subject for subject in rest)


async def test_what_was_planned_at_the_same_moment_is_found_when_its_turn_comes(
    fresh_database: FreshDatabase, mail: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the notifier dies between planning and taking back."""
    async with running(Notifier.on(fresh_database.dsn, mail.port, received_delay_seconds=HOUR_SECONDS)) as notifier:
        monkeypatch.setattr(notifier.planner, "_supersede", _nothing)
        for event in await received_and_decided(notifier):
            await notifier.planner.plan([event])
        await notifier.settled(sent=2, planned=1)
        await notifier.make_all_due()
        await notifier.settled(sent=2, superseded=1)
    assert len(mail.mails) == 2


async def _nothing(_: object) -> None:
    return None
