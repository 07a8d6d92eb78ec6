"""Is a release of every municipality of a country published, loaded and decided by, through a real Kafka?"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from libs.delivery.kafka import KafkaSettings
from libs.delivery.publisher import Publisher
from libs.events.cloudevents import EVENT_BYTES_MAX, decode
from libs.events.envelope import Event
from libs.events.models import RequestRouted
from libs.events.topics import DIRECTORY_PUBLISHED, topic_of
from libs.operate.bench.asking import Asking
from libs.operate.bench.country import country
from libs.operate.publishing import present_releases, publish_release
from libs.operate.where import Addresses
from libs.service.metrics import Metrics
from services.router import rules
from services.router.route import Router
from tests.brokers import Kafka
from tests.unit.directory_packs import TERRITORY, release_of
from tests.wire import read_all

MUNICIPALITIES = 34_868  # of France in 2026
REQUESTS = 200
# Nobody decides by it unless stamped with it: other tests share the topic, and must not load a country.
IN_FORCE_FROM = datetime.now(UTC) + timedelta(days=365 * 50)


async def test_every_municipality_of_a_country_is_routed_by_a_release_from_the_topic(topics: Kafka) -> None:
    small = release_of(territory=TERRITORY.replace("code: small", "code: nation"))
    nation = country(small, MUNICIPALITIES, seed=1)
    system = Addresses(topics.bootstrap, "", "", "", "", "", "", Path())
    published = await publish_release(system, nation, IN_FORCE_FROM)
    assert published.is_new
    asked = [event for kind in ("code_point", "name") for event in _asked(nation, kind)]
    settings = KafkaSettings(bootstrap_servers=topics.bootstrap)
    publisher = Publisher(settings)
    async with present_releases(settings) as releases:
        router = Router(releases, publisher, Metrics("router"))
        assert await router.route([task for event in asked if (task := rules.task_in(event)) is not None]) == []
        loaded = await releases.require(nation.version)
    await publisher.stop()
    assert loaded is not nation
    assert loaded.to_bytes() == nation.to_bytes()
    assert len(loaded.municipalities) == MUNICIPALITIES
    answers = await _answers(topics.bootstrap, asked)
    assert set(answers) == {event.id for event in asked}
    for event in asked[:REQUESTS]:
        said = answers[event.id].data
        assert isinstance(said, RequestRouted)
        assert said.decision.municipality is not None
        assert said.decision.municipality.code == event.data.place.municipality_code  # type: ignore[attr-defined]
    await _holds_in_parts(topics.bootstrap, published.records)


def _asked(nation: Any, kind: Any) -> list[Event]:
    return Asking(nation, seed=2).batch(kind, REQUESTS).events


async def _answers(bootstrap: str, asked: list[Event]) -> dict[Any, Event]:
    keys = {event.subject.encode() for event in asked}
    records = await asyncio.to_thread(read_all, bootstrap, topic_of(RequestRouted.TYPE).name)
    events = [decode(record.value, record.headers) for record in records if record.key in keys]
    return {event.causation_id: event for event in events}


async def _holds_in_parts(bootstrap: str, count: int) -> None:
    """Each part is a record that a broker takes as it is shipped."""
    records = await asyncio.to_thread(read_all, bootstrap, DIRECTORY_PUBLISHED)
    own = [record for record in records if record.key is not None and record.key.startswith(b"nation/")]
    assert len(own) == count
    assert max(len(record.value or b"") for record in own) <= EVENT_BYTES_MAX
