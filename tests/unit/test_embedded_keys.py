"""Is the key file written so that intake can read it, and so that no key can be read from it?"""

import json
import stat
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from libs.operate.keys import KeyFile, KeyRefused
from libs.operate.secrets import KEY_FILES, create_secrets


def test_a_key_is_given_out_once_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    key = KeyFile(file).add("voirie", "urn:example:voirie", ["progress"])
    text = file.read_text()
    assert key.startswith("gk_")
    assert key not in text
    assert json.loads(text) == [
        {
            "name": "voirie",
            "source": "urn:example:voirie",
            "scopes": ["progress"],
            "sha256": sha256(key.encode()).hexdigest(),
            "made": datetime.now(UTC).date().isoformat(),
        }
    ]


def test_the_key_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    KeyFile(file).add("voirie", "urn:example:voirie", ["progress"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_name_is_given_once(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    keys.add("voirie", "urn:example:voirie", ["progress"])
    with pytest.raises(KeyRefused, match="there is a key named 'voirie'"):
        keys.add("voirie", "urn:example:other", ["read"])


@pytest.mark.parametrize("scopes", [[], ["submit", "everything"]])
def test_scopes_that_do_not_exist_are_refused(tmp_path: Path, scopes: list[str]) -> None:
    with pytest.raises(KeyRefused, match="submit, read, progress, triage, operate"):
        KeyFile(tmp_path / "keys.json").add("voirie", "urn:example:voirie", scopes)


def test_a_revoked_key_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    for name in ("voirie", "eau"):
        keys.add(name, f"urn:example:{name}", ["progress"])
    keys.revoke("voirie")
    assert [entry.name for entry in keys.entries()] == ["eau"]
    with pytest.raises(KeyRefused, match="no key named 'voirie'"):
        keys.revoke("voirie")


def test_what_only_intake_understands_survives_a_change(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    line = {"name": "eau", "source": "urn:x", "scopes": ["submit"], "sha256": "0" * 64, "requests_per_second": 3}
    file.write_text(json.dumps([line]))
    KeyFile(file).add("voirie", "urn:example:voirie", ["progress"])
    assert json.loads(file.read_text())[0] == line


def test_a_broken_key_file_is_named_and_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text("[{")
    with pytest.raises(KeyRefused, match=r"keys\.json is not JSON"):
        KeyFile(file).add("voirie", "urn:example:voirie", ["progress"])
    assert file.read_text() == "[{"


def test_secrets_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()}
    create_secrets(tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "secrets").iterdir()} == before
    assert {*KEY_FILES, "demo.key", "operate.key", "keys.json"} <= set(before)
    assert {stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) for name in KEY_FILES} == {0o600}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_the_machines_own_keys_are_among_those_that_intake_knows(tmp_path: Path) -> None:
    secrets = create_secrets(tmp_path)
    known = {entry.name: entry.sha256 for entry in KeyFile(secrets.keys_file).entries()}
    for name in ("demo", "operate"):
        assert known[name] == sha256((secrets.api_key(name) or "").encode()).hexdigest()


def test_a_key_of_our_own_that_was_lost_is_made_anew_and_holds_from_then_on(tmp_path: Path) -> None:
    made = create_secrets(tmp_path)
    before = json.loads(made.keys_file.read_text())
    made.path("demo").unlink()
    again = create_secrets(tmp_path)
    key = again.api_key("demo")
    assert key is not None
    after = json.loads(again.keys_file.read_text())
    assert [entry["name"] for entry in after] == [entry["name"] for entry in before]
    assert {entry["name"]: entry["sha256"] for entry in after}["demo"] == sha256(key.encode()).hexdigest()
    assert [entry for entry in after if entry["name"] != "demo"] == [one for one in before if one["name"] != "demo"]


def test_a_start_does_not_bring_back_a_key_that_was_revoked(tmp_path: Path) -> None:
    secrets = create_secrets(tmp_path)
    KeyFile(secrets.keys_file).revoke("desk")
    create_secrets(tmp_path)
    assert {entry.name for entry in KeyFile(secrets.keys_file).entries()} == {"demo", "operate"}


def test_a_file_of_keys_that_was_lost_is_made_again_with_the_keys_that_are_there(tmp_path: Path) -> None:
    secrets = create_secrets(tmp_path)
    before = KeyFile(secrets.keys_file).entries()
    secrets.keys_file.unlink()
    create_secrets(tmp_path)
    assert KeyFile(secrets.keys_file).entries() == before
