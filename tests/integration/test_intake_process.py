"""Does intake run as a process, on real Kafka and PostgreSQL, and take requests by both doors?"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from libs.delivery.kafka import KafkaSettings
from libs.delivery.publisher import Publisher
from libs.delivery.release_parts import release_events
from libs.events.topics import REQUESTS_ACCEPTED, dead_topic
from libs.privacy.keyfile import create_key
from tests.brokers import Kafka, free_port
from tests.stack import FreshDatabase
from tests.unit.directory_packs import AT, release_of
from tests.unit.intake_submissions import body
from tests.wire import binary_submission, read_all, send, structured_submission

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 90
SOURCE = "urn:test:machine"


class RunningIntake:
    """The process, and the door in front of it."""

    def __init__(self, bootstrap: str, dsn: str, folder: Path) -> None:
        self.bootstrap, self.url = bootstrap, f"http://127.0.0.1:{free_port()}"
        create_key(folder / "master.key")
        entry = {"name": "m", "source": SOURCE, "scopes": ["submit"], "sha256": sha256(b"gk_m").hexdigest()}
        (folder / "keys.json").write_text(json.dumps([entry]))
        settings = {
            "GUICHET_KAFKA_BOOTSTRAP": bootstrap,
            "GUICHET_POSTGRES_DSN": dsn,
            "GUICHET_MASTER_KEY_FILE": str(folder / "master.key"),
            "INTAKE_KEYS_FILE": str(folder / "keys.json"),
            "INTAKE_HTTP_PORT": self.url.rpartition(":")[2],
        }
        command = [sys.executable, "-m", "services.intake"]
        with (folder / "intake.log").open("wb") as log:
            self.process = subprocess.Popen(command, env={**os.environ, **settings}, cwd=ROOT, stdout=log, stderr=log)

    def post(self, request: dict[str, Any]) -> httpx2.Response:
        return httpx2.post(
            f"{self.url}/api/v1/requests", json=request, headers={"Authorization": "Bearer gk_m"}, timeout=30
        )

    def wait_until(self, condition: Any) -> None:
        end = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.2)

    def status(self) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = httpx2.get(f"{self.url}/status", timeout=10).json()
        except httpx2.HTTPError:
            return {}
        return answer

    def ids_announced(self) -> set[str]:
        records = read_all(self.bootstrap, REQUESTS_ACCEPTED)
        return {record.key.decode() for record in records if record.key is not None}


def publish_directory(bootstrap: str) -> None:
    async def publishing() -> None:
        publisher = Publisher(KafkaSettings(bootstrap_servers=bootstrap, client_id="test"))
        await publisher.publish(release_events(release_of(), AT.replace(year=2020), datetime.now(UTC)))
        await publisher.stop()

    asyncio.run(publishing())


@pytest.fixture
def intake(topics: Kafka, fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[RunningIntake]:
    running = RunningIntake(topics.bootstrap, fresh_database.dsn, tmp_path)
    yield running
    running.process.terminate()
    assert running.process.wait(timeout=60) == 0, (tmp_path / "intake.log").read_text()


def test_both_doors_lead_to_the_same_topic_and_the_bad_event_is_put_aside(intake: RunningIntake) -> None:
    publish_directory(intake.bootstrap)
    intake.wait_until(lambda: intake.status().get("ready") and intake.post(body(source_id="n-1")).status_code == 202)
    by_http = intake.post(body(source_id="n-1"))
    put_aside = len(read_all(intake.bootstrap, dead_topic("intake")))
    events = [
        binary_submission(SOURCE, "e-1", body(source_id="n-1")),
        binary_submission(SOURCE, "e-2", body(service="teleportation")),
        structured_submission(SOURCE, "e-3", body()),
    ]
    send(intake.bootstrap, events)
    intake.wait_until(lambda: intake.status()["counts"].get("accepted") == 2 and not intake.status()["outbox_rows"])
    intake.wait_until(lambda: len(read_all(intake.bootstrap, dead_topic("intake"))) == put_aside + 1)
    dead = read_all(intake.bootstrap, dead_topic("intake"))[-1]
    assert dead.value == events[1].value
    assert dead.header("guichet-dead-slug") == "unknown-service"
    assert by_http.json()["request_id"] in intake.ids_announced()
    assert intake.status()["alarms"] == []
    measured = httpx2.get(f"{intake.url}/metrics", timeout=10).text
    assert 'intake_alarms{kind="drift"} 0.0' in measured
    assert 'intake_http_request_seconds_count{method="POST",route="/api/v1/requests",status="202"}' in measured
    assert 'intake_requests_refused_total{slug="unknown-service"} 1.0' in measured
    assert 'intake_events_given_up_by_reason_total{slug="unknown-service"} 1.0' in measured
    assert 'intake_unread_age_seconds{topic="requests.inbound.v1"} 0.0' in measured
    assert "intake_balance_requests 0.0" in measured
    assert float(measured.partition("\nintake_undecided_age_seconds ")[2].partition("\n")[0]) > 0
