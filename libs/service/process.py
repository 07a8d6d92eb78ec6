"""How do the parts of one process start, live and end together?"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import structlog
from pydantic import SecretStr

from libs.delivery.backoff import Backoff
from libs.delivery.consumer import Consumer, ConsumerSettings
from libs.delivery.errors import Unavailable
from libs.delivery.kafka import PatientBroker, within
from libs.delivery.outbox import OutboxRelay
from libs.delivery.publisher import Publisher
from libs.delivery.releases import Releases
from libs.delivery.set_back import Positions
from libs.service.kit import Build, Kit, Service, Step
from libs.service.metrics import Metrics
from libs.service.password_files import password_in
from libs.service.postgres import Database, Pooler
from libs.service.settings import ServiceSettings, SettingsWrong, SharedSettings

log = structlog.get_logger(__name__)

STOP_STEP_SECONDS_MAX = 5.0
WATCH_SECONDS = 1.0


class WorkEnded(RuntimeError):
    """The process lives, and its work does not go on: whoever started it must start it again."""


class Process:
    """One service with everything it lives on. A loop that ends takes the process with it: half-dead helps nobody."""

    def __init__(self, settings: ServiceSettings, build: Build, end: Callable[[], None]) -> None:
        """`end` is called once when the process must stop because of a loop; `exit_code` is 1 then."""
        shared, self.name = settings.shared, service_name(settings)
        self.kafka = shared.kafka(f"guichet-{self.name}")
        self.database = _database(shared, shared.postgres_dsn, shared.postgres_pooler, self.name)
        sessions = shared.postgres_session_dsn
        # Where a pooler deals out transactions, what leads by a lock of its session goes past it.
        self.sessions = _database(shared, sessions, "none", self.name) if sessions else self.database
        self.publisher = Publisher(self.kafka)
        self.releases = Releases(self.kafka)
        self.metrics = Metrics(self.name)
        self.broker = PatientBroker(self.kafka)
        kit = Kit(
            shared=shared,
            kafka=self.kafka,
            database=self.database,
            publisher=self.publisher,
            releases=self.releases,
            metrics=self.metrics,
            clock=lambda: datetime.now(UTC),
        )
        self.service: Service = build(settings, kit)
        self.consumer = self._consumer(shared.version)
        self.relay = self._relay()
        self._positions = self._kept_positions()
        self.exit_code = 0
        self.version = shared.version
        self._end = end
        self._tasks: list[asyncio.Task[None]] = []
        self._prepared = asyncio.Event()
        self.broker.before_start = self._wait_prepared

    def _consumer(self, version: str) -> Consumer | None:
        if not self.service.handlers:
            return None
        settings = ConsumerSettings(version=version)
        service = self.service
        return Consumer(
            self.broker,
            service.name,
            service.handlers,
            self.publisher,
            settings,
            whatever_they_say=service.records_all,
        )

    def _relay(self) -> OutboxRelay | None:
        if self.service.outbox is None:
            return None
        if self.sessions is None:
            raise SettingsWrong(f"GUICHET_POSTGRES_DSN is not set; {self.service.name} keeps its requests there")
        return OutboxRelay(self.sessions, self.service.outbox, self.publisher)

    def _kept_positions(self) -> Positions | None:
        """Who keeps tables compares them with what its group has read; who keeps none has nothing that can be old."""
        outbox = self.service.outbox
        return Positions(self.database, outbox, self.kafka) if outbox and self.database is not None else None

    async def _compare(self) -> None:
        if self._positions is not None:
            notes = await self._positions.check()
            if self.consumer is not None:
                self.consumer.notes |= notes

    async def _wait_prepared(self) -> None:
        await self._prepared.wait()

    def start(self) -> None:
        """Begin everything in the background: HTTP is served meanwhile, and says what is not ready."""
        self._begin("start", self._prepare)

    async def _prepare(self) -> None:
        for step in self.service.on_start:
            await _patiently("on_start", step)
        await _patiently("compare", self._compare)
        loops: dict[str, Step] = {f"loop-{n}": loop for n, loop in enumerate(self.service.loops)}
        if self.relay is not None:
            loops["relay"] = self.relay.run
        if self.service.reads_directory:
            loops["directory"] = self.releases.run
        if self.consumer is not None:
            loops["watch"] = self._watch
            if self._positions is not None:
                loops["positions"] = partial(self._positions.run, self.consumer)
        for name, loop in loops.items():
            self._begin(name, loop)
        self._prepared.set()

    async def _watch(self) -> None:
        """Ends by an error when the consumer cannot go on for good, and the process with it."""
        assert self.consumer is not None
        while not (self.consumer.has_lost_a_task or self.consumer.is_stopped):  # noqa: ASYNC110  aiokafka tells nobody
            await asyncio.sleep(WATCH_SECONDS)
        raise WorkEnded(self.consumer.stop_reason or "a task that keeps the consumer going has ended for good")

    def _begin(self, name: str, step: Step) -> None:
        task = asyncio.create_task(_patiently(name, step), name=name)
        task.add_done_callback(self._on_end)
        self._tasks.append(task)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        """A loop has no end, and what it did not expect must not go unseen: stop the process, with exit code 1."""
        if task.cancelled() or (task.get_name() == "start" and task.exception() is None):
            return
        error = task.exception()
        log.critical("loop_ended", loop=task.get_name(), reason=str(error or "it came to an end"), exc_info=error)
        self.exit_code = 1
        self._end()

    @property
    def has_begun(self) -> bool:
        """Whatever must be done before the loops and the consumer begin is done."""
        return self._prepared.is_set()

    @property
    def has_failed(self) -> bool:
        return self.exit_code != 0

    async def stop(self) -> None:
        """End everything, each part within its own deadline. The broker has stopped before."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=STOP_STEP_SECONDS_MAX) if self._tasks else None
        for step in self.service.on_stop:
            await within(STOP_STEP_SECONDS_MAX, step(), "a step of on_stop")
        await self.publisher.stop()
        for database in {self.database, self.sessions}:
            if database is not None:
                await database.close()


def _database(shared: SharedSettings, dsn: SecretStr | None, pooler: Pooler, service: str) -> Database | None:
    if dsn is None:
        return None
    file = shared.postgres_password_file
    return Database(
        dsn.get_secret_value(),
        connections_max=shared.postgres_connections_max,
        application_name=f"guichet-{service}",
        pooler=pooler,
        password=None if file is None else lambda: password_in(file),
    )


async def _patiently(name: str, step: Callable[[], Awaitable[None]]) -> None:
    """Run to the end, from the beginning again whenever something is away."""
    backoff = Backoff(0.2, 5.0)
    while True:
        try:
            await step()
        except Unavailable as away:
            log.warning("loop_waits", loop=name, slug=away.slug)
            await asyncio.sleep(backoff.next_seconds())
        else:
            return


def service_name(settings: ServiceSettings) -> str:
    """INTAKE_ is the prefix of intake."""
    return (settings.model_config.get("env_prefix") or "service_").rstrip("_").lower()
