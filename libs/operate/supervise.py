"""How does the whole system start on one machine, stay up, and stop in order? (`python -m libs.operate.supervise`)"""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2

from libs.operate import programs
from libs.operate.embedded import class_archive
from libs.operate.embedded.errors import EmbeddedError
from libs.operate.embedded.free_port import free_port_from
from libs.operate.embedded.jars import fetch_jars
from libs.operate.embedded.kafka import EmbeddedKafka
from libs.operate.embedded.postgres import EmbeddedPostgres
from libs.operate.embedded.process import ProcessId
from libs.operate.kept import Kept, StartFailed, run_once
from libs.operate.secrets import create_secrets
from libs.operate.system import EXIT_HELD, HeldByAnother, Home, Step, System, held, home_folder

LOOK_SECONDS = 0.2
READY_SECONDS_MAX = 90.0
ORPHAN_SECONDS_MAX = 5.0  # What they need went away with their supervisor: there is little to put away in good order.
PROBE_SECONDS_MAX = 5.0
ARCHIVE_AFTER_SECONDS = 60.0  # Kafka's class archive is made when the first requests are long through.
PORTS_LOCK = Path(tempfile.gettempdir()) / f"guichet-ports-{os.getuid()}.lock"  # two that start at once choose in turn
SERVERS = ("kafka", "postgres")
EXIT_FAILED = 1

Say = Callable[[str], None]


class Stopped(Exception):
    """Somebody asked us to stop."""


class Supervisor:
    def __init__(self, home: Home, say: Say) -> None:
        me = ProcessId.of(os.getpid())
        assert me is not None
        self._home = home
        self._say = say
        self._system = System(me.pid, me.started)
        self._stop = threading.Event()
        self._writing = threading.Lock()  # Kafka and PostgreSQL are prepared side by side
        self._kept: list[Kept] = []
        self._postgres = EmbeddedPostgres(home.postgres)
        self._kafka = EmbeddedKafka(home.kafka)

    def run(self) -> int:
        """Until asked to stop. Returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())
        code = EXIT_FAILED
        try:
            self._start()
            self._keep()
        except Stopped:
            code = 0
        except (EmbeddedError, StartFailed, OSError) as error:
            self._system.error = str(error)
            self._say(f"failed: {error}")
        finally:
            self._finish()
        return code

    def _start(self) -> None:
        """Write what we are first: from here on whoever looks knows that somebody starts."""
        before = System.read(self._home.system_file)
        self._write()
        _end_orphans(before, self._say)
        with self._step("secrets"):
            create_secrets(self._home.folder)
        with held(PORTS_LOCK, waiting=True):
            self._choose_ports(before)
            with ThreadPoolExecutor() as pool:
                for prepared in [pool.submit(self._prepare_kafka), pool.submit(self._prepare_postgres)]:
                    prepared.result()
            self._start_programs()
        self._system.state = "up"
        self._write()
        self._say(f"up: {programs.url(self._system.ports['intake'])}")

    def _choose_ports(self, before: System | None) -> None:
        """Those of the last time where they are still free, so that links stay good."""
        wanted = {**programs.DEFAULT_PORTS, **(before.ports if before else {})}
        for name in programs.DEFAULT_PORTS:
            taken = frozenset(self._system.ports.values())
            self._system.ports[name] = free_port_from(wanted[name], but_not=taken)
        for name in ("intake", "router", "notifier", "audit", "mailbox"):
            self._system.urls[name] = programs.url(self._system.ports[name])

    def _prepare_kafka(self) -> None:
        with self._step("Kafka and its topics"):
            self._kafka = EmbeddedKafka(self._home.kafka, self._system.ports["kafka"])
            self._kafka.start()
            self._system.kafka = self._kafka.bootstrap
            run_once(programs.TOPICS, self._home, self._environment())

    def _prepare_postgres(self) -> None:
        with self._step("PostgreSQL and its schemas"):
            self._postgres.start()
            self._system.dsn = self._postgres.dsn
            run_once(programs.MIGRATE, self._home, self._environment())

    def _environment(self) -> dict[str, str]:
        return programs.environment(self._home, self._system.ports, self._system.kafka, self._system.dsn)

    def _start_programs(self) -> None:
        """Services first: while they come up, the territories are published."""
        ports, environment = self._system.ports, self._environment()
        with self._step("services and territories"):
            for program in [programs.mailbox(self._home, ports), *programs.services(ports)]:
                self._add(Kept(program, self._home, environment))
            with ThreadPoolExecutor() as pool:
                for done in [pool.submit(run_once, run, self._home, environment) for run in programs.publications()]:
                    done.result()
            self._wait_until_ready()

    def _add(self, kept: Kept) -> None:
        self._stop_if_asked()
        kept.start()
        self._kept.append(kept)
        self._write()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        waiting = list(self._kept)
        with httpx2.Client(timeout=PROBE_SECONDS_MAX, trust_env=False) as client:
            while waiting:
                self._look_after_all()
                waiting = [kept for kept in waiting if not _answers(client, kept.program.ready_url)]
                for kept in waiting:
                    if kept.has_wrong_settings or time.monotonic() > deadline:
                        raise StartFailed(f"{kept.program.name} is not ready:\n{kept.last_words()}")
                if waiting:
                    self._pause()

    def _keep(self) -> None:
        threading.Thread(target=self._make_archive, daemon=True).start()
        while True:
            self._pause()
            self._look_after_all()
            for name, server in (("Kafka", self._kafka), ("PostgreSQL", self._postgres)):
                if not server.is_running:
                    self._say(f"{name} ended; starting it again")
                    server.start()
                    self._write()

    def _look_after_all(self) -> None:
        for kept in self._kept:
            if happened := kept.look():
                self._say(happened)
                self._write()

    def _make_archive(self) -> None:
        if not self._stop.wait(ARCHIVE_AFTER_SECONDS):
            class_archive.make(fetch_jars(), self._home.kafka)

    def _pause(self) -> None:
        self._stop.wait(LOOK_SECONDS)
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def _finish(self) -> None:
        """Services first, so that nothing is half done when what they need goes away."""
        self._system.state = "stopping"
        self._write()
        for kept in reversed(self._kept):
            if kept.program.name != "mailbox":
                kept.ask_to_stop()
        for kept in reversed(self._kept):
            kept.stop()
            self._say(f"{kept.program.name} stopped")
        self._kafka.stop()
        self._postgres.stop()
        self._say("Kafka and PostgreSQL stopped")
        self._write()

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self._stop_if_asked()
        step, began = Step(name), time.monotonic()
        self._system.steps.append(step)
        self._write()
        yield
        step.seconds = round(time.monotonic() - began, 2)
        self._say(f"{name}: {step.seconds:.1f} s")
        self._write()

    def _write(self) -> None:
        with self._writing:
            self._write_now()

    def _write_now(self) -> None:
        pids = dict(zip(SERVERS, (self._kafka.pid, self._postgres.pid), strict=True))
        pids |= {kept.program.name: kept.pid for kept in self._kept}
        self._system.processes = {name: found for name, pid in pids.items() if pid and (found := ProcessId.of(pid))}
        self._system.restarts = {kept.program.name: kept.restarts for kept in self._kept}
        self._home.logs.mkdir(parents=True, exist_ok=True)
        self._system.write(self._home.system_file)


def _answers(client: httpx2.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False


def _end_orphans(before: System | None, say: Say) -> None:
    """What a supervisor that was killed left running. Kafka and PostgreSQL are recognised by their own folders."""
    for name, orphan in before.processes.items() if before else ():
        if name not in SERVERS and orphan.is_alive:
            say(f"ending {name} (process {orphan.pid}), left over from a supervisor that was killed")
            orphan.end(signal.SIGTERM, ORPHAN_SECONDS_MAX)


def supervise(home: Home, say: Say) -> int:
    """Run the system until asked to stop; EXIT_HELD when another supervisor does already."""
    try:
        with held(home.lock_file):
            return Supervisor(home, say).run()
    except HeldByAnother:
        return EXIT_HELD


def main() -> int:
    def say(text: str) -> None:
        print(time.strftime("%Y-%m-%dT%H:%M:%S%z"), text, flush=True)

    return supervise(Home(home_folder()), say)


if __name__ == "__main__":
    raise SystemExit(main())
