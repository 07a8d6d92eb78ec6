"""How does a stream of requests reach the system, and how is each told apart again at the sinks?"""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx2

from tests.running import HTTP, RunningSystem

TRIES_MAX = 200
PAUSE_BETWEEN_TRIES_SECONDS = 0.3
SERVER_BUSY = {429, 502, 503}


def pothole(source_id: str, **changes: Any) -> dict[str, Any]:
    """A request that the métropole's road department owns, from somebody who left an address of their own."""
    request = {
        "territory": "bordeaux-metropole",
        "service": "pothole",
        "place": {"municipality_code": "33063"},
        "description": f"A hole in the road ({source_id})",
        "contact": {"email": f"{source_id}@citizen.example"},
        "language": "en",
        "source_id": source_id,
    }
    return request | changes


@dataclass
class Stream:
    """Requests sent at a steady pace by a client that tries again, with the same id, until it has an answer."""

    system: RunningSystem
    count: int
    per_second: float = 60.0
    prefix: str = field(default_factory=lambda: uuid4().hex[:8])
    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, httpx2.Response] = field(default_factory=dict)
    _thread: threading.Thread | None = None

    @property
    def source_ids(self) -> list[str]:
        return [f"{self.prefix}-{number:04d}" for number in range(self.count)]

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._send_all()), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._thread is not None
        self._thread.join(timeout=180)
        assert not self._thread.is_alive(), "the stream did not end"

    def wait_for(self, answered: int) -> None:
        self.system.wait_until(lambda: len(self.accepted) >= answered, f"{answered} requests are accepted")

    async def _send_all(self) -> None:
        limits = httpx2.Limits(max_connections=32)
        async with httpx2.AsyncClient(base_url=self.system.intake_url, timeout=20, limits=limits) as client:
            sending = []
            for source_id in self.source_ids:
                sending.append(asyncio.create_task(self._send(client, source_id)))
                await asyncio.sleep(1 / self.per_second)
            await asyncio.gather(*sending)

    async def _send(self, client: httpx2.AsyncClient, source_id: str) -> None:
        for _ in range(TRIES_MAX):
            try:
                answer = await client.post(
                    "/api/v1/requests", json=pothole(source_id), headers=self.system.authorization
                )
            except httpx2.TransportError:
                await asyncio.sleep(PAUSE_BETWEEN_TRIES_SECONDS)
                continue
            if answer.status_code in SERVER_BUSY:
                await asyncio.sleep(PAUSE_BETWEEN_TRIES_SECONDS)
                continue
            if answer.status_code == 202:
                self.accepted[source_id] = answer.json()
            else:
                self.refused[source_id] = answer
            return


def assert_nothing_lost_nothing_twice(system: RunningSystem, stream: Stream) -> None:
    """Each request was accepted once and routed; each of its mails arrived once, or is known not to be sure."""
    assert stream.refused == {}
    assert sorted(stream.accepted) == stream.source_ids
    states = {source_id: system.request(kept["request_id"])["status"] for source_id, kept in stream.accepted.items()}
    assert {source_id: state for source_id, state in states.items() if state != "routed"} == {}
    assert_mails_once(system, stream)
    verdict = system.verdict()
    assert verdict["ok"], verdict


def assert_mails_once(system: RunningSystem, stream: Stream) -> None:
    mails = system.mails()
    ids = [mail["MessageID"] for mail in mails]
    assert len(ids) == len(set(ids)), "a mail came twice"
    notices = {kept["request_id"]: notices_of(system, kept["request_id"]) for kept in stream.accepted.values()}
    arrived = set(ids)
    for request_id, planned in notices.items():
        kinds = sorted((notice["audience"], notice["kind"]) for notice in planned)
        expected = [("citizen", "acknowledged"), ("citizen", "routed"), ("department", "new_request")]
        assert [kind for kind in kinds if kind in expected] == expected, (request_id, planned)
        for notice in planned:
            if notice["channel"] == "email":
                sure = notice["state"] == "sent"
                is_needless = (notice["kind"], notice["state"]) == ("acknowledged", "superseded")
                assert sure or is_needless or notice["state"] == "indeterminate", notice
                assert not sure or notice["message_id"].strip("<>") in {one.strip("<>") for one in arrived}, notice


def notices_of(system: RunningSystem, request_id: str) -> list[dict[str, Any]]:
    url = f"http://127.0.0.1:{system.ports['notifier']}/api/v1/requests/{request_id}/notices"
    notices: list[dict[str, Any]] = HTTP.get(url, timeout=30).json()["notices"]
    return notices
