"""How do many callers share one flush, and who is told what when it fails?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.group_commit import GroupCommit


@asynccontextmanager
async def running(
    flush: Callable[[list[int]], Awaitable[list[int | Exception]]], **limits: int
) -> AsyncIterator[GroupCommit[int, int]]:
    group = GroupCommit[int, int](flush, **limits)
    task = asyncio.create_task(group.run())
    yield group
    task.cancel()
    await asyncio.wait([task])


async def test_those_who_come_together_are_flushed_together() -> None:
    groups: list[list[int]] = []

    async def flush(items: list[int]) -> list[int | Exception]:
        groups.append(items)
        await asyncio.sleep(0.01)
        return [item * 10 for item in items]

    async with running(flush) as group:
        answers = await asyncio.gather(*(group.submit(n) for n in range(50)))
    assert answers == [n * 10 for n in range(50)]
    assert len(groups) <= 2


async def test_a_group_is_never_larger_than_its_limit() -> None:
    sizes: list[int] = []

    async def flush(items: list[int]) -> list[int | Exception]:
        sizes.append(len(items))
        return list(items)

    async with running(flush, batch_max=7) as group:
        await asyncio.gather(*(group.submit(n) for n in range(50)))
    assert max(sizes) == 7


async def test_a_failure_is_told_to_the_one_who_caused_it() -> None:
    async def flush(items: list[int]) -> list[int | Exception]:
        return [Rejected("odd") if item % 2 else item for item in items]

    async with running(flush) as group:
        answers = await asyncio.gather(*(group.submit(n) for n in range(4)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, Rejected, int, Rejected]


async def test_a_flush_that_breaks_on_one_item_still_keeps_the_others() -> None:
    async def flush(items: list[int]) -> list[int | Exception]:
        if 13 in items:
            raise ValueError("unlucky")
        return list(items)

    async with running(flush) as group:
        answers = await asyncio.gather(*(group.submit(n) for n in range(20)), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Exception)] == [13]


async def test_an_absent_database_is_told_to_all_without_further_tries() -> None:
    flushes = 0

    async def flush(_items: list[int]) -> list[int | Exception]:
        nonlocal flushes
        flushes += 1
        raise Unavailable("away")

    async with running(flush) as group:
        answers = await asyncio.gather(*(group.submit(n) for n in range(8)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert flushes <= 2


async def test_a_full_queue_says_so_at_once() -> None:
    async def flush(items: list[int]) -> list[int | Exception]:
        await asyncio.Event().wait()
        return list(items)

    async with running(flush, batch_max=1, queue_max=2) as group:
        waiting = [asyncio.create_task(group.submit(n)) for n in range(2)]
        await asyncio.sleep(0.01)
        waiting.append(asyncio.create_task(group.submit(2)))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refused:
            await group.submit(99)
        assert refused.value.slug == "queue-full"
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)  # the service stopped meanwhile


async def test_one_who_went_away_is_not_flushed() -> None:
    flushed: list[int] = []
    gate = asyncio.Event()

    async def flush(items: list[int]) -> list[int | Exception]:
        flushed.extend(items)
        await gate.wait()
        return list(items)

    async with running(flush) as group:
        first = asyncio.create_task(group.submit(1))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(group.submit(2))
        await asyncio.sleep(0)
        second.cancel()
        gate.set()
        assert await first == 1
        assert await group.submit(3) == 3
    assert flushed == [1, 3]
