"""How do the tests drive the real project of deploy/compose.yaml, as a deployer does, and look into its containers?

Each project has a name, a folder with a copy of deploy/ and a .env of its own, so that several can be there at once.
The images are taken as they are; GUICHET_COMPOSE_VERSION says which of our own (default: dev).
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from tests.brokers import free_port
from tests.citizens import pothole
from tests.running import HTTP, GaveUpWaiting

ROOT = Path(__file__).parents[2]
SIX = ("kafka", "postgres", "intake", "router", "notifier", "audit")
UP_SECONDS_MAX = 600  # a few dozen on an idle machine
COMMAND_SECONDS_MAX = 300
WAIT_SECONDS_MAX = 600
CLEAR_LINE = "\x1b[2K"
OURS = ("GUICHET_", "INTAKE_", "ROUTER_", "NOTIFIER_", "AUDIT_", "COMPOSE_")

Done = subprocess.CompletedProcess[str]


class Project:
    """One running copy of the whole system, with the profile `demo` for its mails but without the sample load."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.name = f"guichet-test-{uuid4().hex[:8]}"
        self.port, self.mail_port = free_port(), free_port()
        self.folder = folder / "deploy"
        shutil.copytree(ROOT / "deploy", self.folder, ignore=shutil.ignore_patterns(".env"))
        self.set(
            **{
                "GUICHET_VERSION": os.environ.get("GUICHET_COMPOSE_VERSION", "dev"),
                "GUICHET_PUBLISH_PORT": str(self.port),
                "GUICHET_DEMO_MAIL_PORT": str(self.mail_port),
                **settings,
            }
        )

    def set(self, **settings: str) -> None:
        """Write .env anew."""
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.settings = settings

    # -- commands -----------------------------------------------------------------------------------------------------

    def compose(self, *arguments: str, check: bool = True, stdin: str | None = None, seconds: float = 0) -> Done:
        """`docker compose …`; what it says is in the failure."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        command = ["docker", "compose", "--project-name", self.name, "--file", str(self.folder / "compose.yaml")]
        done = subprocess.run(
            [*command, *arguments],
            env=clean,
            capture_output=True,
            text=True,
            input=stdin,
            timeout=seconds or COMMAND_SECONDS_MAX,
        )
        said = f"docker compose {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert not check or done.returncode == 0, said
        return done

    def up(self, check: bool = True) -> Done:
        """The six and Mailpit, as `docker compose up --wait` brings them up."""
        services = (*SIX, "mailpit")
        return self.compose(
            "--profile", "demo", "up", "--detach", "--wait", *services, check=check, seconds=UP_SECONDS_MAX
        )

    def down(self, *options: str) -> None:
        self.compose("--profile", "demo", "--profile", "tools", "down", "--timeout", "60", *options)

    def come_back(self) -> None:
        self.up()
        self.wait_healthy(*SIX)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """While another one runs: the machine need not carry both."""
        self.compose("--profile", "demo", "stop")
        try:
            yield
        finally:
            self.come_back()

    def said_by(self, service: str) -> list[str]:
        """The lines of a container's log. Compose 2.26 begins each with a code for terminals, whatever it is told."""
        lines = self.compose("logs", "--no-log-prefix", "--no-color", service).stdout.splitlines()
        return [line.removeprefix(CLEAR_LINE) for line in lines]

    def guichet(self, *arguments: str, check: bool = True, stdin: str | None = None) -> Done:
        return self.compose("run", "--rm", "--no-TTY", "guichet", *arguments, check=check, stdin=stdin)

    def asked(self, *arguments: str) -> dict[str, Any]:
        """The one object of a command with --json."""
        answer: dict[str, Any] = json.loads(self.guichet(*arguments, "--json", check=False).stdout)
        return answer

    def python_in(self, service: str, script: str, check: bool = True) -> str:
        """What a script says that runs inside a service's own container, with all that the service has."""
        return self.compose("exec", "--no-TTY", service, "python", "-", check=check, stdin=script).stdout

    # -- containers ---------------------------------------------------------------------------------------------------

    def inspected(self) -> dict[str, dict[str, Any]]:
        """Every container of the project by its service, ended jobs too."""
        ids = self.compose("--profile", "demo", "ps", "--all", "--quiet").stdout.split()
        found = json.loads(subprocess.run(["docker", "inspect", *ids], capture_output=True, check=True).stdout)
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def kill_process(self, service: str) -> None:
        """End a container's first process from outside; needs root on the engine's own machine."""
        os.kill(self.inspected()[service]["State"]["Pid"], signal.SIGKILL)

    def health(self, service: str) -> str:
        state = self.inspected()[service]["State"]
        return str(state.get("Health", {}).get("Status", state["Status"]))

    def wait_healthy(self, *services: str) -> None:
        self.wait_until(lambda: all(self.health(one) == "healthy" for one in services), f"{services} are healthy")

    def secret(self, consumer: str, name: str) -> str:
        """A secret as it was handed out; read by the job that hands out, since no other may."""
        path = f"/hand-out/{consumer}/{name}"
        done = self.compose("run", "--rm", "--no-TTY", "--no-deps", "--entrypoint", "cat", "settings", path)
        return done.stdout.strip()

    def wait_until(self, condition: Any, what: str, seconds: float = WAIT_SECONDS_MAX) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.5)
        raise GaveUpWaiting(f"after {seconds} s still not: {what}\n{self.compose('ps', '--all').stdout}")

    # -- doors --------------------------------------------------------------------------------------------------------

    @property
    def intake_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def submit(self, key: str) -> httpx2.Response:
        """What intake answers to a new request of its own. Raises `httpx2.TransportError` without an answer."""
        return HTTP.post(
            f"{self.intake_url}/api/v1/requests",
            json=pothole(uuid4().hex),
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
        )

    def submitted(self, key: str) -> dict[str, str]:
        """The answer to a new request, which is accepted."""
        answer = self.submit(key)
        assert answer.status_code == 202, answer.text
        kept: dict[str, str] = answer.json()
        return kept

    def mails(self) -> list[dict[str, Any]]:
        """Every mail that Mailpit got."""
        found: list[dict[str, Any]] = []
        while True:
            page = HTTP.get(
                f"http://127.0.0.1:{self.mail_port}/api/v1/messages",
                params={"start": len(found), "limit": 1000},
                timeout=60,
            ).json()
            found += page["messages"]
            if not page["messages"] or len(found) >= page["total"]:
                return found

    def is_quiet(self) -> bool:
        """Everyone is ready and nothing is on its way: no lag, no outbox row, no notice waiting."""
        try:
            found = self.asked("status")
        except json.JSONDecodeError:
            return False
        services, sums = found["services"].values(), found["conservation"]
        return (
            all(one["ready"] and not one["lag"] and not one["outbox_rows"] for one in services)
            and (sums["in_flight"], sums["balance"]) == (0, 0)
            and found["notices"]["waiting"] == 0
        )
