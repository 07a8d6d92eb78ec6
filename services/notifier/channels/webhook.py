"""How is a notice sent to a department's system? As a signed POST (Standard Webhooks) to a checked address."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx2
from standardwebhooks import Webhook as Signature

from services.notifier.channels.addresses import checked_address
from services.notifier.channels.webhook_body import Bodies
from services.notifier.channels.webhook_secret import secret_for
from services.notifier.letter import Away, Letter, Limits, Taken, Undeliverable
from services.notifier.outcomes import Answer, Deferred, Delivered, Refused, Unknown
from services.notifier.rules import ChannelName

# Only the status matters. What follows is read so that the connection can be used again, if it is short and comes soon.
RESPONSE_BYTES_MAX = 64 * 1024
RESPONSE_SECONDS_MAX = 1.0
PATIENCE = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
NOT_TAKEN = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)  # nothing was handed over yet
USER_AGENT = "guichet-notifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where webhooks may go, and how long their receivers may take to say whether they took one."""

    may_be_private: bool
    may_be_plain: bool
    seconds_max: float


class Webhooks:
    """Webhooks over HTTP."""

    name: ChannelName = "webhook"

    def __init__(
        self,
        master_key: bytes,
        doors: Doors,
        limits: Limits,
        clock: Callable[[], datetime],
        bodies: Bodies | None = None,
    ) -> None:
        """Without `bodies` nothing can be written, only letters be sent that are written already."""
        self.limits = limits
        self._bodies = bodies
        self._master_key = master_key
        self._doors = doors
        self._clock = clock
        self._tls = ssl.create_default_context()

    def write(self, notice: Taken, opened: Mapping[str, bytes]) -> Letter:
        """The same bytes under the same webhook-id at every attempt."""
        assert self._bodies is not None, "this channel only sends"
        return Letter(str(notice.notice_id), notice.destination, self._bodies.of(notice, opened))

    @asynccontextmanager
    async def line(self, destination: str) -> AsyncIterator["HttpLine"]:
        """A client that reaches this endpoint at one checked address. `Away` or `Undeliverable` when it may not be."""
        url = self._checked_url(destination)
        port = url.port or (443 if url.scheme == "https" else 80)
        name = url.raw_host.decode("ascii")  # IDNA 2008; Python's own resolver would encode it by the rules of 2003
        address = await checked_address(name, port, may_be_private=self._doors.may_be_private)
        async with httpx2.AsyncClient(
            verify=self._tls,
            follow_redirects=False,
            trust_env=False,  # a proxy from the environment would undo the check of the address
            timeout=self._doors.seconds_max,
        ) as client:
            signature = Signature(secret_for(self._master_key, destination))
            line = HttpLine(client, url, address, signature, self._clock, self._doors.seconds_max)
            try:
                yield line
            finally:
                await line.hang_up()

    def _checked_url(self, destination: str) -> httpx2.URL:
        try:
            url = httpx2.URL(destination)
        except httpx2.InvalidURL as error:
            raise Undeliverable("url-malformed") from error
        if not url.host:
            raise Undeliverable("url-malformed")
        if url.scheme not in (("https", "http") if self._doors.may_be_plain else ("https",)):
            raise Away("url-not-https")  # until the pack or our setting is mended
        return url

    async def close(self) -> None:
        """Nothing is kept between groups."""


class HttpLine:
    """One client for one endpoint; its connection is used for the whole group."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        url: httpx2.URL,
        address: str,
        signature: Signature,
        clock: Callable[[], datetime],
        seconds_max: float,
    ) -> None:
        self._client = client
        self._pinned = url.copy_with(host=address)
        self._name = url.raw_host.decode("ascii")
        self._host_header = url.netloc.decode("ascii")
        self._signature = signature
        self._clock = clock
        self._seconds_max = seconds_max
        self._last: httpx2.Response | None = None

    @property
    def is_worn(self) -> bool:
        """Never: the client opens another connection by itself."""
        return False

    async def send(self, letter: Letter) -> Answer:
        """The status decides as soon as it is here, however slowly a body follows. A lost one is `Unknown`; the
        receiver knows a repeat by its webhook-id."""
        await self._read_the_last()
        now = self._clock()
        try:
            async with asyncio.timeout(self._seconds_max):  # httpx2's own limits are for each read, not for all
                self._last = await self._client.send(self._request(letter, now), stream=True)
        except NOT_TAKEN as error:
            return Deferred(f"endpoint-away {type(error).__name__}", is_away=True)
        except (httpx2.HTTPError, TimeoutError, OSError) as error:
            return Unknown(f"answer-lost {type(error).__name__}")
        return _answer(self._last.status_code, self._last.headers.get("retry-after"), now)

    async def _read_the_last(self) -> None:
        """What follows a status is read before the next letter, so that the connection can be used again."""
        if self._last is None:
            return
        read = 0
        with contextlib.suppress(httpx2.HTTPError, TimeoutError, OSError):
            async with asyncio.timeout(RESPONSE_SECONDS_MAX):
                async for chunk in self._last.aiter_raw():
                    read += len(chunk)
                    if read > RESPONSE_BYTES_MAX:
                        break
        await self.hang_up()

    async def hang_up(self) -> None:
        """Let go of the last answer; if its body was not read to the end, of its connection too."""
        last, self._last = self._last, None
        if last is not None:
            with contextlib.suppress(httpx2.HTTPError, OSError):
                await last.aclose()

    def _request(self, letter: Letter, now: datetime) -> httpx2.Request:
        headers = {
            "Host": self._host_header,
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "webhook-id": letter.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signature.sign(letter.message_id, now, letter.content.decode()),
        }
        extensions = {"sni_hostname": self._name}  # the certificate is checked against the name, not the address
        return self._client.build_request(
            "POST", self._pinned, content=letter.content, headers=headers, extensions=extensions
        )


def _answer(status: int, retry_after: str | None, now: datetime) -> Answer:
    """As Standard Webhooks says: 2xx is taken, 410 never will be, and whatever else was said may be said otherwise
    later, because gateways answer 401, 404 or 308 for an endpoint that is being deployed or moved."""
    reason = f"http {status}"
    if 200 <= status < 300:
        return Delivered()
    if status == HTTPStatus.GONE:
        return Refused(reason, is_gone=True)
    if status in PATIENCE:
        return Deferred(reason, _seconds(retry_after, now), is_away=True)
    return Deferred(reason, _seconds(retry_after, now))


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """Retry-After is a number of seconds or a date (RFC 9110); nonsense is as if it were not there."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
