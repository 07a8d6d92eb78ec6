"""Where is the system that a command talks to? What the environment names, else what runs in this folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from libs.operate.output import Away, WrongUse
from libs.operate.secrets import Secrets
from libs.operate.system import HOME_VARIABLE, Home, System, home_folder, running_system
from libs.service.password_files import with_password
from libs.service.postgres_address import checked

KEY_VARIABLE = "GUICHET_KEY"
PASSWORD_FILE_VARIABLE = "GUICHET_POSTGRES_PASSWORD_FILE"  # noqa: S105  the name of a variable
SESSION_VARIABLE = "GUICHET_POSTGRES_SESSION_DSN"
# A system elsewhere is named by these; the first two are enough to be one, the others have the ports of the README.
VARIABLES = {
    "kafka": "GUICHET_KAFKA_BOOTSTRAP",
    "intake_url": "GUICHET_INTAKE_URL",
    "router_url": "GUICHET_ROUTER_URL",
    "notifier_url": "GUICHET_NOTIFIER_URL",
    "audit_url": "GUICHET_AUDIT_URL",
    "mailbox_url": "GUICHET_MAILBOX_URL",
    "dsn": "GUICHET_POSTGRES_DSN",
}
NAMES_A_SYSTEM = ("kafka", "intake_url")
DEFAULTS = {
    "kafka": "127.0.0.1:9092",
    "intake_url": "http://127.0.0.1:8080",
    "router_url": "http://127.0.0.1:8081",
    "notifier_url": "http://127.0.0.1:8082",
    "audit_url": "http://127.0.0.1:8083",
    "mailbox_url": "http://127.0.0.1:8025",
    "dsn": "",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    kafka: str
    intake_url: str
    router_url: str
    notifier_url: str
    audit_url: str
    mailbox_url: str
    dsn: str
    home: Path


def find_system() -> Addresses:
    """Raises `Away` (exit code 3) with a sentence when there is no system to talk to."""
    named = {field: os.environ[variable] for field, variable in VARIABLES.items() if os.environ.get(variable)}
    if dsn := os.environ.get(SESSION_VARIABLE) or named.get("dsn"):  # snapshots and dumps need a session of their own
        named["dsn"] = _with_password(dsn)
    home = Home(home_folder())
    system = running_system(home)
    if system is not None and system.kafka:  # else it has only just begun to start
        return Addresses(**{**_addresses(system), **named}, home=home.folder)
    if any(field in named for field in NAMES_A_SYSTEM):
        return Addresses(**{**DEFAULTS, **named}, home=home.folder)
    raise Away(
        f"No system runs in {home.folder}. Start one with `guichet up`, name its folder by {HOME_VARIABLE}, "
        f"or name its addresses by {', '.join(VARIABLES[field] for field in NAMES_A_SYSTEM)}."
    )


def _with_password(dsn: str) -> str:
    file = os.environ.get(PASSWORD_FILE_VARIABLE)
    try:
        checked(dsn)
    except ValueError as error:
        raise WrongUse(f"{VARIABLES['dsn']} (or {SESSION_VARIABLE}) is wrong: {error}") from error
    try:
        return with_password(dsn, Path(file) if file else None)
    except ValueError as error:
        raise WrongUse(f"{PASSWORD_FILE_VARIABLE} is wrong: {error}") from error


def _addresses(system: System) -> dict[str, str]:
    urls = {f"{name}_url": system.urls.get(name, "") for name in ("intake", "router", "notifier", "audit", "mailbox")}
    return {"kafka": system.kafka, "dsn": system.dsn, **urls}


def api_key(home: Path, holder: str = "demo") -> str | None:
    """The key that a command sends: $GUICHET_KEY, else the one this machine's system made for its own tools."""
    return os.environ.get(KEY_VARIABLE) or Secrets(Home(home).secrets).api_key(holder)
