"""Which checkpoints of the log were published? Read from their topic, out of reach of whoever changes rows."""

from collections.abc import Callable

from libs.delivery.kafka import KafkaSettings
from libs.events.audit import CheckpointPublished
from libs.events.cloudevents import decode
from libs.events.envelope import InvalidEvent
from libs.events.topics import AUDIT_CHECKPOINTS
from libs.ledger.verify import CheckpointRow
from libs.operate import broker
from libs.operate.broker import Span

# The newest, of each partition: a day of a log that is signed every second, a year of one with 270 news a day. An older
# one that is contradicted is so by all after it, for each covers all that was before.
PUBLISHED_RECORDS_MAX = 100_000


async def published_checkpoints(
    settings: KafkaSettings, origin: str, read_so_far: Callable[[int, int], None]
) -> list[CheckpointRow]:
    """Those under the log's name, each once; not verified. Raises `Away` when Kafka does not answer."""
    found: dict[str, CheckpointRow] = {}
    places = (await broker.partitions(settings, [AUDIT_CHECKPOINTS])).get(AUDIT_CHECKPOINTS, [])
    async with broker.connected(settings) as reader:
        held = await broker.spans(reader, places)
        wanted = {at: Span(max(span.first, span.end - PUBLISHED_RECORDS_MAX), span.end) for at, span in held.items()}
        total = sum(span.records for span in wanted.values())
        async for record in broker.read(reader, wanted, lambda done: read_so_far(done, total)):
            try:
                told = decode(record.value, record.headers).data
            except InvalidEvent:
                continue  # whatever strangers put there
            if isinstance(told, CheckpointPublished) and told.origin == origin:
                found[told.note] = CheckpointRow(told.size, told.note, is_published=True)
    return list(found.values())
