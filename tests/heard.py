"""What could audit hear? Real events, encoded and decoded as Kafka carries them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import uuid_utils.compat

from libs.events.cloudevents import decode, encode
from libs.events.envelope import Event
from libs.events.identity import make_event, source_of
from libs.events.models import NoticeSent
from libs.events.topics import NOTICES_SENT
from services.audit.rules import Heard

MOMENT = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


def new_request() -> UUID:
    return uuid_utils.compat.uuid7()


def notice_sent(request_id: UUID, attempts: int = 1) -> Event:
    """Another number of attempts is another event."""
    data = NoticeSent(
        notice_id=uuid5(request_id, "notice"),
        request_id=request_id,
        audience="citizen",
        kind="routed",
        channel="email",
        recipient="5f" * 32,
        language="fr",
        attempts=attempts,
    )
    time = MOMENT + timedelta(seconds=attempts)
    return make_event(data, source=source_of("notifier"), of=request_id, causation_id=request_id, time=time)


def heard(event: Event, offset: int = 0, partition: int = 0) -> Heard:
    record = encode(event)
    return Heard(decode(record.value, record.headers), NOTICES_SENT, partition, offset, record.value)


def heard_notices(count: int, first: int = 0, request_id: UUID | None = None) -> list[Heard]:
    """`count` different events about one request, read from one partition in order."""
    about = request_id or new_request()
    return [heard(notice_sent(about, number), number) for number in range(first, first + count)]
