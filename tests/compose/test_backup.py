"""What does a deployer have who has a backup, the three keys and nothing else? All of it."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.compose.project import Project
from tests.running import HTTP

KEYS = {"master.key": "intake", "pseudonym.key": "notifier", "audit.key": "audit"}  # and which service it is handed to


@pytest.fixture
def backups(folder: Path) -> Path:
    made = folder / f"backups-{uuid4().hex[:8]}"
    made.mkdir()
    made.chmod(0o777)
    return made


def test_a_backup_fills_new_volumes_and_the_log_verifies(project: Project, folder: Path, backups: Path) -> None:
    key = project.secret("operator", "demo.key")
    kept = project.submitted(key)
    project.wait_until(project.is_quiet, "nothing is on its way")
    project.set(**project.settings, GUICHET_BACKUP_FOLDER=str(backups))
    taken = project.asked("backup", "/backup/one.zip")
    assert taken["requests"] >= 1
    project.compose("run", "--rm", "--no-TTY", "--no-deps", "restore", "--check", "/backup/one.zip")
    sums, log = project.asked("status")["conservation"], project.asked("audit", "verify")

    new = Project(folder / "restored", GUICHET_BACKUP_FOLDER=str(backups), GUICHET_SECRETS_FOLDER=str(backups))
    for name, service in KEYS.items():
        (backups / name).write_text(project.secret(service, name))
    with project.resting():
        try:
            new.compose("up", "--detach", "--wait", "postgres", "kafka")
            new.compose("run", "--rm", "--no-TTY", "restore", "/backup/one.zip")
            new.up()
            new.wait_until(new.is_quiet, "the restored system has nothing on its way")
            again, verdict = new.asked("status")["conservation"], new.asked("audit", "verify")
            assert {name: again[name] for name in ("accepted", "routed", "held", "balance")} == {
                name: sums[name] for name in ("accepted", "routed", "held", "balance")
            }
            assert verdict["ok"], verdict
            assert verdict["leaves"] >= log["leaves"]
            page = HTTP.get(f"{new.intake_url}/r/{kept['token']}", timeout=30)
            assert page.status_code == 200
            assert kept["reference"] in page.text
            new.submitted(new.secret("operator", "demo.key"))
            new.wait_until(lambda: new.asked("status")["conservation"]["routed"] > again["routed"], "it goes on")
        finally:
            new.down("--volumes")
