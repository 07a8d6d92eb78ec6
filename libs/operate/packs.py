"""Which folder holds a territory pack, and what stands in its files?"""

import os
import shutil
import tempfile
from itertools import islice
from pathlib import Path

from libs.directory.pack import REQUIRED, is_read
from libs.operate.output import Stopped, WrongUse
from libs.operate.system import home_folder

SHIPPED = Path(__file__).parents[2] / "deploy" / "territories"
WORKING = "territories"  # inside $GUICHET_HOME: packs that somebody here changed or added
ENTRIES_MAX = 1_000  # files and folders; a pack has some twenty, and a whole disk would be walked through
FILE_BYTES_MAX = 512 * 1024 * 1024  # the outlines of all communes of a country take 50 MB; more is another file


def find_pack(name: str) -> Path:
    """A folder is used as it is. A name means the working copy in $GUICHET_HOME/territories, else the shipped pack."""
    folder = Path(name)
    if folder.is_dir():
        return folder
    for known in (home_folder() / WORKING / name, SHIPPED / name):
        if os.sep not in name and known.is_dir():
            return known
    names = ", ".join(sorted(path.name for path in SHIPPED.glob("*") if path.is_dir())) or "none"
    raise WrongUse(f"There is no territory pack “{name}”: name a folder, or one of those shipped ({names}).")


def read_pack(folder: Path) -> dict[str, str]:
    """From relative path to text. Files that are not part of a pack are named without being read."""
    if not any((folder / name).is_file() for name in REQUIRED):
        raise WrongUse(f"{folder} is no territory pack: it has no {REQUIRED[0]}. Name the folder that holds it.")
    entries = list(islice(folder.rglob("*"), ENTRIES_MAX + 1))
    if len(entries) > ENTRIES_MAX:
        raise WrongUse(f"{folder} holds more than {ENTRIES_MAX:,} files: a pack has a folder of its own.")
    files = {}
    for path in sorted(entries):
        relative = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in relative.parts):
            files[relative.as_posix()] = _text(path) if is_read(relative.as_posix()) else ""
    return files


def _text(path: Path) -> str:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise Stopped(f"{path} is larger than {FILE_BYTES_MAX:,} bytes; this is no file of a pack.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Stopped(f"{path}, line {line}: the file is not UTF-8; save it as UTF-8.") from error


def writable_pack(folder: Path) -> Path:
    """The folder itself, or for a shipped pack its working copy in $GUICHET_HOME/territories, made when needed."""
    if folder.resolve().parent != SHIPPED.resolve():
        return folder
    copy = home_folder() / WORKING / folder.name
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=copy.parent, prefix=".copying-") as half:
            shutil.copytree(folder, Path(half) / folder.name)
            (Path(half) / folder.name).rename(copy)
    return copy


def write_file(path: Path, text: str) -> None:
    """All of it or nothing: whoever reads meanwhile sees the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)  # it is still there only when something went wrong
