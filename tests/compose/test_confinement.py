"""Can a container do more than it must? Looked at with `docker inspect`, and tried from inside."""

import json
import subprocess
from typing import Any

import pytest

from tests.compose.project import SIX, Project

LONG_RUNNING = (*SIX, "mailpit")
DATA = {
    "/var/lib/kafka/data",
    "/var/lib/postgresql/data",
    "/var/lib/guichet-secrets",
    "/var/lib/guichet-keys",
}
WRITES = """
import os, pathlib
print(os.getuid(), os.geteuid())
for folder in ("/", "/app", "/etc", "/opt/guichet", "/var/lib", "/run/guichet"):
    try:
        (pathlib.Path(folder) / "written").write_text("x")
        print("WRITTEN", folder)
    except OSError as error:
        print(error.errno, folder)
"""


@pytest.fixture(scope="module")
def found(project: Project) -> dict[str, dict[str, Any]]:
    return project.inspected()


def test_no_container_is_root_or_can_become_it(found: dict[str, dict[str, Any]]) -> None:
    users = {name: one["Config"]["User"].partition(":")[0] for name, one in found.items()}
    assert [name for name, user in users.items() if user in {"", "0", "root"}] == []
    for name, one in found.items():
        assert one["HostConfig"]["CapDrop"] == ["ALL"], name
        assert one["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"], name
        assert one["HostConfig"]["Privileged"] is False, name


def test_no_container_can_write_its_own_file_system(found: dict[str, dict[str, Any]]) -> None:
    for name, one in found.items():
        assert one["HostConfig"]["ReadonlyRootfs"] is True, name
        written = {mount["Destination"] for mount in one["Mounts"] if mount["RW"]}
        assert {path for path in written if not path.startswith("/hand-out/")} <= DATA, name
    handing_out = {name for name, one in found.items() if any("/hand-out/" in m["Destination"] for m in one["Mounts"])}
    assert handing_out == {"settings"}


def test_every_volume_has_a_name(project: Project, found: dict[str, dict[str, Any]]) -> None:
    names = {mount["Name"] for one in found.values() for mount in one["Mounts"] if mount["Type"] == "volume"}
    assert [name for name in names if not name.startswith(f"{project.name}_")] == []


def test_every_container_has_its_limits(found: dict[str, dict[str, Any]]) -> None:
    for name, one in found.items():
        assert one["HostConfig"]["Memory"] > 0, name
        assert one["HostConfig"]["PidsLimit"] > 0, name
        assert one["HostConfig"]["LogConfig"]["Config"]["max-size"], name
        restarts = "unless-stopped" if name in LONG_RUNNING else "no"
        assert one["HostConfig"]["RestartPolicy"]["Name"] == restarts, name


def test_only_intake_can_be_reached_from_outside(project: Project, found: dict[str, dict[str, Any]]) -> None:
    published = {name: one["HostConfig"]["PortBindings"] for name, one in found.items()}
    published = {name: ports for name, ports in published.items() if ports}
    assert set(published) == {"intake", "mailpit"}, "mailpit is there in profile demo alone"
    assert published["mailpit"]["8025/tcp"][0]["HostIp"] == "127.0.0.1"
    networks = {network for one in found.values() for network in one["NetworkSettings"]["Networks"]}
    assert networks == {f"{project.name}_inside"}


def test_no_secret_stands_where_inspect_shows_it(project: Project, found: dict[str, dict[str, Any]]) -> None:
    script = "cat /var/lib/guichet-secrets/*.key /var/lib/guichet-secrets/*.password"
    done = project.compose("run", "--rm", "--no-TTY", "--no-deps", "--entrypoint", "sh", "settings", "-c", script)
    secrets = done.stdout.split()
    assert len(secrets) == len(set(secrets)) > 15
    shown = json.dumps(found) + project.compose("logs", "--no-color").stdout
    assert [secret[:4] + "…" for secret in secrets if secret in shown] == []


@pytest.mark.parametrize("name", ["intake", "router", "notifier", "audit"])
def test_a_service_tries_to_write_and_cannot(project: Project, name: str) -> None:
    said = project.python_in(name, WRITES)
    assert said.splitlines()[0] == "10001 10001"
    assert "WRITTEN" not in said


@pytest.mark.parametrize(("name", "user"), [("kafka", "1000"), ("postgres", "999")])
def test_kafka_and_postgres_try_to_write_and_cannot(project: Project, name: str, user: str) -> None:
    assert project.compose("exec", "--no-TTY", name, "id", "-u").stdout.strip() == user
    for path in ("/written", "/etc/written", "/run/guichet/written"):
        assert project.compose("exec", "--no-TTY", name, "touch", path, check=False).returncode != 0, path


def test_our_image_holds_nothing_that_builds(project: Project) -> None:
    script = "for tool in pip pip3 uv gcc cc make git; do command -v $tool; done; python -c 'import pip'"
    done = project.compose("exec", "--no-TTY", "intake", "sh", "-c", script, check=False)
    assert done.stdout == ""
    assert "No module named 'pip'" in done.stderr


def test_the_size_of_the_image_is_said(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    image = f"guichet:{project.settings['GUICHET_VERSION']}"
    command = ["docker", "image", "inspect", image, "--format", "{{.Size}}"]
    size = int(subprocess.run(command, capture_output=True, check=True).stdout)
    with capsys.disabled():
        print(f"\n{image} takes {size / 1e6:.0f} MB, its base included")
    assert size < 700e6
