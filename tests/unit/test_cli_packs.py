"""Is a folder that is no pack told apart from one, before its files are read?"""

import shutil
from pathlib import Path

import pytest

from libs.operate import packs
from libs.operate.output import WrongUse


def test_a_folder_without_any_file_of_a_pack_is_refused_and_not_walked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    monkeypatch.setattr(Path, "rglob", lambda *_: pytest.fail("the folder was walked through"))
    with pytest.raises(WrongUse, match=r"is no territory pack: it has no territory\.yaml"):
        packs.read_pack(tmp_path)


def test_a_pack_in_a_folder_of_very_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "ENTRIES_MAX", 50)
    shutil.copytree(packs.SHIPPED / "val-de-brume", tmp_path / "pack")
    assert packs.read_pack(tmp_path / "pack")
    for number in range(50):
        (tmp_path / "pack" / f"{number}.txt").touch()
    with pytest.raises(WrongUse, match="a pack has a folder of its own"):
        packs.read_pack(tmp_path / "pack")
