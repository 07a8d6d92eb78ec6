"""Is a wrong setting told in one sentence, before anything is served?"""

from pathlib import Path

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.service.settings import ServiceSettings, SettingsWrong, load, redacted


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="DESK_", extra="forbid")
    http_port: int = Field(default=8099, ge=1, le=65535, description="port to listen on")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith(("GUICHET_", "DESK_")):
            monkeypatch.delenv(name)


def test_nothing_set_is_a_working_default() -> None:
    settings = load(Settings)
    assert settings.http_port == 8099
    assert settings.shared.kafka_bootstrap == "127.0.0.1:9092"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DESK_HTTP_PORT", "eighty", "DESK_HTTP_PORT is wrong"),
        ("DESK_HTTP_PRT", "80", "did you mean DESK_HTTP_PORT"),
        ("GUICHET_KAFKA_BOOTSTRP", "x:1", "did you mean GUICHET_KAFKA_BOOTSTRAP"),
        ("GUICHET_LOG_LEVEL", "LOUD", "GUICHET_LOG_LEVEL is wrong"),
        ("GUICHET_POSTGRES_CONNECTIONS_MAX", "0", "connections that one process may hold"),
        (
            "GUICHET_POSTGRES_DSN",
            "postgresql://a:hunter2@db/x?keepalives=1&keepalives_idle=30",
            "keepalives, keepalives_idle",
        ),
        ("GUICHET_POSTGRES_DSN", "postgresql://a:hunter2@db/x?connect_timeout=soon", "connect_timeout is a number"),
        ("GUICHET_POSTGRES_DSN", "host=db dbname=x password=hunter2", "must begin with postgresql://"),
        ("GUICHET_POSTGRES_DSN", "postgresql://a:hunter/2@db/x", "no address"),
        ("GUICHET_POSTGRES_POOLER", "transaction", "GUICHET_POSTGRES_SESSION_DSN is wrong: GUICHET_POSTGRES_POOLER"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong, match=said) as refused:
        load(Settings)
    assert "\n" not in str(refused.value)
    assert "hunter" not in str(refused.value)


def test_what_the_command_line_and_the_tests_read_is_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GUICHET_TEST_STACK", "GUICHET_INTAKE_URL", "GUICHET_CACHE"):
        monkeypatch.setenv(name, "x")
    load(Settings)


def test_secrets_are_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_POSTGRES_DSN", "postgresql://guichet:hunter2@db/guichet")
    monkeypatch.setenv("GUICHET_KAFKA_PASSWORD", "hunter2")
    settings = load(Settings)
    assert "hunter2" not in str(redacted(settings))
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in repr(settings.shared.kafka("x"))


@pytest.mark.parametrize("name", ["GUICHET_POSTGRES_PASSWORD_FILE", "GUICHET_KAFKA_PASSWORD_FILE"])
def test_a_password_file_that_is_missing_or_empty_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "gone"))
    with pytest.raises(SettingsWrong, match=rf"{name} is wrong: .*gone cannot be read .* put the password into it"):
        load(Settings)
    (tmp_path / "gone").write_text("\n")
    with pytest.raises(SettingsWrong, match=f"{name} is wrong: .*does not hold one line with a password"):
        load(Settings)


def test_passwords_from_files_reach_kafka_and_the_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/word\n")
    monkeypatch.setenv("GUICHET_POSTGRES_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("GUICHET_KAFKA_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("GUICHET_POSTGRES_DSN", "postgresql://guichet_intake@postgres:5432/guichet?connect_timeout=3")
    shared = load(Settings).shared
    assert shared.database == "postgresql://guichet_intake:p%40ss%2Fword@postgres:5432/guichet?connect_timeout=3"
    assert shared.kafka("test").password == "p@ss/word"
