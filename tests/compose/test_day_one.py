"""What does a deployer see on day one? Everything comes up, and one request goes all the way by each door."""

import json
from typing import Any
from uuid import uuid4

import pytest

from libs.events.topics import SERVICES
from tests.citizens import pothole
from tests.compose.project import SIX, Project
from tests.running import HTTP


@pytest.fixture(scope="module")
def key(project: Project) -> str:
    return project.secret("operator", "demo.key")


def traced_until_told(project: Project, reference: str) -> dict[str, Any]:
    """The trace of a request once the department and the citizen know."""
    found: dict[str, Any] = {}

    def is_told() -> bool:
        done = project.guichet("trace", reference, "--json", check=False)
        found.update(json.loads(done.stdout) if done.returncode == 0 else {})
        return sum("NoticeSent" in str(event["type"]) for event in found.get("events", [])) == 2

    project.wait_until(is_told, f"everyone is told of {reference}")
    return found


def test_everything_is_up_and_every_job_has_succeeded(project: Project) -> None:
    found = project.inspected()
    assert {name: found[name]["State"]["Health"]["Status"] for name in SIX} == dict.fromkeys(SIX, "healthy")
    jobs = {name: found[name]["State"]["ExitCode"] for name in ("settings", "migrate", "topics", "directory")}
    assert set(jobs.values()) == {0}
    status = project.asked("status")
    assert [name for name, one in status["services"].items() if not one["ready"]] == []


def test_a_request_over_http_is_routed_and_everyone_is_told(project: Project, key: str) -> None:
    source_id = uuid4().hex
    answer = HTTP.post(
        f"{project.intake_url}/api/v1/requests",
        json=pothole(source_id),
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert answer.status_code == 202, answer.text
    kept = answer.json()
    trace = traced_until_told(project, kept["reference"])
    assert [event["service"] for event in trace["events"][:2]] == ["intake", "router"]
    subjects = [mail["Subject"] for mail in project.mails() if kept["reference"] in mail["Subject"]]
    assert len(subjects) == len(set(subjects)) == 2
    page = HTTP.get(f"{project.intake_url}/r/{kept['token']}", timeout=30)
    assert kept["reference"] in page.text


def test_a_request_over_kafka_is_routed_and_everyone_is_told(project: Project) -> None:
    event = {
        "specversion": "1.0",
        "id": uuid4().hex,
        "type": "guichet.RequestSubmitted.v1",
        "source": "urn:test:machine",
        "time": "2026-05-04T08:30:00Z",
        "datacontenttype": "application/json",
        "data": pothole(uuid4().hex),
    }
    sent = json.loads(project.guichet("emit", "--json", stdin=json.dumps(event)).stdout)
    assert sent["sent"] == 1
    address = event["data"]["contact"]["email"]  # type: ignore[index]

    def told() -> list[str]:
        return [mail["Subject"] for mail in project.mails() if mail["To"][0]["Address"] == address]

    project.wait_until(lambda: len(told()) == 1, "the citizen is told")


def test_the_log_verifies_with_a_key_that_audit_did_not_name(project: Project) -> None:
    done = project.guichet("audit", "verify", "--json")
    assert json.loads(done.stdout)["ok"]
    assert "audit itself names" not in done.stderr


def test_a_key_that_is_made_works_and_works_no_more_when_revoked(project: Project) -> None:
    made = project.guichet("keys", "add", "voirie", "--source", "urn:test:voirie", "--scope", "submit", "--json")
    key = json.loads(made.stdout)["key"]

    def answer() -> int:
        return project.submit(key).status_code

    project.wait_until(lambda: answer() == 202, "the new key is known")
    project.guichet("keys", "revoke", "voirie")
    project.wait_until(lambda: answer() == 401, "the key is refused")


@pytest.mark.parametrize("name", [*SIX, "mailpit"])
def test_a_process_that_dies_is_started_again(project: Project, name: str) -> None:
    """As the out-of-memory killer would end it; `docker kill` would count as a stop that somebody wanted."""
    before = project.inspected()[name]
    project.kill_process(name)
    project.wait_until(
        lambda: project.inspected()[name]["RestartCount"] > before["RestartCount"], f"{name} is started again"
    )
    project.wait_healthy(name)


def test_all_is_accounted_for(project: Project) -> None:
    project.wait_healthy(*SIX)
    project.wait_until(project.is_quiet, "nothing is on its way")
    sums = project.asked("status")["conservation"]
    assert sums["accepted"] == sums["routed"] + sums["held"] + sums["dead"]
    assert set(project.asked("status")["services"]) == set(SERVICES)
