"""Is everybody who follows a request told once about each step, however many follow it?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import cast

import pytest

from libs.delivery.errors import DatabaseAway
from services.intake.status import Status
from services.intake.web.live import Live
from tests.unit.counter_desk import Desk
from tests.unit.test_counter_pages import request_page

ROUND_SECONDS = 0.005


class Watching:
    """A desk with one request, its reads counted."""

    def __init__(self) -> None:
        self.desk, self.reads = Desk(), 0
        self.is_away, self.is_broken = False, False
        request_page(self.desk)
        self.token = next(iter(self.desk.kept))
        self.live = Live(self.read, round_seconds=ROUND_SECONDS, watchers_max=50)

    async def read(self, token: str) -> Status | None:
        self.reads += 1
        if self.is_broken:
            raise ZeroDivisionError
        if self.is_away:
            raise DatabaseAway
        return await self.desk.by_token(token)

    def follow(self) -> aclosing[AsyncIterator[Status]]:  # type: ignore[type-var]
        return aclosing(self.live.follow(self.token))  # type: ignore[type-var]


async def states(watching: Watching) -> list[str]:
    async with watching.follow() as following:
        return [status.state async for status in following]


async def test_each_step_is_told_once_and_the_last_ends_it() -> None:
    watching = Watching()
    told = asyncio.create_task(states(watching))
    await asyncio.sleep(10 * ROUND_SECONDS)
    watching.desk.decide()
    await asyncio.sleep(10 * ROUND_SECONDS)
    watching.desk.happens(watching.token, "notice_sent", "Told.")
    await asyncio.sleep(10 * ROUND_SECONDS)
    watching.desk.happens(watching.token, "resolved", "Done.")
    assert await told == ["accepted", "routed", "routed", "resolved"]
    assert watching.live.watchers == 0


async def test_many_who_follow_one_request_cost_one_look() -> None:
    watching = Watching()
    told = [asyncio.create_task(states(watching)) for _ in range(50)]
    await asyncio.sleep(10 * ROUND_SECONDS)
    assert watching.live.is_full
    assert watching.reads < 50
    watching.desk.happens(watching.token, "resolved", "Done.")
    assert await asyncio.gather(*told) == [["accepted", "resolved"]] * 50
    assert not watching.live.is_full


async def test_nobody_looks_when_nobody_follows() -> None:
    watching = Watching()
    async with watching.follow() as following:
        assert (await anext(cast(AsyncIterator[Status], following))).state == "accepted"
    await asyncio.sleep(3 * ROUND_SECONDS)
    reads = watching.reads
    await asyncio.sleep(10 * ROUND_SECONDS)
    assert watching.reads == reads
    assert watching.live.watchers == 0


async def test_a_database_that_is_away_is_waited_for() -> None:
    watching = Watching()
    watching.is_away = True
    told = asyncio.create_task(states(watching))
    await asyncio.sleep(10 * ROUND_SECONDS)
    watching.desk.happens(watching.token, "resolved", "Done.")
    watching.is_away = False
    assert await told == ["resolved"]


async def test_a_look_that_breaks_ends_the_streams_instead_of_leaving_them_hanging(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watching = Watching()
    watching.is_broken = True
    assert await asyncio.wait_for(states(watching), 5) == []
    assert "ZeroDivisionError" in caplog.text


def test_the_stream_brings_the_page_made_anew() -> None:
    desk = Desk()
    location = request_page(desk)
    desk.decide()
    desk.happens(next(iter(desk.kept)), "resolved", "Done & dusted.")
    with desk.client().stream("GET", location.replace("?", "/events?")) as stream:
        text = "".join(stream.iter_text())
    assert "event: standing" in text
    assert "data: <h1>Your request is closed</h1>" in text
    assert "Done &amp; dusted." in text
    assert text.rstrip().endswith("event: end\r\ndata:") or "event: end" in text
