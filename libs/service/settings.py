"""Which knobs does a service have? Read from the environment once, verified before anything is served."""

import difflib
import fnmatch
import os
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.delivery.kafka import KafkaSettings
from libs.service.password_files import password_in, with_password
from libs.service.postgres import Pooler
from libs.service.postgres_address import checked

SHARED_PREFIX = "GUICHET_"

# Read by the command line, the tests and CI; they may be set where a service starts too.
READ_ELSEWHERE = (
    "GUICHET_TEST_*",
    "GUICHET_BROWSER_*",
    "GUICHET_POOLER_REQUIRED",
    "GUICHET_BOUNDARY_*",
    "GUICHET_REGISTER_*",
    "GUICHET_COMPOSE*",
    "GUICHET_CACHE",
    "GUICHET_*_URL",
    "GUICHET_*_PORT",
    "GUICHET_KEY",
    "GUICHET_MAVEN_*",
)


class SettingsWrong(Exception):
    """A sentence that names the variable and the remedy."""


class SharedSettings(BaseSettings):
    """What all services have in common."""

    model_config = SettingsConfigDict(env_prefix=SHARED_PREFIX, extra="forbid", frozen=True, validate_default=True)

    kafka_bootstrap: str = Field(
        default="127.0.0.1:9092", description="Kafka's addresses, host:port, separated by commas"
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="how connections to Kafka are protected"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", description="how we prove who we are, with SASL"
    )
    kafka_username: str = Field(default="", description="this service's user in Kafka, with SASL")
    kafka_password: SecretStr = Field(default=SecretStr(""), description="that user's password")
    kafka_password_file: Path | None = Field(
        default=None, description="a file with that password, in place of GUICHET_KAFKA_PASSWORD"
    )
    kafka_ca_file: Path | None = Field(default=None, description="who signed Kafka's certificate, with SSL")
    postgres_dsn: SecretStr | None = Field(default=None, description="postgresql://user:password@host:port/database")
    postgres_password_file: Path | None = Field(
        default=None,
        description="a file with the password that belongs into GUICHET_POSTGRES_DSN",
    )
    postgres_pooler: Pooler = Field(
        default="none",
        description="what stands between us and PostgreSQL: none, or a pooler (PgBouncer, …) in session or transaction "
        "mode",
    )
    postgres_session_dsn: SecretStr | None = Field(
        default=None,
        description="with a pooler in transaction mode: PostgreSQL's own address, for what needs a session (the "
        "outbox's leader, migrations, backups); the password comes from the same file",
    )
    postgres_connections_max: int = Field(default=10, ge=2, le=100, description="connections that one process may hold")
    home: Path = Field(default=Path(".guichet"), description="folder for what a process keeps on disk")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="what is worth a line")
    log_format: Literal["json", "console"] = Field(default="json", description="json for machines, console for people")
    master_key_file: Path | None = Field(default=None, description="wraps the keys that personal data are sealed with")
    pseudonym_key_file: Path | None = Field(default=None, description="makes pseudonyms that only we can make")
    public_url: str = Field(
        default="http://127.0.0.1:8080", description="where citizens reach intake; links are made with it"
    )
    version: str = Field(default="dev", description="which build this is, as dead letters and logs name it")

    @field_validator("kafka_password_file", "postgres_password_file")
    @classmethod
    def _holds_a_password(cls, file: Path | None) -> Path | None:
        if file is not None:
            password_in(file)
        return file

    @field_validator("postgres_dsn", "postgres_session_dsn")
    @classmethod
    def _is_understood(cls, dsn: SecretStr | None) -> SecretStr | None:
        if dsn is not None:
            checked(dsn.get_secret_value())
        return dsn

    @field_validator("postgres_session_dsn")
    @classmethod
    def _is_there_where_needed(cls, dsn: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if dsn is None and info.data.get("postgres_pooler") == "transaction":
            raise ValueError(
                "GUICHET_POSTGRES_POOLER is transaction, so what needs a session must go past the pooler: give "
                "PostgreSQL's own address"
            )
        return dsn

    @property
    def database(self) -> str | None:
        """The database's address with the password in it: for connecting, never for showing."""
        return self._with_password(self.postgres_dsn)

    @property
    def session_database(self) -> str | None:
        """The same of PostgreSQL itself, where a pooler stands before it."""
        return self._with_password(self.postgres_session_dsn or self.postgres_dsn)

    def _with_password(self, dsn: SecretStr | None) -> str | None:
        return None if dsn is None else with_password(dsn.get_secret_value(), self.postgres_password_file)

    def kafka(self, client_id: str) -> KafkaSettings:
        return KafkaSettings(
            bootstrap_servers=self.kafka_bootstrap,
            client_id=client_id,
            security_protocol=self.kafka_security_protocol,
            sasl_mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_username,
            password=(
                password_in(self.kafka_password_file)
                if self.kafka_password_file
                else self.kafka_password.get_secret_value()
            ),
            ca_file=str(self.kafka_ca_file) if self.kafka_ca_file else None,
        )


class ServiceSettings(BaseSettings):
    """What each service's own `Settings` starts from; it sets its `env_prefix` and the default of `http_port`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    shared: SharedSettings = Field(
        default_factory=lambda: SharedSettings(),  # noqa: PLW0108  mypy takes no class here
        description="what all services have in common",
    )
    http_host: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 in a container")
    http_port: int = Field(default=8080, ge=1, le=65535, description="port to listen on")


S = TypeVar("S", bound=ServiceSettings)


def load(settings_class: type[S]) -> S:
    """Read the environment. Raises `SettingsWrong` for an impossible value, and for a variable that is no setting."""
    settings = read(settings_class)
    for kind in (settings_class, SharedSettings):
        _refuse_unknown(kind)
    return settings


B = TypeVar("B", bound=BaseSettings)


def read(kind: type[B]) -> B:
    """The settings of one class; whatever else the environment holds is not looked at. Raises `SettingsWrong`."""
    try:
        return kind()
    except ValidationError as error:
        raise SettingsWrong(_sentence(kind, error)) from error


def _prefix(kind: type[BaseSettings]) -> str:
    return (kind.model_config.get("env_prefix") or "").upper()


def _refuse_unknown(kind: type[BaseSettings]) -> None:
    prefix = _prefix(kind)
    known = {prefix + name.upper() for name in kind.model_fields}
    for name in sorted(os.environ):
        is_elsewhere = any(fnmatch.fnmatch(name, pattern) for pattern in READ_ELSEWHERE)
        if prefix and name.startswith(prefix) and name not in known and not is_elsewhere:
            meant = difflib.get_close_matches(name, known, n=1)
            remedy = f"did you mean {meant[0]}?" if meant else f"settings are {', '.join(sorted(known))}"
            raise SettingsWrong(f"{name} is not a setting; remove it; {remedy}")


def _sentence(kind: type[BaseSettings], error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    prefix = SHARED_PREFIX if error.title == SharedSettings.__name__ else _prefix(kind)
    fields: dict[str, Any] = (SharedSettings if prefix == SHARED_PREFIX else kind).model_fields
    meaning = fields[name].description if name in fields else "see the service's README"
    return f"{prefix}{name.upper()} is wrong: {first['msg'].removeprefix('Value error, ')}; it is: {meaning}"


def redacted(settings: ServiceSettings) -> dict[str, object]:
    """Every setting as it may be logged: secrets are shown as set or not set."""
    return settings.model_dump(mode="json")
