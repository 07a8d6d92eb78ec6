"""Does the router find the stamped release on its topic, and does what it publishes come out the same twice?"""

import asyncio
from datetime import UTC, datetime

import pytest

from libs.delivery.errors import Rejected
from libs.delivery.kafka import KafkaSettings
from libs.delivery.publisher import Publisher
from libs.delivery.release_parts import release_events
from libs.delivery.releases import Releases
from libs.events.cloudevents import decode
from libs.events.identity import new_request_id
from libs.service.metrics import Metrics
from libs.service.process import Process
from libs.service.settings import load
from services.router import rules
from services.router.app import build
from services.router.route import Router
from services.router.settings import Settings
from tests.brokers import Kafka
from tests.unit.directory_packs import release_of
from tests.unit.router_requests import accepted_event
from tests.wire import read_all

SMALL = release_of()
UNPUBLISHED = release_of(postal="postal_code,municipality,cedex\n99100,T01,0\n")


async def test_a_request_is_routed_by_the_release_on_the_topic_and_twice_the_same(topics: Kafka) -> None:
    settings = KafkaSettings(bootstrap_servers=topics.bootstrap)
    publisher, releases = Publisher(settings), Releases(settings)
    now = datetime.now(UTC)
    await publisher.publish(release_events(SMALL, now, now))
    reading = asyncio.create_task(releases.run())
    async with asyncio.timeout(60):
        while not releases.is_ready:  # noqa: ASYNC110  what is waited for is on the broker
            await asyncio.sleep(0.05)
    router = Router(releases, publisher, Metrics("router"))
    event = accepted_event(SMALL, request_id=new_request_id())
    tasks = [task for one in (event, event) if (task := rules.task_in(one)) is not None]
    stranger = rules.task_in(accepted_event(UNPUBLISHED))
    assert stranger is not None
    refused = await router.route([*tasks, stranger])
    assert [(task, type(error), error.slug) for task, error in refused] == [(stranger, Rejected, "unknown-release")]
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await publisher.stop()
    records = await asyncio.to_thread(read_all, topics.bootstrap, "requests.routed.v1")
    first, second = (record for record in records if record.key == event.subject.encode())
    assert (first.value, first.headers) == (second.value, second.headers)
    assert decode(first.value, first.headers).causation_id == event.id


def test_it_is_put_together_from_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUICHET_POSTGRES_DSN", raising=False)
    process = Process(load(Settings), build, lambda: None)
    assert process.service.name == "router"
    assert process.service.reads_directory
    assert process.relay is None  # straight to Kafka: it keeps nothing
