"""What does a service get to build itself from, and what does it hand back?"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.types import ASGIApp

from libs.delivery.kafka import KafkaSettings
from libs.delivery.messages import Handler
from libs.delivery.publisher import Publisher
from libs.delivery.releases import Releases
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from libs.service.settings import SharedSettings

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What every process has; nothing in it is connected yet."""

    shared: SharedSettings
    kafka: KafkaSettings
    database: Database | None
    publisher: Publisher
    releases: Releases
    metrics: Metrics
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What makes a process this service.

    `handlers`: one for each topic it listens to. `loops` run for as long as the process: one that returns, or raises
    anything but `Unavailable`, ends the process with exit code 1. `on_start` runs before the loops and the consumer,
    and again after an `Unavailable`; `on_stop` after them. `web` answers every path that is not the process's own; its
    ASGI lifespan is not run, `on_start` and `on_stop` are there for that. `outbox`: the schema whose outbox is
    published. `records_all`: its handlers also get events that were changed under their id, which for all others are
    dead letters. `reads_directory`: not ready before all releases are read. `alarms`: what it noticed and nobody must
    miss, from memory; each has a `kind`, of those in `libs.service.metrics`. `checks`: what else must be there for it
    to be ready, by name; asked before `alarms`. `facts`: further fields of /status; `gauges`: figures for /metrics,
    by names under FROM_PROCESS there.
    """

    name: str
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    web: ASGIApp | None = None
    loops: Sequence[Step] = ()
    counts: Callable[[], Awaitable[dict[str, int]]] | None = None
    alarms: Callable[[], Sequence[Mapping[str, Any]]] | None = None
    checks: Callable[[], Awaitable[Mapping[str, bool]]] | None = None
    facts: Callable[[], Awaitable[Mapping[str, Any]]] | None = None
    gauges: Callable[[], Awaitable[Mapping[str, float]]] | None = None
    on_start: Sequence[Step] = ()
    on_stop: Sequence[Step] = ()
    outbox: str | None = None
    records_all: bool = False
    reads_directory: bool = False


Build = Callable[..., Service]
