"""Do `guichet up` and `down` keep their word: all starts, survives kills, says who runs, and leaves nothing behind?"""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded import Embedded, wait_until
from tests.running import HTTP, ROOT

PACKS = ROOT / "deploy" / "territories"


@pytest.fixture(scope="module")
def embedded(work_folder: Path) -> Iterator[Embedded]:
    system = Embedded(work_folder / "up")
    up = system.guichet("up")
    assert up.returncode == 0, up.stdout + up.stderr
    yield system
    system.guichet("down")


def test_up_shows_decisions_and_links(embedded: Embedded) -> None:
    again = embedded.guichet("up")
    assert again.returncode == 0
    assert str(embedded.state["pid"]) in again.stdout + again.stderr  # it says who is running already


def test_a_stream_of_requests_is_accounted_for(embedded: Embedded) -> None:
    demo = embedded.guichet("demo", "--requests", "300", "--rate", "100", "--seed", "7", "--json")
    assert demo.returncode == 0, demo.stdout + demo.stderr
    answer = json.loads(demo.stdout)
    assert answer["requests"] == 300
    assert answer["accepted"] + answer["refused"] == 300
    assert answer["accepted"] == answer["routed"] + answer["held"] + answer["dead"]
    assert answer["in_flight"] == 0
    assert answer["accept_to_routed_ms"]["p99"] >= answer["accept_to_routed_ms"]["p50"] > 0


def test_the_operator_sees_status_trace_and_reasons(embedded: Embedded) -> None:
    status = json.loads(embedded.guichet("status", "--json").stdout)
    assert set(status["services"]) == {"intake", "router", "notifier", "audit"}
    assert all(one["ready"] for one in status["services"].values())
    assert status["conservation"]["balance"] == 0
    place = ("--territory", "bordeaux-metropole", "--municipality-code", "33063", "--service", "pothole")
    explained = json.loads(embedded.guichet("explain", *place, "--json").stdout)
    assert explained["outcome"] == "routed"
    assert explained["reasons"]
    assert json.loads(embedded.guichet("audit", "verify", "--json").stdout)["ok"] is True


def test_a_killed_service_comes_back_by_itself(embedded: Embedded) -> None:
    victim = embedded.state["processes"]["router"]["pid"]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: embedded.state["processes"].get("router", {}).get("pid", victim) != victim)
    wait_until(lambda: json.loads(embedded.guichet("status", "--json").stdout)["services"]["router"]["ready"])


@pytest.fixture(scope="module")
def changed(embedded: Embedded, work_folder: Path) -> str:
    """An operator published another release and revoked a key; then the supervisor was killed and started again."""
    pack = work_folder / "changed" / "val-de-brume"
    shutil.copytree(PACKS / "val-de-brume", pack)
    desks = pack / "departments.csv"
    desks.write_text(desks.read_text().replace("voirie@val-de-brume.example", "routes@val-de-brume.example"))
    version: str = embedded.answer("directory", "publish", str(pack))["version"]
    embedded.answer("keys", "revoke", "desk")
    os.kill(embedded.state["pid"], signal.SIGKILL)
    up = embedded.guichet("up")
    assert up.returncode == 0, up.stdout + up.stderr
    return version


@pytest.mark.usefixtures("changed")
def test_a_killed_supervisor_leaves_nothing_in_the_way_of_the_next_start(embedded: Embedded) -> None:
    url = embedded.state["urls"]["intake"]
    assert HTTP.get(f"{url}/health/ready", timeout=30).status_code == 200


def test_a_start_keeps_the_release_that_operators_published(embedded: Embedded, changed: str) -> None:
    territories = HTTP.get(f"{embedded.url('intake')}/api/v1/territories", timeout=30).json()
    assert {one["code"]: one["release"] for one in territories}["val-de-brume"] == changed


@pytest.mark.usefixtures("changed")
def test_a_start_does_not_bring_a_revoked_key_back(embedded: Embedded) -> None:
    assert "desk" not in {key["name"] for key in embedded.answer("keys", "list")["keys"]}


def test_down_leaves_no_process_behind(embedded: Embedded) -> None:
    assert embedded.guichet("down").returncode == 0
    wait_until(lambda: embedded.processes() == [])
    again = embedded.guichet("down")
    assert again.returncode == 0
    assert embedded.guichet("status", "--json").returncode == 3
