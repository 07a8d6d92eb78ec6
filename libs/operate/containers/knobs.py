"""Which variables may stand in deploy/.env, and which does compose.yaml decide?"""

import difflib
import fnmatch
import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from libs.events.topics import SERVICES
from libs.operate.containers.settings import ComposeSettings
from libs.service.settings import SettingsWrong, SharedSettings

NESTED = "shared"
# Addresses, ports and files inside the containers: one place decides them, so that a deployer cannot contradict it.
DECIDED: Mapping[str, frozenset[str]] = {
    "compose": frozenset(),
    "shared": frozenset(
        {
            "kafka_bootstrap",
            "kafka_security_protocol",
            "kafka_sasl_mechanism",
            "kafka_username",
            "kafka_password",
            "kafka_password_file",
            "kafka_ca_file",
            "postgres_dsn",
            "postgres_password_file",
            "postgres_pooler",
            "postgres_session_dsn",
            "home",
            "master_key_file",
            "pseudonym_key_file",
        }
    ),
    "intake": frozenset({"http_host", "http_port", "keys_file"}),
    "router": frozenset({"http_host", "http_port"}),
    "notifier": frozenset({"http_host", "http_port"}),
    "audit": frozenset({"http_host", "http_port", "key_file"}),
}
TITLES: Mapping[str, str] = {
    "compose": "compose.yaml itself",
    "shared": "all services",
    "intake": "intake: the counter",
    "router": "router: who owns it",
    "notifier": "notifier: who is told",
    "audit": "audit: the log",
}
# What the image, the engine and compose put beside a deployer's variables.
NOT_OURS = (
    *("PATH", "HOME", "HOSTNAME", "LANG", "TERM", "PWD", "OLDPWD", "SHLVL", "_", "GPG_KEY", "PYTHON*", "container"),
    *("COMPOSE_*", "DOCKER_*", "BUILDKIT_*", "BUILDX_*", "*_proxy", "*_PROXY"),
)


@dataclass(frozen=True, slots=True)
class Knob:
    """One variable. `group` is a key of TITLES."""

    name: str
    group: str
    field: FieldInfo
    is_decided: bool


def settings_classes() -> dict[str, type[BaseSettings]]:
    """Every class of settings, by group. Services are imported by name: libraries never import them."""
    services = {name: importlib.import_module(f"services.{name}.settings").Settings for name in SERVICES}
    return {"compose": ComposeSettings, "shared": SharedSettings, **services}


def knobs() -> list[Knob]:
    """Every variable that there is, in the order of the classes."""
    return [
        Knob(str(kind.model_config.get("env_prefix")) + name.upper(), group, field, name in DECIDED[group])
        for group, kind in settings_classes().items()
        for name, field in kind.model_fields.items()
        if name != NESTED
    ]


def refuse_unknown(names: Iterable[str]) -> None:
    """Raises `SettingsWrong` for the first variable that nobody reads, or that compose.yaml decides."""
    known = {knob.name: knob for knob in knobs()}
    free = [name for name, knob in known.items() if not knob.is_decided]
    for name in sorted(names):
        if name in known and known[name].is_decided:
            raise SettingsWrong(f"{name} is decided by deploy/compose.yaml; remove it from .env")
        if name not in known and not any(fnmatch.fnmatchcase(name, pattern) for pattern in NOT_OURS):
            meant = difflib.get_close_matches(name, free, n=1)
            remedy = f"did you mean {meant[0]}?" if meant else ".env.example names all that there are"
            raise SettingsWrong(f"{name} is not a setting; remove it from .env; {remedy}")
