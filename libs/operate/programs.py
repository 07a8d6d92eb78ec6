"""Which programs make up the system, and with which settings is each started?"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from libs.events.topics import SERVICES
from libs.operate.embedded.free_port import HOST
from libs.operate.secrets import Secrets
from libs.operate.system import Home

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORTS = {
    "kafka": 9092,
    "intake": 8080,
    "router": 8081,
    "notifier": 8082,
    "audit": 8083,
    "smtp": 1025,
    "mailbox": 8025,
}
WITHOUT_COMPILED_MODULES = "PYTHONDONTWRITEBYTECODE"
PACKS = ("val-de-brume", "bordeaux-metropole")


@dataclass(frozen=True, slots=True)
class Program:
    """`ready_url` answers 200 when the program can do its work."""

    name: str
    command: tuple[str, ...]
    ready_url: str


@dataclass(frozen=True, slots=True)
class Run:
    """A program that does its work and ends."""

    name: str
    command: tuple[str, ...]


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


MIGRATE = Run("migrate", python("libs.service.migrate"))
TOPICS = Run("topics", python("libs.delivery.provision"))


def mailbox(home: Home, ports: Mapping[str, int]) -> Program:
    where = ("--smtp-port", str(ports["smtp"]), "--http-port", str(ports["mailbox"]), "--folder", str(home.mail))
    ready_url = f"{url(ports['mailbox'])}/api/v1/messages?limit=1"
    return Program("mailbox", python("libs.operate.mailbox", *where), ready_url)


def services(ports: Mapping[str, int]) -> list[Program]:
    return [Program(name, python(f"services.{name}"), f"{url(ports[name])}/health/ready") for name in SERVICES]


def url(port: int) -> str:
    return f"http://{HOST}:{port}"


def publications() -> list[Run]:
    """The territories that come along, unless they have a release: what operators published since stays in force."""
    publish = ("libs.operate.cli", "directory", "publish", "--if-none")
    return [Run(f"publish-{pack}", python(*publish, pack)) for pack in PACKS]


def environment(home: Home, ports: Mapping[str, int], kafka: str, dsn: str) -> dict[str, str]:
    """Ours over the caller's: what somebody sets in the shell (INTAKE_ANONYMOUS_BURST=…) reaches the services too.

    But for one: without compiled modules on disk each of nine programs compiles everything it imports again, which
    takes 4 s of a core instead of 1.7 s.
    """
    secrets = Secrets(home.secrets)
    ours = {
        "GUICHET_HOME": str(home.folder),
        "GUICHET_KAFKA_BOOTSTRAP": kafka,
        "GUICHET_POSTGRES_DSN": dsn,
        "GUICHET_MASTER_KEY_FILE": str(secrets.path("master")),
        "GUICHET_PSEUDONYM_KEY_FILE": str(secrets.path("pseudonym")),
        "GUICHET_PUBLIC_URL": url(ports["intake"]),
        "INTAKE_KEYS_FILE": str(secrets.keys_file),
        "INTAKE_AUDIT_URL": url(ports["audit"]),
        "AUDIT_KEY_FILE": str(secrets.path("audit")),
        "NOTIFIER_SMTP_HOST": HOST,
        "NOTIFIER_SMTP_PORT": str(ports["smtp"]),
        "PYTHONUNBUFFERED": "1",
    }
    listening = {f"{name.upper()}_HTTP_PORT": str(ports[name]) for name in SERVICES}
    inherited = {name: value for name, value in os.environ.items() if name != WITHOUT_COMPILED_MODULES}
    return {**inherited, **ours, **listening}
