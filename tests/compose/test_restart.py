"""What is left after `docker compose down` and `up` again? Everything."""

from uuid import uuid4

from tests.citizens import pothole
from tests.compose.project import SIX, Project
from tests.running import HTTP


def test_down_and_up_again_keeps_every_request_secret_and_leaf(project: Project) -> None:
    key = project.secret("operator", "demo.key")
    project.wait_until(project.is_quiet, "nothing is on its way")
    sums, log = project.asked("status")["conservation"], project.asked("audit", "verify")
    kept = submitted(project, key)
    project.wait_until(project.is_quiet, "the last request is through")
    project.down()
    assert project.compose("ps", "--all", "--quiet").stdout == ""
    project.up()
    project.wait_healthy(*SIX)
    project.wait_until(project.is_quiet, "nothing is on its way")
    assert project.secret("operator", "demo.key") == key
    again = project.asked("status")["conservation"]
    assert again["accepted"] == sums["accepted"] + 1
    verdict = project.asked("audit", "verify")
    assert verdict["ok"]
    assert verdict["leaves"] > log["leaves"]
    headers = {"Authorization": f"Bearer {key}"}
    found = HTTP.get(f"{project.intake_url}/api/v1/requests/{kept['request_id']}", headers=headers, timeout=30)
    assert found.json()["status"] == "routed"
    submitted(project, key)
    project.wait_until(lambda: project.asked("status")["conservation"]["routed"] > again["routed"], "it goes on")


def submitted(project: Project, key: str) -> dict[str, str]:
    answer = HTTP.post(
        f"{project.intake_url}/api/v1/requests",
        json=pothole(uuid4().hex),
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert answer.status_code == 202, answer.text
    kept: dict[str, str] = answer.json()
    return kept
