"""What runs on this machine, since when, and where is it reached? Told by `system.json` in the system's folder."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from libs.operate.embedded.process import ProcessId

HOME_VARIABLE = "GUICHET_HOME"
DEFAULT_HOME = Path(".guichet")

INTRODUCTION_SECONDS_MAX = 5.0
POLL_SECONDS = 0.05
EXIT_HELD = 3  # of a supervisor that found another one

State = Literal["starting", "up", "stopping"]


def home_folder() -> Path:
    return Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).absolute()


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of one system. Two systems side by side have two of these."""

    folder: Path

    @property
    def kafka(self) -> Path:
        return self.folder / "kafka"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def mail(self) -> Path:
        return self.folder / "mail"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def system_file(self) -> Path:
        return self.folder / "system.json"

    @property
    def lock_file(self) -> Path:
        return self.folder / "supervisor.lock"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


@dataclass(slots=True)
class Step:
    """One part of a start, as `guichet up` shows it."""

    name: str
    seconds: float | None = None  # None while it is being done


@dataclass(slots=True)
class System:
    """What the supervisor last wrote about itself."""

    pid: int
    started: str
    since: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    state: State = "starting"
    steps: list[Step] = field(default_factory=list)
    error: str | None = None
    kafka: str = ""
    dsn: str = ""
    ports: dict[str, int] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    processes: dict[str, ProcessId] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)

    @property
    def supervisor(self) -> ProcessId:
        return ProcessId(self.pid, self.started)

    @property
    def is_alive(self) -> bool:
        return self.supervisor.is_alive

    def write(self, file: Path) -> None:
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n")
        draft.replace(file)

    @classmethod
    def read(cls, file: Path) -> "System | None":
        """None when nothing ever ran here, or what is written was written by something else."""
        try:
            found = json.loads(file.read_text())
            found["steps"] = [Step(**step) for step in found["steps"]]
            found["processes"] = {name: ProcessId(**process) for name, process in found["processes"].items()}
            return cls(**found)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


class HeldByAnother(Exception):
    """Another process has the lock."""


@contextmanager
def held(lock_file: Path, *, waiting: bool = False) -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends. Raises `HeldByAnother` unless `waiting`."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if waiting else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise HeldByAnother(str(lock_file)) from error
        yield


def _is_held(lock_file: Path) -> bool:
    if not lock_file.exists():  # looking must not make a folder
        return False
    try:
        with held(lock_file):
            return False
    except HeldByAnother:
        return True


def running_system(home: Home) -> System | None:
    """Also one that has the lock and has not written yet who it is: that takes a moment."""
    deadline = time.monotonic() + INTRODUCTION_SECONDS_MAX
    while (found := _introduced(home)) is None and _is_held(home.lock_file) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found


def _introduced(home: Home) -> System | None:
    system = System.read(home.system_file)
    return system if system is not None and system.is_alive else None
