"""Does the status of a webhook decide, whatever follows it? At a server that writes what it is told, byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.notifier.channels.webhook import Doors, Webhooks
from services.notifier.letter import Letter, Limits
from services.notifier.outcomes import Answer, Deferred, Delivered, Unknown
from tests.small_servers import a_server

HEAD_ENDS = b"\r\n\r\n"


@asynccontextmanager
async def a_receiver(answer: bytes) -> AsyncIterator[str]:
    """Says this much after each POST, and then nothing more; the connection stays open."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(HEAD_ENDS):
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(answer)

    async with a_server(serve) as port:
        yield f"http://127.0.0.1:{port}/hook"


async def answers_to(url: str, letters: int, seconds_max: float) -> list[Answer]:
    doors = Doors(may_be_private=True, may_be_plain=True, seconds_max=seconds_max)
    channel = Webhooks(b"k" * 32, doors, Limits(1, 1, 8), lambda: datetime.now(UTC))
    async with channel.line(url) as line:
        return [await line.send(Letter(str(uuid4()), url, b"{}")) for _ in range(letters)]


@pytest.mark.parametrize(
    "begun",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n.\r\n",
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 5000\r\n\r\nthan",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nthis is no chunk\r\n",
    ],
)
async def test_a_webhook_that_was_taken_is_not_sent_again_for_a_body_that_never_ends(begun: bytes) -> None:
    async with a_receiver(begun) as url:
        assert await answers_to(url, letters=2, seconds_max=10.0) == [Delivered(), Delivered()]


async def test_a_webhook_refused_with_a_body_that_never_ends_is_refused() -> None:
    async with a_receiver(b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n") as url:
        assert await answers_to(url, letters=1, seconds_max=10.0) == [Deferred("http 404")]


async def test_a_webhook_without_a_status_may_have_arrived() -> None:
    async with a_receiver(b"HTTP/1.1 200 OK\r\nContent-") as url:
        assert await answers_to(url, letters=1, seconds_max=0.2) == [Unknown("answer-lost TimeoutError")]
