"""Does each container get its own secrets, made once, and are secrets that cannot be right refused?"""

import shutil
import stat
from pathlib import Path

import pytest

from libs.operate.containers.hand_out import HAND_OUT, hand_out, keep, refuse_missing, take_back
from libs.operate.secrets import KEY_FILES
from libs.privacy.keyfile import create_key
from libs.service.settings import SettingsWrong


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keys.json"


@pytest.fixture
def consumers(tmp_path: Path) -> Path:
    for name in HAND_OUT:
        (tmp_path / "hand-out" / name).mkdir(parents=True)
    return tmp_path / "hand-out"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    for name in KEY_FILES:
        create_key(tmp_path / "given" / name)
    return tmp_path / "given"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_secrets_are_made_at_the_first_start_only(store: Path, keys_file: Path) -> None:
    keep(store, keys_file, None)
    first, keys = content(store), keys_file.read_text()
    keep(store, keys_file, None)
    assert content(store) == first
    assert keys_file.read_text() == keys
    assert len(set(first.values())) == len(first), "no two secrets are the same"


def test_each_consumer_gets_its_own_and_nothing_else(store: Path, keys_file: Path, consumers: Path) -> None:
    keep(store, keys_file, None)
    hand_out(store, consumers)
    for consumer, names in HAND_OUT.items():
        made = {name for name in names if (store / name).exists()}
        assert set(content(consumers / consumer)) == made
        assert "master.key" not in made or consumer in {"intake", "notifier"}
    assert (consumers / "intake" / "master.key").read_bytes() == (store / "master.key").read_bytes()


def test_a_secret_is_readable_by_its_consumer_and_written_by_nobody(
    store: Path, keys_file: Path, consumers: Path
) -> None:
    keep(store, keys_file, None)
    hand_out(store, consumers)
    assert stat.S_IMODE((consumers / "intake" / "master.key").stat().st_mode) == 0o400
    assert stat.S_IMODE((consumers / "postgres" / "postgres-owner.password").stat().st_mode) == 0o444


def test_a_lost_store_is_refilled_from_what_was_handed_out(store: Path, keys_file: Path, consumers: Path) -> None:
    keep(store, keys_file, None)
    hand_out(store, consumers)
    before = content(store)
    shutil.rmtree(store)
    take_back(store, consumers)
    keep(store, keys_file, None)
    assert content(store) == before


def test_what_a_consumer_should_no_longer_have_is_taken_away(store: Path, keys_file: Path, consumers: Path) -> None:
    (consumers / "audit" / "master.key").write_text("left over")
    keep(store, keys_file, None)
    hand_out(store, consumers)
    assert "master.key" not in content(consumers / "audit")


def test_a_new_password_reaches_who_needs_it(store: Path, keys_file: Path, consumers: Path, given: Path) -> None:
    keep(store, keys_file, given)
    hand_out(store, consumers)
    (given / "postgres-audit.password").write_text("rotated\n")
    keep(store, keys_file, given)
    hand_out(store, consumers)
    assert (consumers / "audit" / "postgres-audit.password").read_text() == "rotated\n"
    assert (consumers / "migrate" / "postgres-audit.password").read_text() == "rotated\n"


def test_given_keys_are_taken_and_the_rest_is_made(store: Path, keys_file: Path, given: Path) -> None:
    keep(store, keys_file, given)
    assert {name: content(store)[name] for name in KEY_FILES} == content(given)
    assert (store / "postgres-owner.password").exists()


@pytest.mark.parametrize("name", KEY_FILES)
def test_a_given_key_that_is_missing_is_named(store: Path, keys_file: Path, given: Path, name: str) -> None:
    (given / name).unlink()
    with pytest.raises(SettingsWrong, match=rf"GUICHET_SECRETS_FOLDER is wrong: {name} in it cannot be read"):
        keep(store, keys_file, given)


def test_a_key_that_is_not_the_one_used_so_far_is_refused(store: Path, keys_file: Path, given: Path) -> None:
    """Taking it would make everything sealed so far unreadable."""
    keep(store, keys_file, None)
    before = content(store)
    with pytest.raises(SettingsWrong, match=r"master\.key in it is not the key that this system has used so far"):
        keep(store, keys_file, given)
    assert content(store) == before


def test_a_given_password_that_is_none_is_named(store: Path, keys_file: Path, given: Path) -> None:
    (given / "postgres-intake.password").write_text("")
    with pytest.raises(SettingsWrong, match=r"postgres-intake\.password in it does not hold one line"):
        keep(store, keys_file, given)


def test_a_file_only_the_deployer_can_give_must_be_given(store: Path, keys_file: Path, given: Path) -> None:
    variable, seen_at = "NOTIFIER_SMTP_PASSWORD_FILE", "/run/guichet/smtp.password"
    keep(store, keys_file, given)
    with pytest.raises(SettingsWrong, match=rf"{variable} is wrong: .* as smtp\.password into GUICHET_SECRETS_FOLDER"):
        refuse_missing(store, {variable: seen_at})
    (given / "smtp.password").write_text("secret\n")
    keep(store, keys_file, given)
    refuse_missing(store, {variable: seen_at})
    with pytest.raises(SettingsWrong, match=f"{variable} is wrong"):
        refuse_missing(store, {variable: "/etc/passwd"})
