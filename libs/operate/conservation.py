"""Is every accepted request accounted for, and which records did nobody read? Intake and Kafka's offsets tell.

Intake counts each request once, in one snapshot: decided, dead, on its way, or none of these, which is the balance. So
the sum is true at rest and under load, and no error of one kind hides one of another (services/intake/undecided).
"""

from collections.abc import Mapping
from typing import Any

from libs.delivery.kafka import KafkaSettings
from libs.delivery.positions import Gap
from libs.events.topics import SERVICES, TOPICS, is_read_whole
from libs.operate import broker

SUMS = ("accepted", "routed", "held", "dead", "in_flight", "balance")


def sums_of(intake: Mapping[str, Any] | None) -> dict[str, int | None]:
    """accepted = routed + held + dead + in flight + balance; None where intake does not say."""
    said = (intake or {}).get("conservation") or {}
    return {name: said.get(name) for name in SUMS}


async def gaps(settings: KafkaSettings) -> list[tuple[str, Gap]]:
    """Records that are gone and were not read, by service, as far as the groups' positions still tell."""
    present = await broker.partitions(settings, TOPICS)
    async with broker.connected(settings) as reader:
        held = await broker.spans(reader, (at for parts in present.values() for at in parts))
    return [
        (service, Gap(at.topic, at.partition, offset, held[at].first))
        for service in SERVICES
        for at, offset in sorted((await broker.committed(settings, service)).items())
        if at in held and offset < held[at].first and not is_read_whole(TOPICS[at.topic], service)
    ]
