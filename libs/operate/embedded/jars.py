"""Which jars does Kafka run from, and are the ones on this machine exactly those?

`jars.lock` names them by coordinate, SHA-256 and size. They are fetched once, through jgo (which knows where Maven
artifacts are served), into a cache that all systems of this user share, and verified at every start.
"""

import hashlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from libs.operate.embedded.errors import JarsUnavailable

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LOCK_FILE = Path(__file__).with_name("jars.lock")
LINE = re.compile(r"(?P<coordinate>[\w.-]+:[\w.-]+:[\w.-]+) sha256:(?P<sha256>[0-9a-f]{64}) bytes:(?P<bytes>\d+)")
MIRROR_VARIABLE = "GUICHET_MAVEN_MIRROR"
CACHE_VARIABLE = "GUICHET_CACHE"
DOWNLOADS_AT_ONCE = 8  # More gains nothing: the time goes into handshakes, and registries throttle eager clients.
READ_TIMEOUT_SECONDS = 30
TRIES_MAX = 3  # A cut connection is common, a jar that fails three times is not: then a person must look.

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Jar:
    coordinate: str
    sha256: str
    size_bytes: int

    @property
    def filename(self) -> str:
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"

    def is_intact(self, path: Path) -> bool:
        return path.stat().st_size == self.size_bytes and sha256_of(path) == self.sha256


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse_lock(text: str) -> tuple[Jar, ...]:
    jars = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"jars.lock line {number}: expected `group:artifact:version sha256:… bytes:…`")
        jars.append(Jar(found["coordinate"], found["sha256"], int(found["bytes"])))
    return tuple(jars)


def cache_folder() -> Path:
    named = os.environ.get(CACHE_VARIABLE)
    return (Path(named) if named else Path.home() / ".cache" / "guichet").absolute() / "jars"


def fetch_jars(folder: Path | None = None, console: Console | None = None, *, lock: Path | None = None) -> list[Path]:
    """Every jar of the lock, verified, in the lock's order; only what is missing or damaged is fetched.

    Safe beside another process that does the same: each downloads into a folder of its own and renames whole files.
    """
    folder = cache_folder() if folder is None else folder
    console = Console(stderr=True) if console is None else console
    jars = parse_lock((lock or LOCK_FILE).read_text())
    folder.mkdir(parents=True, exist_ok=True)
    missing = _missing(jars, folder, console)
    if missing:
        _fetch(missing, folder, console)
    return [folder / jar.filename for jar in jars]


def _missing(jars: Sequence[Jar], folder: Path, console: Console) -> list[Jar]:
    missing = []
    for jar in jars:
        path = folder / jar.filename
        if not path.exists():
            missing.append(jar)
        elif not jar.is_intact(path):
            text = f"{path} is damaged (its SHA-256 is not the one in jars.lock); fetching it again"
            console.print(text, markup=False, highlight=False, soft_wrap=True)
            missing.append(jar)
    return missing


def _fetch(jars: Sequence[Jar], folder: Path, console: Console) -> None:
    staging = Path(tempfile.mkdtemp(prefix=".fetching-", dir=folder))
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    try:
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(f"Fetching {len(jars)} jars", total=sum(jar.size_bytes for jar in jars))
            context = _context(staging, lambda count: progress.advance(task, count))
            with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
                for jar, path in zip(jars, pool.map(lambda jar: _download(jar, context), jars), strict=True):
                    path.replace(folder / jar.filename)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _context(staging: Path, advance: Callable[[int], None]) -> "MavenContext":
    from jgo.maven import MavenContext, PythonResolver  # takes 0.3 s, and is needed once in a machine's life

    @contextmanager
    def report(_filename: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
        yield advance

    mirror = os.environ.get(MIRROR_VARIABLE)
    return MavenContext(
        resolver=PythonResolver(progress_callback=report),
        repo_cache=staging,
        remote_repos={"mirror": mirror.rstrip("/")} if mirror else None,  # None: where jgo knows them to be
        timeout=READ_TIMEOUT_SECONDS,
    )


def _download(jar: Jar, context: "MavenContext") -> Path:
    group, artifact, version = jar.coordinate.split(":")
    trouble = ""
    for _ in range(TRIES_MAX):
        try:
            path: Path = context.project(group, artifact).at_version(version).artifact().resolve()
        except (OSError, RuntimeError) as error:  # of requests, and of jgo for what is not there
            trouble = str(error)
        else:
            if jar.is_intact(path):
                return path
            trouble = "what is served there has another SHA-256 than jars.lock"
        log.info("%s was not fetched: %s", jar.coordinate, trouble)
        _forget(jar, context)
    raise JarsUnavailable(
        f"{jar.coordinate} cannot be fetched: {trouble}. "
        f"Check the network, or name a Maven mirror by {MIRROR_VARIABLE}, and start again"
    )


def _forget(jar: Jar, context: "MavenContext") -> None:
    """jgo writes to the final name while it reads: a cut download would count as present at the next try."""
    for path in context.repo_cache.rglob(jar.filename):
        path.unlink()
