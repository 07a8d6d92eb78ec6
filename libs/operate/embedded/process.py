"""How is a program started, recognised later, and ended for certain?

A process is known by its id *and* the moment it started: ids are used again, and a file may be left from a crashed run.
"""

import json
import os
import platform
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from libs.operate.embedded.errors import FolderInUse

LINUX = platform.system() == "Linux"  # not sys.platform: mypy would check one branch only
LEASH = Path(__file__).with_name("leash.py")
POLL_SECONDS = 0.02
KILL_DEADLINE_SECONDS = 5.0  # The kernel ends a killed process at once, unless a disk keeps it; then say so.
STATE_FIELD, START_FIELD = 0, 19  # in /proc/PID/stat, counted after the program's name (proc(5): fields 3 and 22)

# The kernel's "parent died" signal comes when the *thread* that started the child ends. This one ends with us.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")


@dataclass(frozen=True, slots=True)
class ProcessId:
    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "ProcessId | None":
        started = _started(pid)
        return None if started is None else cls(pid, started)

    @property
    def is_alive(self) -> bool:
        return _started(self.pid) == self.started

    def end(self, first: signal.Signals, deadline_seconds: float) -> bool:
        """Ask by `first`, kill after the deadline; False when even that did not end it."""
        for number, seconds in ((first, deadline_seconds), (signal.SIGKILL, KILL_DEADLINE_SECONDS)):
            self._send(number)
            if self._is_gone_within(seconds):
                return True
        return False

    def _send(self, number: signal.Signals) -> None:
        if self.is_alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def _is_gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def _started(pid: int) -> str | None:
    """When process `pid` started, as text that no other shares; None when there is none, or only its remains."""
    if LINUX:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return None
        return None if fields[STATE_FIELD] in "ZX" else f"{boot}/{fields[START_FIELD]}"
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, started = answer.stdout.strip().partition(" ")
    return None if answer.returncode != 0 or state.startswith("Z") else started.strip()


def is_run_with(pid: int, argument: str) -> bool:
    """Whether process `pid` is there and has `argument` on its command line."""
    if LINUX:
        try:
            return os.fsencode(argument) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
    answer = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return argument in answer.stdout


def start(
    command: Sequence[str | Path],
    *,
    log_file: Path,
    when_parent_dies: signal.Signals = signal.SIGTERM,
    user: pwd.struct_passwd | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own (Ctrl-C on the terminal is ours alone), its output appended to a file."""
    leash = [
        sys.executable,
        "-I",
        "-S",
        str(LEASH),
        str(os.getpid()),
        str(int(when_parent_dies)),
        user.pw_name if user else "-",
    ]

    def launch() -> subprocess.Popen[bytes]:
        with log_file.open("ab") as output:
            return subprocess.Popen(
                [*leash, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=env,
                cwd=cwd,
            )

    return _STARTER.submit(launch).result()


def end(child: "subprocess.Popen[bytes]", first: signal.Signals, deadline_seconds: float) -> None:
    """As `ProcessId.end`, for a child of ours, which must also be waited for."""
    child.send_signal(first)
    try:
        child.wait(deadline_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(KILL_DEADLINE_SECONDS)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs on a folder: the server, and the process that started it."""

    server: ProcessId
    owner: ProcessId

    def write(self, path: Path) -> None:
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Holder | None":
        """None also for a file that is cut or foreign: then there is nobody that could be recognised."""
        try:
            found = json.loads(path.read_text())
            return cls(ProcessId(**found["server"]), ProcessId(**found["owner"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def record(path: Path, server: "subprocess.Popen[bytes]") -> None:
    server_id, owner_id = ProcessId.of(server.pid), ProcessId.of(os.getpid())
    if server_id is not None and owner_id is not None:  # else it has ended already, which the caller will see
        Holder(server_id, owner_id).write(path)


def end_orphan(path: Path, first: signal.Signals, deadline_seconds: float) -> None:
    """End the server that a crashed earlier run left on this folder. One whose owner lives is not ours to end."""
    holder = Holder.read(path)
    if holder is not None and holder.server.is_alive:
        if holder.owner.is_alive and holder.owner.pid != os.getpid():
            raise FolderInUse(
                f"{path.parent} is in use: process {holder.owner.pid} runs a server on it (process {holder.server.pid})"
            )
        holder.server.end(first, deadline_seconds)
    path.unlink(missing_ok=True)
