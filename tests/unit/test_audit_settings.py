"""Does a wrong knob stop audit with a sentence before anything is signed?"""

import json
from pathlib import Path

import pytest

from libs.ledger.note import Signer
from libs.privacy.keyfile import create_key
from libs.service.settings import SettingsWrong, load
from services.audit.settings import Settings


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "audit.key"
    create_key(path)
    monkeypatch.setenv("AUDIT_KEY_FILE", str(path))
    return path


def test_a_key_file_is_all_that_must_be_set(key_file: Path) -> None:
    settings = load(Settings)
    assert (settings.key_file, settings.http_port, settings.checkpoint_seconds) == (key_file, 8083, 1.0)


def test_a_key_file_that_holds_no_key_is_named(key_file: Path) -> None:
    key_file.write_text("no key")
    with pytest.raises(SettingsWrong, match=r"AUDIT_KEY_FILE is wrong: .*audit\.key"):
        load(Settings)


@pytest.mark.parametrize("origin", ["", "two words", "a+b"])
def test_an_origin_that_no_note_can_carry_is_refused(
    key_file: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    monkeypatch.setenv("AUDIT_ORIGIN", origin)
    with pytest.raises(SettingsWrong, match="AUDIT_ORIGIN is wrong"):
        load(Settings)


def test_former_keys_are_verifier_keys(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    former = str(Signer("ville.example/log", bytes(32)).verifier)
    monkeypatch.setenv("AUDIT_FORMER_VERIFIER_KEYS", json.dumps([former]))
    assert load(Settings).former_verifier_keys == (former,)
    monkeypatch.setenv("AUDIT_FORMER_VERIFIER_KEYS", json.dumps([former[:-1]]))
    with pytest.raises(SettingsWrong, match="AUDIT_FORMER_VERIFIER_KEYS is wrong"):
        load(Settings)
