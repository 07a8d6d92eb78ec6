"""What becomes of a batch when a release is unknown, when Kafka is away, when an event comes twice?"""

import pytest

from libs.delivery.errors import KafkaAway
from libs.delivery.messages import Handler
from libs.directory import Release
from libs.events.cloudevents import encode
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED, topics_read_by
from libs.service.metrics import Metrics
from services.router.consume import handlers
from services.router.route import Router
from tests.unit.directory_packs import COMPETENCES, release_of
from tests.unit.router_requests import (
    Press,
    ShelfOfReleases,
    accepted_event,
    incoming,
    refused_event,
    started_event,
)

SMALL = release_of()
NEWER = release_of(
    competences=COMPETENCES.replace("P1,pothole,*,,metro,@decides:voirie", "P1,pothole,*,,state,state-roads")
)


def router(*releases: Release) -> tuple[dict[str, Handler], Press]:
    press = Press()
    shelf = ShelfOfReleases(*releases)
    return dict(handlers(Router(shelf, press, Metrics("router")))), press  # type: ignore[arg-type]  # what it needs of them is the same


def test_it_listens_to_the_topics_of_the_map() -> None:
    heard, _ = router()
    assert set(heard) | {"directory.published.v1"} == {topic.name for topic in topics_read_by("router")}


async def test_each_request_is_decided_by_the_release_stamped_on_it() -> None:
    heard, press = router(SMALL, NEWER)
    events = [accepted_event(SMALL), accepted_event(NEWER), accepted_event(SMALL)]
    await heard[REQUESTS_ACCEPTED]([incoming(event) for event in events])
    owners = [event.data.decision.department.code for event in press.published]  # type: ignore[attr-defined]
    assert owners == ["metro-voirie", "state-roads", "metro-voirie"]
    assert [event.causation_id for event in press.published] == [event.id for event in events]


async def test_a_release_that_does_not_exist_costs_only_its_own_requests() -> None:
    heard, press = router(SMALL)
    good, bad, unstamped = accepted_event(SMALL), accepted_event(NEWER), accepted_event(None)
    given_up = await heard[REQUESTS_ACCEPTED]([incoming(event) for event in (bad, good, unstamped)])
    assert given_up is not None
    assert [(one.incoming.event.id, one.error.slug) for one in given_up] == [  # type: ignore[union-attr]
        (bad.id, "unknown-release"),
        (unstamped.id, "no-release"),
    ]
    assert [event.causation_id for event in press.published] == [good.id]


async def test_while_kafka_is_away_the_same_batch_makes_the_same_bytes_again() -> None:
    heard, press = router(SMALL)
    batch = [incoming(accepted_event(SMALL)), incoming(refused_event(SMALL, ["metro-voirie"]))]
    press.trouble = KafkaAway()
    with pytest.raises(KafkaAway):
        await heard[REQUESTS_PROGRESSED](batch)
    press.trouble = None
    await heard[REQUESTS_PROGRESSED](batch)
    await heard[REQUESTS_PROGRESSED](batch)
    assert [encode(event) for event in press.published[:2]] == [encode(event) for event in press.published[2:]]


async def test_a_department_that_starts_work_makes_the_router_say_nothing() -> None:
    heard, press = router(SMALL)
    assert await heard[REQUESTS_PROGRESSED]([incoming(started_event(SMALL))]) == []
    assert press.published == []
