"""`guichet demo`: a seeded stream of varied requests through the running system, accounted for to the last one."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from libs.delivery.kafka import KafkaSettings
from libs.delivery.releases import Releases
from libs.directory import Release
from libs.events.topics import SERVICES
from libs.operate import broker, services_now
from libs.operate.demo.figures import Outcome
from libs.operate.demo.follow import Follower, following
from libs.operate.demo.hand_in import hand_in
from libs.operate.demo.requests import Planned, planned
from libs.operate.demo.screen import report, shown
from libs.operate.output import NO, STDOUT, Away, WrongUse, answer
from libs.operate.where import Addresses, api_key, find_system

LOOK_SECONDS = 0.25
DIRECTORY_SECONDS_MAX = 30.0
STANDSTILL_SECONDS_MAX = 60.0  # without anything moving; then what is still in flight is reported as such


def demo(
    requests: Annotated[int, typer.Option(help="How many requests.", min=1)] = 1000,
    rate: Annotated[float, typer.Option(help="How many a second.", min=0.1)] = 100.0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same stream.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One object for scripts.")] = False,
) -> None:
    """Hand in a varied stream of requests and show them arrive; some are refused or held on purpose.

    Ends when nothing is in flight. Exit code 1 when something still is after a minute without movement.
    """
    system = find_system()
    key = api_key(system.home)
    if key is None:
        raise WrongUse("a demo needs an API key with the scope submit: put it in GUICHET_KEY (see `guichet keys add`)")
    outcome = Outcome(requests)
    found = asyncio.run(run(system, key, outcome, rate, seed))
    answer(found, as_json, lambda: STDOUT.print(report(found, outcome)))
    if found["in_flight"]:
        raise typer.Exit(NO)


async def run(system: Addresses, key: str, outcome: Outcome, rate: float, seed: int) -> dict[str, Any]:
    """Hand in, follow, wait until it is quiet; the fields of the answer."""
    settings = broker.settings_for(system)
    follower = Follower(outcome)
    async with following(settings) as reader:
        releases = await releases_in_force(settings)
        stream = planned(releases, outcome.planned, seed, f"demo-{seed}-{secrets.token_hex(4)}")
        start = time.monotonic()
        listening = asyncio.create_task(follower.run(reader))
        working = asyncio.create_task(_work(system, key, stream, rate, outcome))
        try:
            async with shown(follower):
                await asyncio.wait({listening, working}, return_when=asyncio.FIRST_COMPLETED)
            (working if working.done() else listening).result()  # raises what ended it; listening never ends well
        finally:
            listening.cancel()
            working.cancel()
            await asyncio.wait({listening, working})
    return outcome.fields(time.monotonic() - start)


async def releases_in_force(settings: KafkaSettings) -> list[Release]:
    """The directory of every territory that is served, from its topic."""
    releases = Releases(settings)
    reading = asyncio.create_task(releases.run())
    try:
        async with asyncio.timeout(DIRECTORY_SECONDS_MAX):
            while not releases.is_ready:  # noqa: ASYNC110  a look four times a second is enough for one start
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError as error:
        raise Away(f"the directory could not be read from Kafka at {settings.bootstrap_servers}") from error
    finally:
        reading.cancel()
        await asyncio.wait([reading])
    found = releases.all_in_force(datetime.now(UTC))
    if not found:
        raise Away("no directory is in force; publish one with `guichet directory publish`")
    return found


async def _work(system: Addresses, key: str, stream: Iterator[Planned], rate: float, outcome: Outcome) -> None:
    try:
        await hand_in(system.intake_url, key, stream, rate, outcome)
    except* Away as group:
        raise Away(str(group.exceptions[0])) from group
    await _until_quiet(system, outcome)


async def _until_quiet(system: Addresses, outcome: Outcome) -> None:
    """Until every request is decided, every person told and no service has anything left to do, or nothing moves."""
    urls = {name: getattr(system, f"{name}_url") for name in SERVICES}
    moved_at, last = time.monotonic(), None
    while time.monotonic() - moved_at < STANDSTILL_SECONDS_MAX:
        left = (outcome.undecided(), outcome.untold(), 0)
        if not any(left):
            left = (0, 0, sum(map(services_now.work_left, (await services_now.statuses(urls)).values())))
            if not any(left):
                return
        if left != last:
            moved_at, last = time.monotonic(), left
        await asyncio.sleep(LOOK_SECONDS)
