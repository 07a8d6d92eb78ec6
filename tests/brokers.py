"""How is a Kafka or a PostgreSQL started for the tests, with and without Docker?"""

import atexit
import functools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

KAFKA_IMAGE = os.environ.get("GUICHET_TEST_KAFKA_IMAGE", "apache/kafka:4.3.1")
POSTGRES_IMAGE = os.environ.get("GUICHET_TEST_POSTGRES_IMAGE", "postgres:17")
# What was written outlives a killed process without fsync too; only a power cut, which no test makes, would differ.
POSTGRES_FOR_TESTS = {"fsync": "off", "full_page_writes": "off"}
START_SECONDS_MAX = 120.0  # of a container, until it answers; seconds on an idle machine


class Server(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


class Kafka(Server, Protocol):
    @property
    def bootstrap(self) -> str: ...


class Postgres(Server, Protocol):
    @property
    def dsn(self) -> str: ...


@dataclass(frozen=True)
class Stack:
    kafka: Callable[[], Kafka]
    postgres: Callable[[], Postgres]


def embedded_stack(folder: Path) -> Stack:
    from libs.operate.embedded.kafka import EmbeddedKafka
    from libs.operate.embedded.postgres import EmbeddedPostgres

    return Stack(
        kafka=lambda: EmbeddedKafka(folder / "kafka", port=free_port()),
        postgres=lambda: EmbeddedPostgres(folder / "pg", POSTGRES_FOR_TESTS),
    )


@functools.cache
def engine_answers() -> bool:
    """An engine that is there but holds no images cannot be used where no image registry is reached."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    calls = (["version"], ["image", "inspect", KAFKA_IMAGE], ["image", "inspect", POSTGRES_IMAGE])
    return all(subprocess.run([docker, *call], capture_output=True, timeout=20).returncode == 0 for call in calls)


def dsn_of(server_dsn: str, database: str) -> str:
    """The same server, another database; the path of a URL-shaped DSN is the database's name."""
    parts = urlsplit(server_dsn)
    return urlunsplit(parts._replace(path="/" + database))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ContainerKafka:
    """apache/kafka: testcontainers' own Kafka class knows only another image's start script."""

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer

        self._port = free_port()
        self._container: Any = DockerContainer(KAFKA_IMAGE)
        self._container.with_bind_ports(9092, self._port)
        for name, value in kafka_environment(self._port).items():
            self._container.with_env(name, value)

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        from libs.operate.embedded.round_trip import wait_for_round_trip

        if self._container._container is not None:  # it was stopped by a test: its data are still there
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
        wait_for_round_trip(self.bootstrap, START_SECONDS_MAX)  # its groups begin to work later than its listener

    def stop(self) -> None:
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()


def kafka_environment(port: int) -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        # It lives for minutes: compiling what is hot would cost more than it brings, and the start half as much again.
        "KAFKA_HEAP_OPTS": "-Xmx384m",
        "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    }


class ContainerPostgres:
    def __init__(self) -> None:
        from testcontainers.community.postgres import PostgresContainer

        # A fixed port: a published port drawn by the engine changes when a test stops and starts the server.
        self._container: Any = PostgresContainer(POSTGRES_IMAGE, driver=None).with_bind_ports(5432, free_port())

    @property
    def dsn(self) -> str:
        url: str = self._container.get_connection_url(driver=None)
        return url

    def start(self) -> None:
        if self._container._container is None:
            self._container.start()
            return
        self._container.get_wrapped_container().start()
        ready = ["pg_isready", "--quiet", "--host=127.0.0.1"]
        end = time.monotonic() + START_SECONDS_MAX
        while self._container.get_wrapped_container().exec_run(ready).exit_code != 0:
            assert time.monotonic() < end, "PostgreSQL does not answer after it was started again"
            time.sleep(0.1)

    def stop(self) -> None:
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()


@functools.cache
def container_stack() -> Stack:
    """All are removed in the end: testcontainers' own reaper is an image more, which not every engine can get."""
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    atexit.register(_remove_containers)
    return Stack(kafka=ContainerKafka, postgres=ContainerPostgres)


def _remove_containers() -> None:
    """Every container of this run, stopped ones too, with its volumes."""
    from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

    own = f"label={LABEL_SESSION_ID}={SESSION_ID}"
    found = subprocess.run(
        ["docker", "ps", "--all", "--quiet", "--filter", own], capture_output=True, text=True, timeout=60, check=True
    )
    if names := found.stdout.split():
        subprocess.run(["docker", "rm", "--force", "--volumes", *names], capture_output=True, timeout=120, check=True)
