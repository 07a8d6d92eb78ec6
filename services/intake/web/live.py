"""How do many people follow their requests live without each asking the database?

One loop looks at every request that somebody follows, once a round, however many follow it; it runs while anybody does.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from libs.delivery.errors import Unavailable
from services.intake.status import Status

ROUND_SECONDS = 1.0  # a step is seen about a second after it was recorded
WATCHERS_MAX = 500  # one connection each; at two short queries a request, a round of this many stays far below a second
WATCH_SECONDS_MAX = 3_600.0  # then the browser connects again by itself; a forgotten tab costs one look an hour
FINAL = "resolved"


@dataclass(slots=True)
class Watched:
    """One request that somebody follows."""

    watchers: int = 0
    status: Status | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, status: Status | None) -> None:
        """Wake everybody who waits, when there is something new."""
        if status is not None and _seen(status) != (self.status and _seen(self.status)):
            self.status = status
            self.wake()

    def wake(self) -> None:
        """Those who wait now; later ones wait for the next news."""
        self.news.set()
        self.news = asyncio.Event()


class Live:
    """Follows requests by their token."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[Status | None]],
        *,
        round_seconds: float = ROUND_SECONDS,
        watchers_max: int = WATCHERS_MAX,
    ) -> None:
        self._read = read
        self._round_seconds = round_seconds
        self._watchers_max = watchers_max
        self._watched: dict[str, Watched] = {}
        self._loop: asyncio.Task[None] | None = None

    @property
    def watchers(self) -> int:
        """How many follow a request now."""
        return sum(watched.watchers for watched in self._watched.values())

    @property
    def is_full(self) -> bool:
        """Whether nobody more can follow; the page still works, it only is not live."""
        return self.watchers >= self._watchers_max

    async def follow(self, token: str) -> AsyncIterator[Status]:
        """The request's status now and after each change, until it is closed or an hour has passed."""
        end = asyncio.get_running_loop().time() + WATCH_SECONDS_MAX
        watched = self._join(token)
        seen: object = None
        try:
            while True:
                status, news = watched.status, watched.news
                if status is not None and _seen(status) != seen:
                    seen = _seen(status)
                    yield status
                    if status.state == FINAL:
                        return
                elif await self._is_over(news, end):
                    return
        finally:
            self._leave(token, watched)

    async def _is_over(self, news: asyncio.Event, end: float) -> bool:
        """Wait for news. True when there will be none: the time is up, or the loop has broken."""
        try:
            async with asyncio.timeout_at(end):
                await news.wait()
        except TimeoutError:
            return True
        return self._loop is not None and self._loop.done()

    def _join(self, token: str) -> Watched:
        watched = self._watched.setdefault(token, Watched())
        watched.watchers += 1
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._look(), name="live-status")
            self._loop.add_done_callback(self._on_end)
        return watched

    def _leave(self, token: str, watched: Watched) -> None:
        watched.watchers -= 1
        if not watched.watchers:
            self._watched.pop(token, None)
        if not self._watched and self._loop is not None:
            self._loop.cancel()
            self._loop = None

    async def _look(self) -> None:
        while self._watched:
            for token, watched in list(self._watched.items()):
                try:
                    watched.tell(await self._read(token))
                except Unavailable:
                    break  # the database is away for all of them alike; the next round tries again
            await asyncio.sleep(self._round_seconds)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        """Nobody waits for a loop that is gone: the streams end, and browsers connect anew."""
        for watched in self._watched.values():
            watched.wake()
        if not task.cancelled():
            task.result()


def _seen(status: Status) -> tuple[str, int]:
    """What makes a difference to the page."""
    return status.state, len(status.history)
