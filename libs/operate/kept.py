"""How is a program kept running? Started, looked at, and started again when it dies, more slowly each time."""

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from libs.operate.embedded import process
from libs.operate.programs import ROOT, Program, Run
from libs.operate.system import Home

PAUSE_SECONDS_MIN = 0.5
PAUSE_SECONDS_MAX = 30.0
STEADY_SECONDS = 60.0  # One that ran this long starts again at once when it dies.
STOP_SECONDS_MAX = 15.0
LOG_BYTES_MAX = 20_000_000  # Checked at each start; the previous file is kept beside it.
LOG_LINES_SHOWN = 10
EXIT_WRONG_SETTINGS = 2  # Trying again cannot help; somebody must change a setting.
PROGRAM_SECONDS_MAX = 120.0  # migrations, topics, publishing: each takes two seconds on an idle machine


class StartFailed(Exception):
    """A part did not come up; the message ends with its last words."""


class Kept:
    """One program. All methods are called from one thread."""

    def __init__(self, program: Program, home: Home, environment: Mapping[str, str]) -> None:
        self.program = program
        self.restarts = 0
        self._log_file = home.log(program.name)
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._log_begins = 0
        self._pause_seconds = PAUSE_SECONDS_MIN
        self._again_at: float | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def has_wrong_settings(self) -> bool:
        return self._process is not None and self._process.poll() == EXIT_WRONG_SETTINGS

    def start(self) -> None:
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        if self._log_file.exists() and self._log_file.stat().st_size > LOG_BYTES_MAX:
            self._log_file.replace(self._log_file.with_suffix(".previous.log"))
        self._log_begins = self._log_file.stat().st_size if self._log_file.exists() else 0
        self._process = process.start(self.program.command, log_file=self._log_file, env=self._environment, cwd=ROOT)
        self._started_at = time.monotonic()
        self._again_at = None

    def look(self) -> str | None:
        """Call often. Starts the program again when it is time to; returns a sentence when something happened."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        now = time.monotonic()
        if self._again_at is None:
            if now - self._started_at >= STEADY_SECONDS:
                self._pause_seconds = PAUSE_SECONDS_MIN
            self._again_at = now + self._pause_seconds
            pause, self._pause_seconds = self._pause_seconds, min(self._pause_seconds * 2, PAUSE_SECONDS_MAX)
            return f"{self.program.name} ended ({_how(code)}); starting it again in {pause:g} s"
        if now < self._again_at:
            return None
        self.restarts += 1
        self.start()
        return f"{self.program.name} was started again"

    def ask_to_stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        if self._process is not None:
            process.end(self._process, signal.SIGTERM, STOP_SECONDS_MAX)
            self._process = None

    def last_words(self) -> str:
        """Of this start alone. What is said to people goes before what is logged for machines."""
        with self._log_file.open("rb") as file:
            file.seek(self._log_begins)
            lines = file.read().decode(errors="replace").splitlines()
        to_people = [line for line in lines if line and not line.startswith("{")]
        return "\n".join((to_people or lines)[-LOG_LINES_SHOWN:])


def run_once(run: Run, home: Home, environment: Mapping[str, str]) -> None:
    """A program that does its work and ends. Raises `StartFailed`."""
    log_file = home.log(run.name)
    log_file.unlink(missing_ok=True)
    child = process.start(run.command, log_file=log_file, env=environment, cwd=ROOT)
    try:
        code = child.wait(PROGRAM_SECONDS_MAX)
    except subprocess.TimeoutExpired as error:
        process.end(child, signal.SIGKILL, process.KILL_DEADLINE_SECONDS)
        raise StartFailed(f"{run.name} did not end within {PROGRAM_SECONDS_MAX:.0f} s; see {log_file}") from error
    if code != 0:
        raise StartFailed(f"{run.name} failed ({_how(code)}); see {log_file}:\n{_last_lines(log_file)}")


def _last_lines(log_file: Path) -> str:
    if not log_file.exists():
        return ""
    return "\n".join(log_file.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
