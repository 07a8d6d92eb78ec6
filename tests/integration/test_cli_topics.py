"""Are all of a request's records found, however the topics' partitions were changed since?"""

from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from libs.delivery.kafka import KafkaSettings
from libs.delivery.publisher import outgoing
from libs.events.identity import new_request_id
from libs.operate import timeline
from libs.operate.commands import topics
from tests.brokers import Kafka
from tests.deliveries import a_notice
from tests.delivery_kafka import make_topics

NAME = "requests.accepted.v1"


async def test_a_record_is_traced_on_whatever_partition_it_is(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after partitions were added, or copied by a client with another idea of where a key belongs."""
    topic, request_id = f"t{uuid4().hex[:8]}.v1", new_request_id()
    monkeypatch.setattr(timeline, "BY_REQUEST", (topic,))
    monkeypatch.setattr(timeline, "DEAD", ())
    await make_topics(kafka, {topic: 3})
    events = [a_notice(request_id, attempts=number) for number in (1, 2, 3)]
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    for partition, event in enumerate(events):
        record = outgoing(event)
        await producer.send_and_wait(topic, record.value, record.key, partition, headers=list(record.headers))
    await producer.stop()
    found = await timeline.timeline(KafkaSettings(bootstrap_servers=kafka.bootstrap), request_id, lambda *_: None)
    assert {said.event.id for said in found if said.event} == {event.id for event in events}


def test_a_topic_with_another_number_of_partitions_than_the_map_is_named() -> None:
    def held(number: int) -> dict[str, object]:
        return {"exists": True, "partitions": dict.fromkeys(map(str, range(number))), "partitions_in_map": 6}

    (sentence,) = topics.other_partitions({NAME: held(12), "requests.routed.v1": held(6)})
    assert sentence.startswith(f"{NAME} has 12 partitions, the map says 6.")
