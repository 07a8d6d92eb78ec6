"""How is a service started, and how does it end? The same for all: `main(Settings, build)`."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn, TypeVar

import structlog
import uvicorn
import uvloop

from libs.service import collector, logs
from libs.service.asgi import ServiceApp
from libs.service.kit import Build
from libs.service.process import Process, service_name
from libs.service.settings import ServiceSettings, SettingsWrong, load, redacted

log = structlog.get_logger(__name__)

EXIT_WRONG_USE = 2
OPEN_ANSWERS_SECONDS_MAX = 5  # a page that is followed live never ends by itself
EXIT_SECONDS_MAX = 40.0  # 5 s for open answers, 25 s for the consumer, 10 s for the rest; then the process ends itself
BACKLOG = 2048  # connections that wait to be accepted while a burst is worked off

S = TypeVar("S", bound=ServiceSettings)


def main(settings_class: type[S], build: Build) -> NoReturn:
    """Run until told to stop. Exit codes: 0 asked to stop, 1 something broke, 2 wrong settings."""
    if not __debug__:
        _refuse("python -O removes checks that the Kafka client relies on; start without -O")
    collector.look_seldom()
    try:
        settings = load(settings_class)
        logs.configure(
            settings.shared.log_level, settings.shared.log_format, service_name(settings), settings.shared.version
        )
        log.info("settings", **{"settings": redacted(settings)})
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code = runner.run(_serve(settings, build))
    except SettingsWrong as error:
        _refuse(str(error))
    sys.exit(code)


def _refuse(sentence: str) -> NoReturn:
    sys.stderr.write(sentence + "\n")
    sys.exit(EXIT_WRONG_USE)


class Server(uvicorn.Server):
    """Stops at SIGTERM and SIGINT and then ends with our own exit code, where uvicorn would raise the signal again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.end)
        yield

    def end(self) -> None:
        """Begin to stop; a second time, stop at once."""
        if self.should_exit:
            self.force_exit = True
            return
        self.should_exit = True
        _watch_the_exit()


def _watch_the_exit() -> None:
    """End the process by force when stopping takes too long: some waits of aiokafka have no end."""

    def enforce() -> None:
        log.critical("exit_forced", seconds=EXIT_SECONDS_MAX)
        os._exit(1)

    timer = threading.Timer(EXIT_SECONDS_MAX, enforce)
    timer.daemon = True
    timer.start()


async def _serve(settings: ServiceSettings, build: Build) -> int:
    server: Server | None = None

    def end() -> None:
        if server is not None:
            server.end()

    process = Process(settings, build, end)
    server = Server(
        uvicorn.Config(
            ServiceApp(process),
            host=settings.http_host,
            port=settings.http_port,
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,  # paths hold citizens' tokens; what matters is counted
            log_config=None,
            server_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=OPEN_ANSWERS_SECONDS_MAX,
        )
    )
    await server.serve()
    return process.exit_code if server.started else 1
