"""Is a key file made once, for its owner only, and is a wrong one named?"""

import base64
from pathlib import Path

import pytest

from libs.privacy.errors import KeyFileInvalid
from libs.privacy.seal import create_master_key, load_master_key


def test_a_created_key_is_loaded_back(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "master.key"
    assert create_master_key(path) == load_master_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["master.key"]


def test_an_existing_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = create_master_key(path)
    with pytest.raises(FileExistsError):
        create_master_key(path)
    assert load_master_key(path) == key
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileInvalid, match=r"absent\.key"):
        load_master_key(tmp_path / "absent.key")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "holds 0 bytes"), (base64.b64encode(b"short"), "holds 5 bytes"), (b"not base64 at all!", "not base64")],
)
def test_a_file_that_holds_no_key_is_refused_without_showing_it(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    with pytest.raises(KeyFileInvalid, match=words) as raised:
        load_master_key(path)
    assert "short" not in str(raised.value)
