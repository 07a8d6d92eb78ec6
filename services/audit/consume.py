"""How do events reach the log? Every topic that audit reads goes to `record`, as it came."""

from collections.abc import Mapping, Sequence

import structlog

from libs.delivery.connections import Connections
from libs.delivery.messages import Handler, Incoming
from libs.events.topics import topics_read_by
from libs.service.metrics import Metrics
from services.audit.record import record
from services.audit.rules import Heard

log = structlog.get_logger(__name__)


def handlers(database: Connections, metrics: Metrics) -> Mapping[str, Handler]:
    async def on_heard(batch: Sequence[Incoming]) -> None:
        new = await record(database, [heard(incoming) for incoming in batch])
        metrics.count("leaves_total", len(new))
        for one in new:
            if one.of is not None:
                metrics.count("other_content_total")
                place = one.heard
                log.error(
                    "other_content", id=str(one.of), topic=place.topic, partition=place.partition, offset=place.offset
                )

    return {topic.name: on_heard for topic in topics_read_by("audit")}


def heard(incoming: Incoming) -> Heard:
    return Heard(incoming.event, incoming.topic, incoming.partition, incoming.offset, incoming.value or b"")
