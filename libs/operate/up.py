"""How does `guichet up` bring the system up in the background, and `guichet down` take it down for certain?"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from libs.operate.embedded.jars import fetch_jars
from libs.operate.embedded.process import Holder, ProcessId
from libs.operate.programs import ROOT, WITHOUT_COMPILED_MODULES, python
from libs.operate.system import EXIT_HELD, HOME_VARIABLE, Home, System, running_system

POLL_SECONDS = 0.1
UP_SECONDS_MAX = 300.0  # 15 s on an idle machine; the supervisor's own deadlines come first
DOWN_SECONDS_MAX = 120.0
LEFTOVER_SECONDS_MAX = 15.0
SERVER_FILES = ("kafka/kafka.pid", "postgres/postgres.pid")


class NotUp(Exception):
    """The system did not come up; the message says why and where to look."""


@dataclass(frozen=True, slots=True)
class Outcome:
    system: System
    was_running: bool


def bring_up(home: Home, console: Console) -> Outcome:
    """Return when the system is up: at once when it is already. Raises `NotUp`. Ctrl-C takes back what was begun."""
    found = running_system(home)
    if found is not None and found.state == "up":
        return Outcome(found, was_running=True)
    if found is not None and found.state == "starting":
        console.print(f"Process {found.supervisor.pid} is starting the system already; waiting for it")
        return Outcome(_watch(home, None, console), was_running=True)
    if found is not None:
        console.print(f"Process {found.supervisor.pid} is stopping the system; waiting for it")
        _wait_for_end(found.supervisor)
    fetch_jars(console=console)
    supervisor = _launch(home)
    with _taken_back_on_interrupt(supervisor):
        return Outcome(_watch(home, supervisor, console), was_running=False)


def _launch(home: Home) -> "subprocess.Popen[bytes]":
    home.logs.mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if name != WITHOUT_COMPILED_MODULES}
    with home.log("supervisor").open("ab") as output:
        return subprocess.Popen(
            python("libs.operate.supervise"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=ROOT,
            env={**inherited, HOME_VARIABLE: str(home.folder)},
        )


@contextmanager
def _taken_back_on_interrupt(supervisor: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
        raise


def _watch(home: Home, supervisor: "subprocess.Popen[bytes] | None", console: Console) -> System:
    shown: set[str] = set()
    deadline = time.monotonic() + UP_SECONDS_MAX
    with console.status("Starting") as status:
        while time.monotonic() < deadline:
            ended = supervisor is not None and supervisor.poll() is not None
            system = System.read(home.system_file)
            if system is not None and (supervisor is None or system.supervisor.pid == supervisor.pid):
                _show_steps(system, shown, console)
                status.update(next((step.name for step in system.steps if step.seconds is None), "Starting"))
                if system.state == "up":
                    return system
                if system.error and (ended or not system.is_alive):
                    raise NotUp(f"{system.error}\nMore in {home.log('supervisor')}")
            if ended and supervisor is not None:
                if supervisor.returncode == EXIT_HELD:  # another one was quicker
                    return _watch(home, None, console)
                if supervisor.returncode == 0:
                    raise NotUp("it was stopped while it started")
                raise NotUp(f"the supervisor ended (exit code {supervisor.returncode}); see {home.log('supervisor')}")
            time.sleep(POLL_SECONDS)
    raise NotUp(f"it is not up after {UP_SECONDS_MAX:.0f} s; see {home.logs}, and stop it with `guichet down`")


def _show_steps(system: System, shown: set[str], console: Console) -> None:
    """Each step once, when it is done; two may be going on at a time."""
    for step in system.steps:
        if step.seconds is not None and step.name not in shown:
            shown.add(step.name)
            console.print(f"[green]ok[/green] {step.name} [dim]{step.seconds:.1f} s[/dim]")


def take_down(home: Home, console: Console) -> bool:
    """False when nothing ran. What does not stop in time is ended."""
    system = running_system(home)
    if system is not None:
        with console.status(f"Stopping (process {system.supervisor.pid})"):
            system.supervisor.end(signal.SIGTERM, DOWN_SECONDS_MAX)
        _end_leftovers(home, console)
        return True
    return _end_leftovers(home, console)


def _end_leftovers(home: Home, console: Console) -> bool:
    """What a supervisor that was killed could not stop. Services first; True when there was any."""
    system = System.read(home.system_file)
    left = {name: found for name, found in system.processes.items() if found.is_alive} if system else {}
    for file in SERVER_FILES:
        holder = Holder.read(home.folder / file)
        if holder is not None and holder.server.is_alive:
            left[file] = holder.server
    for name, found in left.items():
        is_server = name in {"kafka", "postgres", *SERVER_FILES}
        console.print(f"Ending {name} (process {found.pid}), left over from a supervisor that was killed")
        found.end(signal.SIGINT if is_server else signal.SIGTERM, LEFTOVER_SECONDS_MAX)
    return bool(left)


def _wait_for_end(supervisor: ProcessId) -> None:
    deadline = time.monotonic() + DOWN_SECONDS_MAX
    while supervisor.is_alive and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
