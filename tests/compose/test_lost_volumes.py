"""What is left when a volume is lost, after what deploy/README.md says is to be done? Exactly what it says."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.project import SIX, Project
from tests.compose.test_backup import KEYS
from tests.running import HTTP

# As in deploy/README.md; compose hands the words over as they are.
NEW_PASSWORD = (
    """echo "ALTER ROLE guichet_owner PASSWORD :'p'" | """
    """psql -U postgres guichet -v p="$(cat /run/guichet/postgres-owner.password)\""""
)


def volumes_of(project: Project, beginning: str) -> list[str]:
    names = subprocess.run(
        ["docker", "volume", "ls", "--quiet", "--filter", f"label=com.docker.compose.project={project.name}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [name for name in names if name.startswith(f"{project.name}_{beginning}")]


def lose(project: Project, *volumes: str) -> None:
    project.down()
    subprocess.run(["docker", "volume", "rm", *volumes], capture_output=True, check=True)


def lose_one(project: Project, name: str) -> None:
    lose(project, f"{project.name}_{name}")


def demo_key(project: Project) -> str:
    return project.secret("operator", "demo.key")


def assert_goes_on(project: Project) -> None:
    """A request is routed and told of, and the log still verifies."""
    before = project.asked("status")["conservation"]["routed"]
    project.submitted(demo_key(project))
    project.wait_until(lambda: project.asked("status")["conservation"]["routed"] > before, "a request is routed")
    project.wait_until(project.is_quiet, "nothing is on its way")
    assert project.asked("audit", "verify")["ok"]


def can_be_read(project: Project, kept: dict[str, str]) -> bool:
    page = HTTP.get(f"{project.intake_url}/r/{kept['token']}", timeout=30)
    return page.status_code == 200 and kept["reference"] in page.text


@pytest.fixture(scope="module")
def system(folder: Path, rest: None) -> Iterator[Project]:
    """One to lose things in."""
    made = Project(folder / "losing", GUICHET_BACKUP_FOLDER=str(_open(folder / "kept")))
    try:
        made.up()
        yield made
    finally:
        made.down("--volumes")


def _open(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    return folder


def test_secrets_come_back_from_the_copies_that_were_handed_out(system: Project) -> None:
    kept = system.submitted(demo_key(system))
    system.wait_until(system.is_quiet, "the request is through")
    before = [system.secret(service, name) for name, service in KEYS.items()]
    lose_one(system, "secrets")
    system.come_back()
    assert [system.secret(service, name) for name, service in KEYS.items()] == before
    assert can_be_read(system, kept)
    assert_goes_on(system)


def test_copies_keys_of_callers_and_packs_are_made_again(system: Project) -> None:
    system.guichet("keys", "add", "voirie", "--source", "urn:test:voirie", "--scope", "submit")
    volumes = [one for name in ("secrets-", "keys", "territories") for one in volumes_of(system, name)]
    assert len(volumes) > len(SIX)
    lose(system, *volumes)
    system.come_back()
    assert_goes_on(system)
    names = [one["name"] for one in system.asked("keys", "list")["keys"]]
    assert "voirie" not in names


def test_with_the_three_keys_all_other_secrets_are_made_anew(system: Project, folder: Path) -> None:
    kept = system.submitted(demo_key(system))
    system.wait_until(system.is_quiet, "the request is through")
    safe = _open(folder / "kept")
    for name, service in KEYS.items():
        (safe / name).write_text(system.secret(service, name))
    lose(system, *volumes_of(system, "secrets"))
    system.set(**system.settings, GUICHET_SECRETS_FOLDER=str(safe))
    assert system.up(check=False).returncode != 0, "the database has the old owner's password"
    assert "password" in "\n".join(system.said_by("migrate"))
    system.compose("exec", "--no-TTY", "postgres", "sh", "-c", NEW_PASSWORD)
    system.come_back()
    assert can_be_read(system, kept)
    assert_goes_on(system)


def test_a_lost_database_is_restored_and_kafka_tells_what_happened_since(system: Project, folder: Path) -> None:
    before = system.submitted(demo_key(system))
    system.wait_until(system.is_quiet, "the request is through")
    system.asked("backup", "/backup/before.zip")
    after = system.submitted(demo_key(system))
    system.wait_until(system.is_quiet, "the next request is through, and the log signed")
    lose_one(system, "postgres")
    system.compose("up", "--detach", "--wait", "postgres", "kafka")
    refused = system.compose("run", "--rm", "--no-TTY", "restore", "/backup/before.zip", check=False)
    assert refused.returncode == 1
    named = re.findall(r"(AUDIT_\w+)=(\S+)", " ".join(refused.stderr.split()))
    assert {name for name, _ in named} == {"AUDIT_ORIGIN", "AUDIT_FORMER_VERIFIER_KEYS"}, refused.stderr
    system.set(**system.settings, **dict(named))
    told = system.compose("run", "--rm", "--no-TTY", "restore", "/backup/before.zip").stdout
    assert after["request_id"] in told
    system.come_back()
    assert can_be_read(system, before)
    assert_goes_on(system)


def test_a_lost_kafka_takes_only_what_was_on_its_way(system: Project) -> None:
    done = system.submitted(demo_key(system))
    system.wait_until(system.is_quiet, "the request is through")
    system.compose("stop", "router")
    waiting = system.submitted(demo_key(system))
    system.wait_until(lambda: not system.asked("status")["services"]["intake"]["outbox_rows"], "it is on Kafka alone")
    lose_one(system, "kafka")
    system.come_back()
    before = system.asked("status")["conservation"]
    assert (before["in_flight"], before["balance"]) == (0, 1), before  # the balance says what was lost
    next_one = system.submitted(demo_key(system))
    assert system.asked("republish", "--undecided")["announced"] == 1
    system.wait_until(lambda: system.asked("status")["conservation"]["routed"] == before["routed"] + 2, "it goes on")
    assert system.asked("status")["conservation"]["balance"] == 0
    assert system.asked("audit", "verify")["ok"]
    assert all(can_be_read(system, one) for one in (done, waiting, next_one))
