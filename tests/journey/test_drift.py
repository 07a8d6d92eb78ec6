"""Does an operator see that a release which was just published sends requests elsewhere?"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx2

from libs.directory.drift import REQUESTS_MIN
from tests.running import HTTP, RunningSystem
from tests.unit.directory_packs import COMPETENCES, SOUTH, TERRITORY, files

CODE = "drifting"
ENOUGH = REQUESTS_MIN + 10


def publish(system: RunningSystem, folder: Path, competences: str) -> None:
    """A territory of its own, so that no other test sees it change."""
    for path, text in files(
        territory=TERRITORY.replace("code: small", f"code: {CODE}"), competences=competences
    ).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    system.guichet("directory", "publish", str(folder))


def hand_in(system: RunningSystem, release: str) -> None:
    """Once every request would be decided by this release."""
    place = {"lat": SOUTH + 0.01, "lon": 0.01}
    query = {"territory": CODE, "service": "lamp", **place}

    def in_force() -> bool:
        asked = HTTP.get(f"{system.intake_url}/api/v1/owner", params=query, headers=system.authorization, timeout=30)
        return asked.status_code == 200 and release in str(asked.json()["department"])

    def submit(_: int) -> httpx2.Response:
        body = {"territory": CODE, "service": "lamp", "place": place, "language": "en", "source_id": uuid4().hex}
        return system.submit(body)

    system.wait_until(in_force, f"{release} owns the lamps")
    with ThreadPoolExecutor(4) as doors:
        assert {answer.status_code for answer in doors.map(submit, range(ENOUGH))} == {202}
    system.wait_for_quiet()


def test_after_a_release_that_moves_everything_the_status_says_so(
    running_system: RunningSystem, tmp_path: Path
) -> None:
    publish(running_system, tmp_path, COMPETENCES)
    hand_in(running_system, "aval-accueil")
    publish(running_system, tmp_path, COMPETENCES.replace("L1,lamp,*,,@municipality", "L1,lamp,*,,metro"))
    hand_in(running_system, "metro-voirie")
    running_system.wait_until(lambda: len(running_system.counts("intake")["alarms"]) == 2, "the drift is noticed")
    drifts = {drift["department"]: drift for drift in running_system.status()["drifts"]}
    assert {name: (one["before"]["requests"], one["since"]["requests"]) for name, one in drifts.items()} == {
        "aval-accueil": (ENOUGH, 0),
        "metro-voirie": (0, ENOUGH),
    }
    assert {one["territory"] for one in drifts.values()} == {CODE}
    said = running_system.guichet("status")
    assert said.returncode == 0
    assert f"100.0% ({ENOUGH} of {ENOUGH}) of the requests of {CODE} are given to metro-voirie" in said.stdout
    metrics = HTTP.get(f"{running_system.intake_url}/metrics", timeout=30).text
    assert 'intake_alarms{kind="drift"} 2.0' in metrics
    log = (running_system.logs / "intake.log").read_text(encoding="utf-8")
    assert sum('"event":"drift"' in line.replace(" ", "") for line in log.splitlines()) == 2
