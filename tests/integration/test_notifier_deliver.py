"""Does every notice leave once, whatever happens to the relay, the endpoints and the notifier itself?"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.notifier.destinations.watch import RelayWatch
from services.notifier.outcomes import UnknownOutcome
from tests.integration.notifier_parts import (
    MailSink,
    Notifier,
    a_request,
    forget_the_lease,
    running,
)
from tests.stack import FreshDatabase
from tests.unit.notifier_events import decided_event
from tests.unit.router_requests import accepted_event


@pytest.fixture
async def mail() -> AsyncIterator[MailSink]:
    sink = MailSink()
    await sink.open()
    yield sink
    await sink.close()


async def acknowledge(notifier: Notifier, count: int, prefix: str = "") -> None:
    """Plan so many mails."""
    emails = [f"{prefix}{number}@citizen.example" for number in range(count)]
    await notifier.planner.plan([await a_request(notifier, accepted_event, email=email) for email in emails])


# -- mail --------------------------------------------------------------------------------------------------------------


async def test_a_planned_mail_arrives_and_is_announced(fresh_database: FreshDatabase, mail: MailSink) -> None:
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        event = await a_request(notifier, decided_event, email="anna@citizen.example", language="en")
        await notifier.planner.plan([event])
        await notifier.settled(sent=2)
        assert await notifier.announced() == {"NoticeSent": 2}
        to_citizen = next(one for one in mail.mails if one["To"] == "anna@citizen.example")
        assert to_citizen["X-Envelope-To"] == "anna@citizen.example"
        assert "Roads will deal with it" in str(to_citizen["Subject"])
        assert "https://guichet.example/r/" + "t" * 43 in to_citizen.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        rows = await notifier.rows("SELECT sealed, facts, message_id FROM notifier.notices")
        assert {(row["sealed"], row["facts"]) for row in rows} == {(None, None)}  # what was told is forgotten
        assert {row["message_id"] for row in rows} == {str(one["Message-ID"]) for one in mail.mails}


async def test_many_mails_share_a_few_connections(fresh_database: FreshDatabase, mail: MailSink) -> None:
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        await acknowledge(notifier, 150)
        await notifier.settled(sent=150)
    assert len(mail.mails) == 150
    assert mail.times_each_came() == {1}
    assert mail.connections <= 8


async def test_a_relay_that_comes_back_gets_each_mail_once(fresh_database: FreshDatabase) -> None:
    mail = MailSink()
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        await acknowledge(notifier, 40)
        await until_paused(notifier)
        await notifier.settled(planned=40)
        tried = await notifier.rows("SELECT 1 FROM notifier.notices WHERE attempts > 0")
        assert len(tried) <= 8  # an outage costs one notice of each group an attempt, not all that wait
        await mail.open()
        await notifier.make_all_due()
        await notifier.settled(sent=40)
        await mail.close()
    assert mail.times_each_came() == {1}


async def until_paused(notifier: Notifier) -> None:
    query = "SELECT 1 FROM notifier.destinations WHERE paused_until IS NOT NULL AND failures > 0"
    async with asyncio.timeout(30):
        while not await notifier.rows(query):  # noqa: ASYNC110  the database is asked
            await asyncio.sleep(0.05)


async def test_a_mailbox_that_does_not_exist_is_given_up_loudly(fresh_database: FreshDatabase, mail: MailSink) -> None:
    mail.answers["gone@citizen.example"] = "550 5.1.1 <gone@citizen.example>: no such mailbox"
    mail.answers["full@citizen.example"] = "452 4.2.2 mailbox full"
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        for name in ("gone", "full", "fine"):
            await notifier.planner.plan([await a_request(notifier, accepted_event, email=f"{name}@citizen.example")])
        await notifier.settled(failed=1, planned=1, sent=1)
        failed = await notifier.rows("SELECT reason, attempts FROM notifier.notices WHERE state = 'failed'")
        assert [tuple(row) for row in failed] == [("smtp 550 5.1.1", 1)]  # the server's words name a person: not kept
        waiting = await notifier.rows("SELECT reason, due_at > now() FROM notifier.notices WHERE state = 'planned'")
        assert [tuple(row) for row in waiting] == [("smtp 452 4.2.2", True)]
        del mail.answers["full@citizen.example"]
        await notifier.make_all_due()
        await notifier.settled(failed=1, sent=2)
        assert await notifier.announced() == {"NoticeSent": 2, "NoticeFailed": 1}


async def test_a_relay_that_refuses_us_gets_every_letter_once_it_takes_them(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    mail.to_all = "554 5.7.1 Relay access denied"
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        watch = RelayWatch(notifier.database)
        await acknowledge(notifier, 60)
        for _ in range(6):  # days, as far as the schedule knows
            await until_paused(notifier)
            await notifier.settled(planned=60)
            await notifier.make_all_due()
        assert await watch.checks() == {"relay": False}
        (alarm,) = watch.alarms()
        assert (alarm["kind"], alarm["reason"]) == ("relay-away", "smtp 554 5.7.1")
        most = await notifier.rows("SELECT max(attempts) AS attempts FROM notifier.notices")
        assert most[0]["attempts"] <= 2  # those that met it before it was clear whom it is about
        mail.to_all = None
        await notifier.make_all_due()
        await notifier.settled(sent=60)
        assert (await watch.checks(), watch.alarms()) == ({"relay": True}, [])
    assert mail.times_each_came() == {1}


async def test_one_mailbox_that_takes_nothing_from_us_stops_nobody_elses_mail(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    mail.answers["odd@citizen.example"] = "550 5.7.1 only friends write here"
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        await notifier.planner.plan([await a_request(notifier, accepted_event, email="odd@citizen.example")])
        await acknowledge(notifier, 30)
        await notifier.settled(planned=1, sent=30)
        assert not await notifier.rows("SELECT 1 FROM notifier.destinations WHERE paused_until IS NOT NULL")
        await notifier.rows("UPDATE notifier.notices SET attempts = 16 WHERE state = 'planned'")  # four days later
        await notifier.make_all_due()
        await notifier.settled(failed=1, sent=30)


async def test_mailboxes_that_do_not_exist_slow_down_nobody(fresh_database: FreshDatabase, mail: MailSink) -> None:
    """A Postfix makes a line slow after ten refusals, so none of ours has as many."""
    mail.answers |= {f"gone{number}@citizen.example": "550 5.1.1 unknown" for number in range(60)}
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        await acknowledge(notifier, 60, "gone")
        await acknowledge(notifier, 20)
        await notifier.settled(failed=60, sent=20)
    assert max(mail.refusals.values()) < 10


async def test_what_was_erased_meanwhile_is_not_sent(fresh_database: FreshDatabase, mail: MailSink) -> None:
    notifier = Notifier.on(fresh_database.dsn, mail.port)
    await notifier.planner.plan([await a_request(notifier, decided_event, sealed={"description": "a hole"})])
    await notifier.rows("DELETE FROM vault.request_keys")
    async with running(notifier):
        await notifier.settled(failed=2)
        assert {row["reason"] for row in await notifier.rows("SELECT reason FROM notifier.notices")} == {"erased"}
    assert mail.mails == []


async def test_two_notifiers_never_send_the_same_notice_twice(fresh_database: FreshDatabase, mail: MailSink) -> None:
    first, second = (Notifier.on(fresh_database.dsn, mail.port) for _ in range(2))
    async with running(first), running(second):
        await asyncio.gather(acknowledge(first, 100, "a"), acknowledge(second, 100, "b"))
        await first.settled(sent=200)
        assert await first.announced() == {"NoticeSent": 200}
    assert mail.times_each_came() == {1}
    assert len(mail.mails) == 200


# -- stops and crashes -------------------------------------------------------------------------------------------------


async def test_a_clean_stop_leaves_nothing_in_doubt(fresh_database: FreshDatabase, mail: MailSink) -> None:
    mail.hang = asyncio.Event()
    notifier = Notifier.on(fresh_database.dsn, mail.port, group=4)
    await notifier.start()
    await acknowledge(notifier, 60)
    await mail.arrived.wait()
    stopping = asyncio.create_task(notifier.stop())
    await asyncio.sleep(0.2)
    mail.hang.set()
    await stopping
    again = Notifier.on(fresh_database.dsn, mail.port)
    assert set(await again.states()) == {"sent", "planned"}
    async with running(again):
        await again.settled(sent=60)
    assert mail.times_each_came() == {1}


@pytest.mark.parametrize(
    ("unknown", "state", "came", "announced"),
    [("hold", "indeterminate", 1, "NoticeIndeterminate"), ("resend", "sent", 2, "NoticeSent")],
)
async def test_a_mail_that_may_have_left_before_a_crash_is_held_or_sent_again_as_the_setting_says(
    fresh_database: FreshDatabase, mail: MailSink, unknown: UnknownOutcome, state: str, came: int, announced: str
) -> None:
    mail.hang = asyncio.Event()  # the mail is there, the answer is not
    victim = Notifier.on(fresh_database.dsn, mail.port, unknown=unknown)
    await victim.start()
    await acknowledge(victim, 1)
    await mail.arrived.wait()
    await victim.die()
    mail.hang.set()
    async with running(Notifier.on(fresh_database.dsn, mail.port, unknown=unknown)) as heir:
        await asyncio.sleep(0.3)
        assert await heir.states() == {"sending": 1}  # the lease of the dead has not run out
        await forget_the_lease(heir)
        await heir.recovery.take_up()
        await heir.make_all_due()
        await heir.settled(**{state: 1})
        assert await heir.announced() == {announced: 1}
    assert mail.times_each_came() == {came}  # under one Message-ID


async def test_an_answer_that_is_lost_is_in_doubt_like_a_crash(fresh_database: FreshDatabase, mail: MailSink) -> None:
    mail.hang = asyncio.Event()
    async with running(Notifier.on(fresh_database.dsn, mail.port, seconds_max=0.5)) as notifier:
        await acknowledge(notifier, 1)
        await notifier.settled(indeterminate=1)
        mail.hang.set()
    assert mail.times_each_came() == {1}


async def test_a_notifier_whose_lease_ran_out_begins_nothing(fresh_database: FreshDatabase, mail: MailSink) -> None:
    notifier = Notifier.on(fresh_database.dsn, mail.port)
    await acknowledge(notifier, 3)
    sending = asyncio.create_task(notifier.deliveries[0].run())
    await asyncio.sleep(1.0)
    assert await notifier.states() == {"planned": 3}
    await notifier.lease.renew()
    await notifier.settled(sent=3)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await notifier.database.close()
