"""What is left after `docker compose down` and `up` again? Everything."""

from tests.compose.project import Project
from tests.running import HTTP


def test_down_and_up_again_keeps_every_request_secret_and_leaf(project: Project) -> None:
    key = project.secret("operator", "demo.key")
    project.wait_until(project.is_quiet, "nothing is on its way")
    sums, log = project.asked("status")["conservation"], project.asked("audit", "verify")
    kept = project.submitted(key)
    project.wait_until(project.is_quiet, "the last request is through")
    project.down()
    assert project.compose("ps", "--all", "--quiet").stdout == ""
    project.come_back()
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
    project.submitted(key)
    project.wait_until(lambda: project.asked("status")["conservation"]["routed"] > again["routed"], "it goes on")
