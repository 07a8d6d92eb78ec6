"""Do intake, on a real database, and the router, on a real broker, bring a person's choice to an end, also twice?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from libs.delivery.kafka import KafkaSettings
from libs.delivery.publisher import Publisher
from libs.delivery.release_parts import release_events
from libs.delivery.releases import Releases
from libs.events.cloudevents import decode
from libs.events.envelope import Event
from libs.events.models import RequestAccepted
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED, REQUESTS_ROUTED
from libs.service.metrics import Metrics
from services.intake.submission import Receipt
from services.router.consume import handlers
from services.router.route import Router
from tests.brokers import Kafka
from tests.integration.intake_parts import Intake, events_said
from tests.integration.triage_parts import ON_THE_BORDER, SMALL, assign, report, stands
from tests.stack import FreshDatabase
from tests.unit.intake_submissions import submission
from tests.unit.router_requests import incoming
from tests.wire import read_all


class Both:
    """What intake says goes to the router, and what the router published comes back to intake, from the broker."""

    def __init__(self, intake: Intake, router: Router, bootstrap: str) -> None:
        self.intake, self._handlers, self._bootstrap = intake, handlers(router), bootstrap

    async def go_round(self, request: RequestAccepted) -> list[Event]:
        """Everything is heard once more each time: delivery is at least once."""
        for event in await events_said(self.intake):
            topic = REQUESTS_ACCEPTED if isinstance(event.data, RequestAccepted) else REQUESTS_PROGRESSED
            assert not await self._handlers[topic]([incoming(event, topic)])
        records = await asyncio.to_thread(read_all, self._bootstrap, REQUESTS_ROUTED)
        ours = [decode(one.value, one.headers) for one in records if one.key == str(request.request_id).encode()]
        for event in ours:
            await self.intake.projection.apply_decisions([event])
        return ours


@pytest.fixture
async def both(fresh_database: FreshDatabase, topics: Kafka) -> AsyncIterator[Both]:
    settings = KafkaSettings(bootstrap_servers=topics.bootstrap)
    publisher, releases = Publisher(settings), Releases(settings)
    now = datetime.now(UTC)
    await publisher.publish(release_events(SMALL, now, now))
    reading = asyncio.create_task(releases.run())
    async with asyncio.timeout(60):
        while not releases.is_ready:  # noqa: ASYNC110  what is waited for is on the broker
            await asyncio.sleep(0.05)
    intake = Intake.on(fresh_database.dsn, SMALL)
    yield Both(intake, Router(releases, publisher, Metrics("router")), topics.bootstrap)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await publisher.stop()
    await intake.database.close()


async def test_a_choice_goes_to_the_router_and_comes_back_as_the_owner(both: Both) -> None:
    (receipt,) = await both.intake.acceptance.accept_batch([submission(service="lamp", place=ON_THE_BORDER)])
    assert isinstance(receipt, Receipt)
    request = await both.intake.accepted(receipt.request_id)
    await both.go_round(request)
    assert await stands(both.intake, request) == ("held", "metro-accueil")
    await assign(both.intake, request, "aval-accueil", comment="on your side")
    decisions = await both.go_round(request)
    assert await stands(both.intake, request) == ("routed", "aval-accueil")
    assert len({event.id for event in decisions}) == 2  # held once, routed once, however often they were said
    await report(both.intake, request, "refused", "aval-accueil")
    await both.go_round(request)
    assert await stands(both.intake, request) == ("held", "metro-accueil")
    await assign(both.intake, request, "bourg-accueil")
    decisions = await both.go_round(request)
    assert await stands(both.intake, request) == ("routed", "bourg-accueil")
    assert len({event.id for event in decisions}) == 4
    assert await report(both.intake, request, "resolved", "bourg-accueil") == "resolved"
    await both.go_round(request)  # the whole past once more
    assert await stands(both.intake, request) == ("resolved", "bourg-accueil")
    counts = await both.intake.statuses.counts()
    assert (counts["accepted"], counts["resolved"], counts["held"], counts["undecided"]) == (1, 1, 0, 0)
