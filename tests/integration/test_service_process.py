"""Does a process serve, say what is missing, and end as it is told, whatever is away?"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.brokers import Kafka, free_port
from tests.deliveries import eventually

ROOT = Path(__file__).parents[2]
NOWHERE = "127.0.0.1:1"  # nothing ever listens on it

DESK = """
import asyncio
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from libs.delivery.errors import Unavailable
from libs.events.topics import NOTICES_SENT
from libs.service.kit import Kit, Service
from libs.service.run import main
from libs.service.settings import ServiceSettings

class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="AUDIT_", extra="forbid")
    loop: str = Field(default="waits", description="what the loop does")

async def page(request):
    return PlainTextResponse("the page")

async def handler(incoming):
    pass

def build(settings, kit):
    tries = []
    async def loop():
        tries.append(1)
        if settings.loop == "breaks":
            raise KeyError("a bug")
        if settings.loop == "recovers" and len(tries) < 3:
            raise Unavailable("not yet")
        if settings.loop == "ends":
            return
        await asyncio.Event().wait()
    async def counts():
        return {"tries": len(tries), "parked": 2}
    return Service(name="audit", handlers={NOTICES_SENT: handler}, web=Starlette(routes=[Route("/page", page)]),
                   loops=[loop], counts=counts)

main(Settings, build)
"""


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    url: str

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(self.url + path, timeout=10)

    def answers(self, path: str, status: int = 200) -> bool:
        try:
            return self.get(path).status_code == status
        except httpx2.HTTPError:
            return False


@contextmanager
def a_process(folder: Path, bootstrap: str, **environment: str) -> Iterator[Running]:
    script, port = folder / "desk.py", free_port()
    script.write_text(DESK, encoding="utf-8")
    known = {name: value for name, value in os.environ.items() if not name.startswith(("GUICHET_", "AUDIT_"))}
    own = {"PYTHONPATH": str(ROOT), "GUICHET_KAFKA_BOOTSTRAP": bootstrap, "AUDIT_HTTP_PORT": str(port)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(script)], cwd=ROOT, env={**known, **own, **environment}, stderr=log
        )
    try:
        yield Running(process, f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()


async def test_a_process_serves_pages_while_kafka_is_away_and_ends_when_told(tmp_path: Path) -> None:
    with a_process(tmp_path, NOWHERE) as running:
        await eventually(lambda: running.answers("/page"))
        assert running.answers("/health/live")
        ready = running.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["checks"]["consumer"] is False
        assert running.get("/nowhere").status_code == 404
        status: dict[str, Any] = running.get("/status").json()
        assert (status["service"], status["ready"], status["parked"]) == ("audit", False, 2)
        assert running.get("/health/live?x=1").status_code == 200
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=30) == 0


async def test_a_process_is_ready_with_kafka_and_shows_its_figures(tmp_path: Path, topics: Kafka) -> None:
    with a_process(tmp_path, topics.bootstrap, AUDIT_LOOP="recovers") as running:
        await eventually(lambda: running.answers("/health/ready"))
        await eventually(lambda: running.get("/status").json()["counts"] == {"tries": 3, "parked": 2})
        await eventually(
            lambda: running.get("/status").json()["lag"] == {"notices.sent.v1": 0}
        )  # null until it is known
        status: dict[str, Any] = running.get("/status").json()
        assert (status["dead"], status["outbox_rows"], status["outbox_age_seconds"]) == (0, 0, 0.0)
        figures = running.get("/metrics").text
        assert 'audit_things{kind="parked"} 2.0' in figures
        assert "audit_ready 1.0" in figures
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=30) == 0


@pytest.mark.parametrize("fate", ["breaks", "ends"])
async def test_a_loop_that_ends_takes_the_process_with_it(tmp_path: Path, fate: str) -> None:
    with a_process(tmp_path, NOWHERE, AUDIT_LOOP=fate) as running:
        assert running.process.wait(timeout=60) == 1
    assert "loop_ended" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"AUDIT_LOP": "x"}, "did you mean AUDIT_LOOP?"),
        ({"AUDIT_HTTP_PORT": "x"}, "AUDIT_HTTP_PORT is wrong"),
        ({"PYTHONOPTIMIZE": "1"}, "start without -O"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_sentence(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    with a_process(tmp_path, NOWHERE, **environment) as running:
        assert running.process.wait(timeout=60) == 2
    sentence = (tmp_path / "log").read_text().strip()
    assert said in sentence
    assert "\n" not in sentence
