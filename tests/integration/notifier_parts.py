"""How is the notifier put together for a test, and where does what it sends arrive? At real SMTP and HTTP servers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self
from uuid import UUID, uuid4

import orjson
import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.directory import Release
from libs.events.envelope import Event
from libs.events.identity import new_request_id
from libs.privacy.links import link_key
from libs.privacy.seal import new_key, seal
from libs.privacy.vault import Vault
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.notifier.channels.email import Email, Relay
from services.notifier.channels.email import Envelope as Stamp
from services.notifier.channels.links import Links
from services.notifier.channels.templates import Templates
from services.notifier.channels.webhook import Doors, Webhooks
from services.notifier.channels.webhook_body import Bodies
from services.notifier.deliver import Delivery
from services.notifier.lease import LEASE_SECONDS, Lease
from services.notifier.letter import Channel, Limits
from services.notifier.notify import Planner
from services.notifier.outcomes import UnknownOutcome
from services.notifier.record import Recorder
from services.notifier.recover import Recovery
from tests.brokers import free_port
from tests.unit.directory_packs import release_of
from tests.unit.router_requests import ShelfOfReleases

MASTER_KEY = bytes(range(32))
PSEUDONYM_KEY = bytes(range(32, 64))
LINK_KEY = link_key(MASTER_KEY)
PATIENCE_SECONDS = 30
SMALL = release_of()


@dataclass
class MailSink:
    """A real SMTP server. `answers` maps a recipient to what is said about it, `to_all` is said to everybody; `hang`
    lets DATA wait for ever. `refusals` are how many each connection got."""

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    to_all: str | None = None
    refusals: Counter[SMTP] = field(default_factory=Counter)
    hang: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        refused = self.to_all or self.answers.get(address)
        if refused:
            self.refusals[server] += 1
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=default)  # type: ignore[arg-type]
        mail["X-Envelope-To"] = ",".join(envelope.rcpt_tos)
        self.mails.append(mail)
        self.arrived.set()
        if self.hang is not None:
            await self.hang.wait()
        return "250 OK"

    def _connected(self) -> SMTP:
        self.connections += 1
        return SMTP(self, loop=asyncio.get_running_loop(), hostname="sink.example")

    async def open(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._connected, "127.0.0.1", self.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    def times_each_came(self) -> set[int]:
        return set(Counter(str(mail["Message-ID"]) for mail in self.mails).values())


@dataclass
class WebhookSink:
    """A real HTTP server that answers what it is told to, in turn, then 204."""

    port: int = field(default_factory=free_port)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    hang: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.calls]

    async def _hook(self, request: Request) -> Response:
        self.calls.append((dict(request.headers), await request.body()))
        self.arrived.set()
        if self.hang is not None:
            await self.hang.wait()
        return self.answers.pop(0) if self.answers else Response(status_code=204)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        web = Starlette(routes=[Route("/hook", self._hook, methods=["POST"])])
        config = uvicorn.Config(
            web, port=self.port, log_config=None, ws="none", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())
        await until(lambda: server.started)
        yield self
        server.should_exit = True
        await serving


@dataclass
class Notifier:
    """One process's worth of it, as app.py joins the parts."""

    database: Database
    planner: Planner
    deliveries: Sequence[Delivery]
    lease: Lease
    recovery: Recovery
    vault: Vault
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    def on(
        cls,
        dsn: str,
        smtp_port: int,
        *releases: Release,
        unknown: UnknownOutcome = "hold",
        may_be_private: bool = True,
        group: int = 8,
        seconds_max: float = 20.0,
        received_delay_seconds: float = 0.0,
    ) -> Self:
        database, vault = Database(dsn), Vault(MASTER_KEY)
        lease = Lease(database, uuid4())
        metrics = Metrics("notifier")
        recorder = Recorder(database, unknown, metrics, now)
        ways: tuple[Channel, ...] = (
            an_email_channel(smtp_port, group, seconds_max),
            Webhooks(
                MASTER_KEY,
                Doors(may_be_private=may_be_private, may_be_plain=True, seconds_max=seconds_max),
                Limits(4, 2, group),
                now,
                Bodies(links=a_links()),
            ),
        )
        deliveries = [Delivery(database, vault, way, lease, recorder, metrics) for way in ways]

        def wake() -> None:
            for delivery in deliveries:
                delivery.wake()

        shelf: Any = ShelfOfReleases(*(releases or (SMALL,)))
        planner = Planner(database, vault, shelf, PSEUDONYM_KEY, wake, received_delay_seconds)
        return cls(database, planner, deliveries, lease, Recovery(database, lease, recorder, 120), vault)

    async def start(self) -> None:
        await self.lease.renew()
        loops = (self.lease.run, self.recovery.run, *(delivery.run for delivery in self.deliveries))
        self._tasks = [asyncio.create_task(loop()) for loop in loops]

    async def stop(self) -> None:
        """As SIGTERM does."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.lease.end()
        await self.database.close()

    async def die(self) -> None:
        """As kill -9 does: from this moment nothing of it reaches the database any more."""
        self.database._opened = _never  # type: ignore[method-assign]
        await self.database.close()
        groups = [task for delivery in self.deliveries for task in delivery._groups]
        for task in (*groups, *self._tasks):
            task.cancel()
        await asyncio.gather(*groups, *self._tasks, return_exceptions=True)

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        async with self.database.connection() as conn:
            return list(await conn.fetch(query, *arguments))

    async def states(self) -> Counter[str]:
        return Counter([row["state"] for row in await self.rows("SELECT state FROM notifier.notices")])

    async def announced(self) -> Counter[str]:
        """How often each kind of outcome stands in the outbox."""
        rows = await self.rows("SELECT headers FROM notifier.outbox")
        types = (dict(orjson.loads(row["headers"]))["ce_type"] for row in rows)
        return Counter(kind.split(".")[1] for kind in types)

    async def settled(self, **states: int) -> None:
        """Wait until the ledger has come to exactly this."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.states() != Counter(states):  # noqa: ASYNC110  the database is asked
                await asyncio.sleep(0.05)

    async def make_all_due(self) -> None:
        """As if the time until the next attempt had passed."""
        await self.rows("UPDATE notifier.notices SET due_at = now() WHERE state = 'planned'")
        await self.rows("UPDATE notifier.destinations SET paused_until = NULL")

    async def seal_contact(self, request_id: UUID, email: str, **sealed: str) -> dict[str, str]:
        """The fields of a request that are personal, sealed as intake does it; the key is in the vault."""
        key = new_key()
        async with self.database.transaction() as conn:
            await self.vault.put(conn, {request_id: key})
        contact = orjson.dumps({"email": email, "token": "t" * 43})
        texts = {"contact": contact, **{field: text.encode() for field, text in sealed.items()}}
        return {field: seal(key, request_id, field, text) for field, text in texts.items()}


async def _never() -> Any:
    raise ConnectionError("this notifier is dead")


def now() -> datetime:
    return datetime.now(UTC)


def a_links() -> Links:
    return Links(public_url="https://guichet.example", key=LINK_KEY, days=90)


def an_email_channel(port: int, group: int = 8, seconds_max: float = 20.0) -> Email:
    relay = Relay(
        host="127.0.0.1",
        port=port,
        tls="none",
        username=None,
        password=None,
        ca_file=None,
        seconds_max=seconds_max,
        mails_per_connection_max=100,
    )
    stamp = Stamp(sender="guichet@town.example", sender_name="Guichet")
    return Email(relay, stamp, a_links(), Templates(), Limits(4, 4, group), now)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110  what is waited for happens in a server
            await asyncio.sleep(0.01)


async def a_request(notifier: Notifier, make: Callable[..., Event], release: Release = SMALL, **changes: Any) -> Event:
    """An event about a new request whose citizen left an address."""
    request_id = changes.pop("request_id", None) or new_request_id()
    email = changes.pop("email", f"{request_id}@citizen.example")
    sealed = await notifier.seal_contact(request_id, email, **changes.pop("sealed", {}))
    return make(release, **{"request_id": request_id, **sealed, **changes})


@asynccontextmanager
async def running(notifier: Notifier) -> AsyncIterator[Notifier]:
    await notifier.start()
    try:
        yield notifier
    finally:
        await notifier.stop()


async def forget_the_lease(notifier: Notifier) -> None:
    """As if a dead notifier's time had passed."""
    await notifier.rows(f"UPDATE notifier.senders SET alive_until = alive_until - interval '{LEASE_SECONDS} seconds'")
