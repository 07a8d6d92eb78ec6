"""Is a password given to PostgreSQL in the form that it keeps, and never as it is?"""

import base64
import hmac
from pathlib import Path

import pytest

from libs.service.roles import PASSWORDS_VARIABLE, ROLES, passwords_in_environment, scram_verifier
from libs.service.settings import SettingsWrong

# The exchange printed in RFC 7677, section 3: the user's password is "pencil".
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SIGNED = f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={NONCE}"
SERVER_SIGNATURE = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def test_the_verifier_signs_as_the_standard_says() -> None:
    mechanism, _, keys = scram_verifier("pencil", SALT).split("$")
    server_key = base64.b64decode(keys.partition(":")[2])
    assert mechanism == "SCRAM-SHA-256"
    assert base64.b64encode(hmac.digest(server_key, SIGNED.encode(), "sha256")).decode() == SERVER_SIGNATURE


def test_two_verifiers_of_one_password_differ_and_hold_no_password() -> None:
    first, second = scram_verifier("pencil"), scram_verifier("pencil")
    assert first != second
    assert "pencil" not in first


def test_no_folder_means_no_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORDS_VARIABLE, raising=False)
    assert passwords_in_environment() is None


def test_a_missing_password_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for role in ROLES[1:]:
        (tmp_path / f"postgres-{role}.password").write_text("secret\n")
    monkeypatch.setenv(PASSWORDS_VARIABLE, str(tmp_path))
    with pytest.raises(SettingsWrong, match=rf"{PASSWORDS_VARIABLE} is wrong: .*postgres-{ROLES[0]}\.password"):
        passwords_in_environment()
