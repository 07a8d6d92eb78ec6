"""Does every webhook reach its endpoint, signed, and does no endpoint hold up another?"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from standardwebhooks import Webhook as Signature
from starlette.responses import RedirectResponse, Response

from libs.directory import Release
from services.notifier.channels.webhook_secret import secret_for
from tests.integration.notifier_parts import (
    MASTER_KEY,
    MailSink,
    Notifier,
    WebhookSink,
    a_request,
    forget_the_lease,
    running,
    until,
)
from tests.stack import FreshDatabase
from tests.unit.directory_packs import release_of
from tests.unit.notifier_events import decided_event, departments


@pytest.fixture
async def mail() -> AsyncIterator[MailSink]:
    sink = MailSink()
    await sink.open()
    yield sink
    await sink.close()


@pytest.fixture
async def hook() -> AsyncIterator[WebhookSink]:
    async with WebhookSink().open() as sink:
        yield sink


def hooked(sink: WebhookSink) -> Release:
    return release_of(departments=departments(sink.url))


async def test_a_webhook_is_signed_as_standard_webhooks_says(
    fresh_database: FreshDatabase, mail: MailSink, hook: WebhookSink
) -> None:
    release = hooked(hook)
    async with running(Notifier.on(fresh_database.dsn, mail.port, release)) as notifier:
        event = await a_request(notifier, decided_event, release, sealed={"description": "a hole"})
        await notifier.planner.plan([event])
        await notifier.settled(sent=3)
    headers, body = hook.calls[0]
    verified = Signature(secret_for(MASTER_KEY, hook.url)).verify(body, headers)
    assert verified["type"] == "guichet.notice.new_request.v1"
    assert verified["data"]["description"] == "a hole"
    assert verified["data"]["decision"]["department"]["code"] == "metro-voirie"
    assert "contact" not in verified["data"]
    assert headers["host"] == f"127.0.0.1:{hook.port}"


async def test_a_webhook_is_tried_again_under_the_same_id(
    fresh_database: FreshDatabase, mail: MailSink, hook: WebhookSink
) -> None:
    hook.answers = [Response(status_code=500), Response(status_code=503, headers={"retry-after": "7200"})]
    async with running(Notifier.on(fresh_database.dsn, mail.port, hooked(hook))) as notifier:
        await notifier.planner.plan([decided_event(hooked(hook), contact=None)])
        await notifier.settled(planned=1, sent=1)
        await notifier.make_all_due()
        await until(lambda: len(hook.calls) == 2)
        await notifier.settled(planned=1, sent=1)
        waits = "SELECT extract(epoch FROM due_at - now()) AS s FROM notifier.notices WHERE state = 'planned'"
        assert (await notifier.rows(waits))[0]["s"] > 7000
        await notifier.make_all_due()
        await notifier.settled(sent=2)
    assert len(hook.calls) == 3
    assert len(set(hook.ids())) == 1
    assert len({body for _, body in hook.calls}) == 1


async def test_an_endpoint_that_says_no_while_it_is_deployed_gets_its_notice_afterwards(
    fresh_database: FreshDatabase, mail: MailSink, hook: WebhookSink
) -> None:
    hook.answers = [Response(status_code=404), RedirectResponse("http://127.0.0.1:9/")]
    async with running(Notifier.on(fresh_database.dsn, mail.port, hooked(hook))) as notifier:
        await notifier.planner.plan([decided_event(hooked(hook), contact=None)])
        for calls in (1, 2):
            await until(lambda calls=calls: len(hook.calls) == calls)  # type: ignore[misc]
            await notifier.settled(planned=1, sent=1)
            await notifier.make_all_due()
        await notifier.settled(sent=2)
    assert len(set(hook.ids())) == 1


async def test_an_endpoint_that_is_gone_is_not_called_again(
    fresh_database: FreshDatabase, mail: MailSink, hook: WebhookSink
) -> None:
    hook.answers = [Response(status_code=410)]
    async with running(Notifier.on(fresh_database.dsn, mail.port, hooked(hook))) as notifier:
        for expected in (1, 2):
            await notifier.planner.plan([await a_request(notifier, decided_event, hooked(hook), contact=None)])
            await notifier.settled(failed=expected, sent=expected)
        assert len(hook.calls) == 1


async def test_an_endpoint_that_hangs_holds_up_nobody_else(
    fresh_database: FreshDatabase, mail: MailSink, hook: WebhookSink
) -> None:
    hook.hang = asyncio.Event()
    slow = hooked(hook)
    async with (
        WebhookSink().open() as other,
        running(Notifier.on(fresh_database.dsn, mail.port, slow, hooked(other))) as notifier,
    ):
        for _ in range(20):
            await notifier.planner.plan([await a_request(notifier, decided_event, slow, contact=None)])
        await hook.arrived.wait()
        await notifier.planner.plan([await a_request(notifier, decided_event, hooked(other), contact=None)])
        await until(lambda: other.calls)
        assert len(hook.calls) <= 2  # lanes to one endpoint
        hook.hang.set()
        await notifier.settled(sent=42)
    assert len(hook.ids()) == len(set(hook.ids())) == 20


async def test_a_webhook_that_may_have_left_before_a_crash_goes_again_under_the_same_id(
    fresh_database: FreshDatabase, mail: MailSink, hook: WebhookSink
) -> None:
    hook.hang = asyncio.Event()
    victim = Notifier.on(fresh_database.dsn, mail.port, hooked(hook))
    await victim.start()
    await victim.planner.plan([decided_event(hooked(hook), contact=None)])
    await hook.arrived.wait()
    await victim.die()
    hook.hang.set()
    async with running(Notifier.on(fresh_database.dsn, mail.port, hooked(hook))) as heir:
        await forget_the_lease(heir)
        await heir.recovery.take_up()
        await heir.make_all_due()
        await until(lambda: len(hook.calls) == 2)
    assert len(set(hook.ids())) == 1


async def test_our_own_network_is_out_of_reach_unless_a_setting_allows_it(
    fresh_database: FreshDatabase, mail: MailSink, hook: WebhookSink
) -> None:
    async with running(Notifier.on(fresh_database.dsn, mail.port, hooked(hook), may_be_private=False)) as notifier:
        await notifier.planner.plan([decided_event(hooked(hook), contact=None)])
        await notifier.settled(planned=1, sent=1)
        rows = await notifier.rows("SELECT reason FROM notifier.notices WHERE state = 'planned'")
        assert [row["reason"] for row in rows] == ["address-not-public"]
    assert hook.calls == []
