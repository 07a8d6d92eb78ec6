"""What do the tests of delivery send? Small real events, and records as a consumer would read them."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from libs.delivery.publisher import outgoing
from libs.events.envelope import Event
from libs.events.identity import make_event, new_request_id, source_of
from libs.events.models import NoticeSent

TOPIC = "notices.sent.v1"


def a_notice(request_id: UUID | None = None, attempts: int = 1) -> Event:
    request_id = request_id or new_request_id()
    data = NoticeSent(
        notice_id=new_request_id(),
        request_id=request_id,
        audience="citizen",
        kind="routed",
        channel="email",
        recipient="a" * 64,
        language="fr",
        attempts=attempts,
    )
    return make_event(data, source=source_of("notifier"), of=request_id, time=datetime.now(UTC))


def a_record(event: Event, *, topic: str = TOPIC, partition: int = 0, offset: int = 0) -> Any:
    """What aiokafka would hand over: a ConsumerRecord's attributes."""
    record = outgoing(event)
    return SimpleNamespace(
        topic=topic,
        partition=partition,
        offset=offset,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
        timestamp=1,
    )


class NoText(str):
    """A header name that aiokafka's slow writer puts into a record as bytes that are no text."""

    def encode(self, *_how: str) -> bytes:
        return b"\xff\xfename"


async def eventually(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until it is so; how long it takes is no part of any promise."""
    import asyncio

    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  what is waited for is in another process
            await asyncio.sleep(0.02)
