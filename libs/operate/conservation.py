"""Is every accepted request accounted for? What intake counts, against what is found on its way, measured elsewhere.

The counts come from intake, the way from Kafka's own offsets and the outbox. They are taken one after the other, so
under load they differ for a moment; at rest the balance is zero.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition

from libs.delivery.kafka import KafkaSettings
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_ROUTED, dead_topic
from libs.operate import broker

ORIGIN_HEADER = "guichet-dead-topic"
SUMS = ("accepted", "routed", "held", "dead", "in_flight", "balance")
TRIES_MAX = 5  # a request that moves between two looks is counted twice or not at all
PAUSE_SECONDS = 0.2


def conservation(
    counts: Mapping[str, int], *, outbox_rows: int, router_lag: int, intake_lag: int, dead: int
) -> dict[str, int]:
    """accepted = routed + held + dead + in flight; `balance` is what is missing (+) or too much (-)."""
    accepted, routed, held = (counts.get(name, 0) for name in ("accepted", "routed", "held"))
    in_flight = outbox_rows + router_lag + intake_lag
    return {
        "accepted": accepted,
        "routed": routed,
        "held": held,
        "dead": dead,
        "in_flight": in_flight,
        "balance": accepted - routed - held - dead - in_flight,
    }


async def measure(settings: KafkaSettings, intake: Mapping[str, Any] | None) -> dict[str, int] | dict[str, None]:
    """The present balance, for one `/status` of intake; only intake knows how many were accepted."""
    router_lag, intake_lag, dead = await asyncio.gather(
        lag(settings, "router", REQUESTS_ACCEPTED), lag(settings, "intake", REQUESTS_ROUTED), dead_requests(settings)
    )
    if intake is None:
        return dict.fromkeys(SUMS)
    return conservation(
        intake.get("counts") or {},
        outbox_rows=int(intake.get("outbox_rows") or 0),
        router_lag=router_lag,
        intake_lag=intake_lag,
        dead=dead,
    )


async def lag(settings: KafkaSettings, service: str, topic: str) -> int:
    """How many records of the topic the service's group has not committed."""
    of = (await broker.partitions(settings, [topic])).get(topic, [])
    offsets = await broker.committed(settings, service)
    async with broker.connected(settings) as reader:
        held = await broker.spans(reader, of)
    return sum(span.end - max(offsets.get(partition, 0), span.first) for partition, span in held.items())


async def dead_requests(settings: KafkaSettings) -> int:
    """How many different requests the router gave up on before they had an owner."""
    topic = dead_topic("router")
    if topic not in await broker.partitions(settings, [topic]):
        return 0
    found = set()
    async with broker.connected(settings) as reader:
        held = await broker.spans(reader, [TopicPartition(topic, 0)])
        async for record in broker.read(reader, held, lambda _: None):
            if dict(record.headers).get(ORIGIN_HEADER) == REQUESTS_ACCEPTED.encode():
                found.add(record.key)
    return len(found)
