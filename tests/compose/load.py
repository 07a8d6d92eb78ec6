"""How does a steady load reach the published port, and is every request of it accounted for at the sinks?"""

import asyncio
import os
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx2

from tests.citizens import pothole
from tests.compose.project import Project
from tests.running import HTTP, GaveUpWaiting

RATE = float(os.environ.get("GUICHET_COMPOSE_RATE", "20"))  # requests a second; the machine decides what it can carry
CONNECTIONS_MAX = 64
ANSWER_SECONDS_MAX = 20.0
PAUSE_SECONDS = 0.3
SERVED_SECONDS_MAX = 900.0  # half a minute where nothing else runs; when a test gives up waiting, nothing is measured
TRY_AGAIN = {429, 502, 503, 504}
REFERENCE = re.compile(r"G-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3,4}")


@dataclass
class Load:
    """Requests at a steady rate until told to end; each is tried, under the same id, until it has an answer."""

    project: Project
    key: str
    rate: float = RATE
    prefix: str = field(default_factory=lambda: uuid4().hex[:8])
    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[httpx2.Response] = field(default_factory=list)
    begun: int = 0
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send_all()), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        assert self._thread is not None
        self._thread.join(timeout=300)
        assert not self._thread.is_alive(), "some requests got no answer at all"

    async def _send_all(self) -> None:
        limits = httpx2.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX)
        async with (
            httpx2.AsyncClient(base_url=self.project.intake_url, timeout=ANSWER_SECONDS_MAX, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            start = time.monotonic()
            while not self._ending.is_set():
                await asyncio.sleep(max(0.0, start + self.begun / self.rate - time.monotonic()))
                group.create_task(self._send(client, f"{self.prefix}-{self.begun:06d}"))
                self.begun += 1

    async def _send(self, client: httpx2.AsyncClient, source_id: str) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        while True:
            try:
                answer = await client.post("/api/v1/requests", json=pothole(source_id), headers=headers)
            except httpx2.TransportError:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if answer.status_code == 202:
                self.accepted[source_id] = answer.json()
                return
            if answer.status_code not in TRY_AGAIN:
                self.refused.append(answer)
                return
            await asyncio.sleep(PAUSE_SECONDS)


def seconds_until_served(project: Project, key: str, since: float) -> float:
    """From `since` until a citizen who comes now has been told by mail who owns the request."""
    source_id = f"after-{uuid4().hex[:8]}"
    headers = {"Authorization": f"Bearer {key}"}
    is_accepted = False
    while time.monotonic() - since < SERVED_SECONDS_MAX:
        try:
            if not is_accepted:
                answer = HTTP.post(
                    f"{project.intake_url}/api/v1/requests", json=pothole(source_id), headers=headers, timeout=10
                )
                is_accepted = answer.status_code == 202
            elif _mails_to(project, f"{source_id}@citizen.example") >= 1:
                return time.monotonic() - since
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise GaveUpWaiting(f"{source_id} was not served")


def _mails_to(project: Project, address: str) -> int:
    url = f"http://127.0.0.1:{project.mail_port}/api/v1/search"
    return int(HTTP.get(url, params={"query": f"to:{address}"}, timeout=10).json()["messages_count"])


def mails_by_recipient_and_matter(project: Project) -> Counter[tuple[str, str]]:
    """How often each recipient got the same words about the same request; subjects hold the reference."""
    mails = project.mails()
    assert all(REFERENCE.search(mail["Subject"]) for mail in mails)
    return Counter((to["Address"], mail["Subject"]) for mail in mails for to in mail["To"])


def assert_accounted_for(project: Project, before: dict, accepted: int) -> None:  # type: ignore[type-arg]
    after = project.asked("status")["conservation"]
    assert after["accepted"] - before["conservation"]["accepted"] == accepted
    assert after["accepted"] == after["routed"] + after["held"] + after["dead"]
    assert (after["in_flight"], after["dead"]) == (0, 0)


def assert_told_once(project: Project, load: Load) -> None:
    """None twice; and what did not arrive is known to be in doubt, never silently missing."""
    arrived = mails_by_recipient_and_matter(project)
    assert {mail: times for mail, times in arrived.items() if times > 1} == {}
    in_doubt = project.asked("status")["notices"]["indeterminate"]
    missing = []
    for source_id, kept in load.accepted.items():
        told = [s for (to, s) in arrived if kept["reference"] in s and to.startswith(source_id)]
        acted = [s for (to, s) in arrived if kept["reference"] in s and not to.startswith(source_id)]
        missing += [kept["reference"] for one in (told, acted) if not one]
    assert len(missing) <= in_doubt, f"{len(missing)} mails are missing, {in_doubt} are known to be in doubt"
