"""Are desks and departments told of what people must choose and have chosen, once, with the link that is theirs?"""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest

from libs.events.identity import new_request_id
from libs.events.topics import REQUESTS_ROUTED
from libs.privacy.links import ACTIONS, grant_in
from services.notifier.consume import handlers
from tests.integration.notifier_parts import LINK_KEY, SMALL, MailSink, Notifier, WebhookSink, a_request, running
from tests.stack import FreshDatabase
from tests.unit.directory_packs import TERRITORY, release_of
from tests.unit.notifier_events import decided_event, departments
from tests.unit.router_requests import assigned_event, incoming, refused_event
from tests.unit.test_router_rules import routed_by

ARBITRATED = release_of(territory=TERRITORY + "arbitration: state-roads\n")


@pytest.fixture
async def mail() -> AsyncIterator[MailSink]:
    sink = MailSink()
    await sink.open()
    yield sink
    await sink.close()


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def mail_to(sink: MailSink, address: str) -> EmailMessage:
    (found,) = [mail for mail in sink.mails if mail["To"] == address]
    return found


async def test_the_desk_is_told_of_a_held_request_and_where_to_choose(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        event = await a_request(notifier, decided_event, service=None, sealed={"description": "the canary sings"})
        await handlers(notifier.planner)[REQUESTS_ROUTED]([incoming(event), incoming(event, offset=1)])
        await notifier.settled(sent=2)
        told = mail_to(mail, "accueil@metro.example")
    text = text_of(told)
    assert f"https://guichet.example/triage/{event.subject}" in text
    assert "Accueil métropole" in text
    assert "canary" not in str(told)  # the console shows it, where each reading is recorded
    assert "/d/" not in text


async def test_too_many_refusals_go_to_the_arbitration_desk(fresh_database: FreshDatabase, mail: MailSink) -> None:
    strangers = [f"stranger-{number}" for number in range(ARBITRATED.territory.hops_max + 1)]
    event = routed_by(ARBITRATED, refused_event(ARBITRATED, strangers, contact=None, contact_channels=[]))
    async with running(Notifier.on(fresh_database.dsn, mail.port, ARBITRATED)) as notifier:
        await notifier.planner.plan([event])
        await notifier.settled(sent=1)
        (row,) = await notifier.rows("SELECT audience, kind FROM notifier.notices")
        assert tuple(row) == ("desk", "to_arbitrate")
        assert "routes@state.example" in str(mail_to(mail, "routes@state.example")["To"])


async def test_a_new_request_brings_a_link_that_answers_for_its_department(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        event = await a_request(notifier, decided_event)
        await notifier.planner.plan([event])
        await notifier.settled(sent=2)
        told = mail_to(mail, "voirie@metro.example")
        rows = await notifier.rows("SELECT n::text AS everything FROM notifier.notices n")
    (token,) = re.findall(r"https://guichet\.example/d/(\S+)", text_of(told))
    granted = grant_in(LINK_KEY, token)
    assert granted is not None
    assert (str(granted.request_id), granted.department) == (event.subject, "metro-voirie")
    assert granted.actions == frozenset(ACTIONS)
    html = told.get_body(("html",))
    assert html is not None
    assert f'<a href="https://guichet.example/d/{token}"' in html.get_content()
    assert not any(token in row["everything"] for row in rows)  # the ledger could otherwise answer for everybody


async def test_an_assignment_tells_both_departments_and_hands_over_the_comment(
    fresh_database: FreshDatabase, mail: MailSink
) -> None:
    request_id = new_request_id()
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        sealed = await notifier.seal_contact(
            request_id, "anna@citizen.example", description="dark", note="lane B, ask at the gate"
        )
        chosen = assigned_event(SMALL, "aval-accueil", previous="metro-voirie", request_id=request_id, **sealed)
        for _ in range(2):
            await notifier.planner.plan([chosen, routed_by(SMALL, chosen)])
        await notifier.settled(sent=3)
        new, former = text_of(mail_to(mail, "mairie@aval.example")), text_of(mail_to(mail, "voirie@metro.example"))
        citizen = mail_to(mail, "anna@citizen.example")
    assert "lane B, ask at the gate" in new
    assert "/d/" in new
    assert "/d/" not in former
    assert "Voirie" in former
    assert "lane B" not in str(citizen) + former


async def test_a_webhook_gets_the_comment_and_nothing_sealed(fresh_database: FreshDatabase, mail: MailSink) -> None:
    async with WebhookSink().open() as hook:
        release = release_of(departments=departments(hook.url))
        async with running(Notifier.on(fresh_database.dsn, mail.port, release)) as notifier:
            request_id = new_request_id()
            sealed = await notifier.seal_contact(request_id, "anna@citizen.example", description="dark", note="lane B")
            event = assigned_event(release, "metro-voirie", request_id=request_id, **sealed)
            await notifier.planner.plan([routed_by(release, event)])
            await notifier.settled(sent=3)
    ((_, body),) = hook.calls
    assert b'"note":"lane B"' in body
    assert b'"description":"dark"' in body
    assert b"v1." not in body
