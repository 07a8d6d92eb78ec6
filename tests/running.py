"""How do the tests run the whole system, break a part of it on purpose, and count what came out at the sinks?

The four services and the mail receiver run as the processes they are in production, on the session's Kafka and
PostgreSQL.
"""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from aiokafka.structs import OffsetAndMetadata

from libs.delivery.kafka import KafkaSettings, make_offset_keeper
from libs.events.topics import consumer_group
from libs.operate import broker
from libs.operate.commands.topics import look
from libs.operate.output import Away
from libs.operate.services_now import work_left
from tests.brokers import Kafka, Postgres, dsn_of, free_port

ROOT = Path(__file__).parents[1]
SERVICES = ("intake", "router", "notifier", "audit")
SOURCE = "urn:test:machine"
DEADLINE_SECONDS = 120  # how long anything may take before a test gives up waiting; nothing is measured with it
WARNINGS_SAID = 4  # of each service, when a test gave up waiting

# One for all calls: a client of its own for each takes 60 ms of certificates that nobody needs here. No connection is
# kept, since the process at its other end may have been killed meanwhile.
HTTP = httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0), trust_env=False)


class GaveUpWaiting(AssertionError):
    """What was waited for did not come."""


@dataclass
class Process:
    """One process of the system, its log in a file."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    _running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log, cwd=ROOT)

    def kill(self) -> None:
        assert self._running is not None
        self._running.kill()
        self._running.wait()

    def stop(self) -> int:
        assert self._running is not None
        self._running.terminate()
        return self._running.wait(timeout=60)

    @property
    def exit_code(self) -> int | None:
        return self._running.poll() if self._running is not None else None

    @property
    def is_alive(self) -> bool:
        return self._running is not None and self._running.poll() is None


def is_quiet(counts: Callable[[str], dict[str, Any]], bootstrap: str) -> bool:
    """Nothing is on its way any more: no lag, no outbox row, no notice waiting to be sent."""
    try:
        states = [counts(name) for name in SERVICES]
        with ThreadPoolExecutor(max_workers=1) as elsewhere:  # a test with a browser has a running loop of its own
            behind = elsewhere.submit(lambda: asyncio.run(look(KafkaSettings(bootstrap_servers=bootstrap)))).result()
    except (httpx2.HTTPError, Away):
        return False
    # As the broker sees it: a client's own idea of a topic's end is as old as its last answer.
    is_read = not any(sum(topic["lag"].values()) for topic in behind.values())
    return is_read and all(state["ready"] and work_left(state) == 0 for state in states)


class RunningSystem:
    """The system under test: its processes, addresses, keys, and what the outside saw of it."""

    def __init__(self, kafka: Kafka, postgres: Postgres, folder: Path) -> None:
        self.kafka, self.postgres, self.home = kafka, postgres, folder / "home"
        self.logs = self.home / "logs"
        self.logs.mkdir(parents=True)
        self.ports = {name: free_port() for name in (*SERVICES, "mail_http", "mail_smtp")}
        self.key = "gk_" + secrets.token_urlsafe(24)
        self.dsn = dsn_of(postgres.dsn, "guichet_running")
        self.environment = self._environment()
        self.processes = self._processes()

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        asyncio.run(self._create_database())
        self._write_secrets()
        self.run("-m", "libs.service.migrate")
        self.run("-m", "libs.delivery.provision")
        asyncio.run(self._forget_other_tables())
        for territory in ("val-de-brume", "bordeaux-metropole"):
            self.run("-m", "libs.operate.cli", "directory", "publish", territory)
        for process in self.processes.values():
            process.start()
        self.wait_until(self.is_ready, "every service is ready")

    def stop(self) -> None:
        for process in self.processes.values():
            if process.is_alive:
                process.stop()

    def run(self, *arguments: str, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """A command of the project, with this system's addresses in its environment."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            input=stdin,
        )
        assert not check or done.returncode == 0, (
            f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def guichet(
        self, *arguments: str, check: bool = True, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "libs.operate.cli", *arguments, check=check, stdin=stdin)

    # -- doors --------------------------------------------------------------------------------------------------------

    @property
    def intake_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['intake']}"

    @property
    def audit_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['audit']}"

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def submit(self, request: dict[str, Any], **headers: str) -> httpx2.Response:
        return HTTP.post(
            f"{self.intake_url}/api/v1/requests", json=request, headers={**self.authorization, **headers}, timeout=30
        )

    def request(self, request_id: str) -> dict[str, Any]:
        found = HTTP.get(f"{self.intake_url}/api/v1/requests/{request_id}", headers=self.authorization, timeout=30)
        assert found.status_code == 200, found.text
        answer: dict[str, Any] = found.json()
        return answer

    # -- what came of it ----------------------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.guichet("status", "--json", check=False).stdout)
        return answer

    def is_ready(self) -> bool:
        return all(self._answers(name, "/health/ready") for name in SERVICES)

    def mails(self) -> list[dict[str, Any]]:
        """Every mail the receiver got, oldest first."""
        found: list[dict[str, Any]] = []
        while True:
            page = HTTP.get(
                f"http://127.0.0.1:{self.ports['mail_http']}/api/v1/messages",
                params={"start": len(found), "limit": 1000},
                timeout=30,
            ).json()
            found += page["messages"]
            if not page["messages"] or len(found) >= page["total"]:
                return found

    def counts(self, service: str) -> dict[str, Any]:
        answer: dict[str, Any] = HTTP.get(f"http://127.0.0.1:{self.ports[service]}/status", timeout=30).json()
        return answer

    def wait_until(self, condition: Any, what: str, seconds: float = DEADLINE_SECONDS) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.2)
        raise GaveUpWaiting(f"after {seconds} s still not: {what}; logs in {self.logs}\n{self._what_each_says()}")

    def is_quiet(self) -> bool:
        return is_quiet(self.counts, self.kafka.bootstrap)

    def wait_for_quiet(self) -> None:
        """Twice in a row, because a message may be between two services at the moment of one look."""
        self.wait_until(lambda: self.is_quiet() and self.is_quiet(), "nothing is on its way")

    def verdict(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.guichet("audit", "verify", "--json", check=False).stdout)
        return answer

    # -- how it is put together ---------------------------------------------------------------------------------------

    def _answers(self, name: str, path: str) -> bool:
        try:
            return HTTP.get(f"http://127.0.0.1:{self.ports[name]}{path}", timeout=5).status_code == 200
        except httpx2.HTTPError:
            return False

    def _what_each_says(self) -> str:
        said = {}
        for name in SERVICES:
            try:
                said[name] = json.dumps(self.counts(name))
            except (httpx2.HTTPError, ValueError) as error:
                said[name] = f"{type(error).__name__}: {error}"
            said[name] += "".join(f"\n  {line[:300]}" for line in self._last_warnings(name))
        return "\n".join(f"{name}: {answer}" for name, answer in said.items())

    def _last_warnings(self, name: str) -> list[str]:
        """The log is gone with the machine when CI reports, so its end is told with the failure."""
        lines = (self.logs / f"{name}.log").read_text(errors="replace").splitlines()
        return [line for line in lines if '"level": "info"' not in line][-WARNINGS_SAID:]

    async def _create_database(self) -> None:
        admin = await asyncpg.connect(self.postgres.dsn)
        try:
            await admin.execute('DROP DATABASE IF EXISTS "guichet_running" WITH (FORCE)')
            await admin.execute('CREATE DATABASE "guichet_running"')
        finally:
            await admin.close()

    async def _forget_other_tables(self) -> None:
        """What other tests' processes noted beside their groups' offsets speaks of databases that are gone; a service
        would rightly take this new one for theirs, set back. Where they had read to stays."""
        settings = KafkaSettings(bootstrap_servers=self.kafka.bootstrap)
        for service in SERVICES:
            if offsets := await broker.committed(settings, service):
                keeper = make_offset_keeper(settings, consumer_group(service))
                await keeper.start()
                keeper.assign(list(offsets))
                await keeper.commit({place: OffsetAndMetadata(offset, "") for place, offset in offsets.items()})
                await keeper.stop()

    def _write_secrets(self) -> None:
        from libs.operate.keys import SCOPES, KeyFile
        from libs.operate.secrets import create_secrets

        made = create_secrets(self.home)
        KeyFile(made.keys_file).add("test", SOURCE, SCOPES, self.key)

    def _environment(self) -> dict[str, str]:
        secret = self.home / "secrets"
        ports = {f"{name.upper()}_HTTP_PORT": str(self.ports[name]) for name in SERVICES}
        urls = {f"GUICHET_{name.upper()}_URL": f"http://127.0.0.1:{self.ports[name]}" for name in SERVICES}
        return {
            **os.environ,
            **ports,
            **urls,
            "GUICHET_HOME": str(self.home),
            "GUICHET_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "GUICHET_POSTGRES_DSN": self.dsn,
            "GUICHET_MASTER_KEY_FILE": str(secret / "master.key"),
            "GUICHET_PSEUDONYM_KEY_FILE": str(secret / "pseudonym.key"),
            "GUICHET_PUBLIC_URL": f"http://127.0.0.1:{self.ports['intake']}",
            "GUICHET_MAILBOX_URL": f"http://127.0.0.1:{self.ports['mail_http']}",
            "INTAKE_KEYS_FILE": str(secret / "keys.json"),
            "INTAKE_AUDIT_URL": f"http://127.0.0.1:{self.ports['audit']}",
            "AUDIT_KEY_FILE": str(secret / "audit.key"),
            "NOTIFIER_SMTP_PORT": str(self.ports["mail_smtp"]),
        }

    def _processes(self) -> dict[str, Process]:
        def process(name: str, *arguments: str) -> Process:
            return Process(name, [sys.executable, *arguments], self.environment, self.logs / f"{name}.log")

        mailbox = process(
            "mailbox",
            *("-m", "libs.operate.mailbox", "--folder", str(self.home / "mail")),
            *("--smtp-port", str(self.ports["mail_smtp"]), "--http-port", str(self.ports["mail_http"])),
        )
        return {"mailbox": mailbox} | {name: process(name, "-m", f"services.{name}") for name in SERVICES}
