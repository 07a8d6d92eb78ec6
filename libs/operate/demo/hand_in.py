"""How are requests handed in at a steady rate, each until it has an answer?"""

import asyncio
from collections.abc import Iterable
from uuid import UUID

import httpx2

from libs.operate.demo.figures import Outcome
from libs.operate.demo.requests import Planned
from libs.operate.output import Away

CONNECTIONS_MAX = 64  # kept alive; 500 a second need about ten
ANSWER_SECONDS_MAX = 30.0
TRIES_MAX = 40  # with the pauses below, half a minute of a door that is away
PAUSE_SECONDS = 0.75
PAUSE_SECONDS_MAX = 5.0
ACCEPTED = 202
LATER = {429, 502, 503, 504}


async def hand_in(url: str, key: str, planned: Iterable[Planned], rate: float, outcome: Outcome) -> None:
    """Begin one every 1/rate seconds, whether or not the earlier ones are answered. Raises `Away`.

    A try that got no answer is made again with the same source_id, so that it cannot become two requests.
    """
    limits = httpx2.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX)
    headers = {"authorization": f"Bearer {key}"}
    loop = asyncio.get_running_loop()
    async with (
        httpx2.AsyncClient(
            base_url=url, headers=headers, limits=limits, timeout=ANSWER_SECONDS_MAX, trust_env=False
        ) as client,
        asyncio.TaskGroup() as group,
    ):
        start = loop.time()
        for number, request in enumerate(planned):
            await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
            group.create_task(_hand_in_one(client, request, outcome))


async def _hand_in_one(client: httpx2.AsyncClient, request: Planned, outcome: Outcome) -> None:
    for _ in range(TRIES_MAX):
        pause_seconds = PAUSE_SECONDS
        try:
            answer = await client.post("/api/v1/requests", json=request.body)
        except httpx2.TransportError:
            await asyncio.sleep(pause_seconds)
            continue
        if answer.status_code == ACCEPTED:
            outcome.accepted[UUID(answer.json()["request_id"])] = request.has_email
            return
        if answer.status_code not in LATER:
            outcome.refused[_slug(answer)] += 1
            return
        await asyncio.sleep(_pause(answer.headers.get("retry-after", "")))
    raise Away(f"intake gave no answer to a request in {TRIES_MAX} tries; is it running?")


def _pause(retry_after: str) -> float:
    return min(float(retry_after), PAUSE_SECONDS_MAX) if retry_after.isdigit() else PAUSE_SECONDS


def _slug(answer: httpx2.Response) -> str:
    try:
        return str(answer.json()["type"]).rpartition(":")[2]
    except (ValueError, KeyError, TypeError):
        return f"status-{answer.status_code}"
