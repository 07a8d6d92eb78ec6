"""How is a notice sent to a department's system? As a signed POST (Standard Webhooks) to a checked address."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx2
import orjson
from standardwebhooks import Webhook as Signature

from services.notifier.channels.addresses import checked_address
from services.notifier.channels.webhook_secret import secret_for
from services.notifier.letter import Letter, Limits, Taken, Undeliverable
from services.notifier.outcomes import Answer, Deferred, Delivered, Refused, Unknown, is_temporary
from services.notifier.rules import ChannelName

RESPONSE_BYTES_MAX = 64 * 1024  # only the status matters; the rest is read so that the connection can be used again
PATIENCE = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
NOT_TAKEN = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)  # nothing was handed over yet
USER_AGENT = "guichet-notifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where webhooks may go, and how long they may take."""

    may_be_private: bool
    may_be_plain: bool
    seconds_max: float


class Webhooks:
    """Webhooks over HTTP."""

    name: ChannelName = "webhook"

    def __init__(self, master_key: bytes, doors: Doors, limits: Limits, clock: Callable[[], datetime]) -> None:
        self.limits = limits
        self._master_key = master_key
        self._doors = doors
        self._clock = clock
        self._tls = ssl.create_default_context()

    def write(self, notice: Taken, opened: Mapping[str, bytes]) -> Letter:
        """The same bytes under the same webhook-id at every attempt."""
        data = dict(notice.facts["data"])
        data |= {field: text.decode("utf-8", "replace") for field, text in opened.items()}
        return Letter(str(notice.notice_id), notice.destination, orjson.dumps({**notice.facts, "data": data}))

    @asynccontextmanager
    async def line(self, destination: str) -> AsyncIterator["HttpLine"]:
        """A client that reaches this endpoint at one checked address. `Away` or `Undeliverable` when it may not be."""
        url = self._checked_url(destination)
        port = url.port or (443 if url.scheme == "https" else 80)
        address = await checked_address(url.host, port, may_be_private=self._doors.may_be_private)
        async with httpx2.AsyncClient(
            verify=self._tls,
            follow_redirects=False,
            trust_env=False,  # a proxy from the environment would undo the check of the address
            timeout=self._doors.seconds_max,
        ) as client:
            signature = Signature(secret_for(self._master_key, destination))
            yield HttpLine(client, url, address, signature, self._clock, self._doors.seconds_max)

    def _checked_url(self, destination: str) -> httpx2.URL:
        try:
            url = httpx2.URL(destination)
        except httpx2.InvalidURL as error:
            raise Undeliverable("url-malformed") from error
        if not url.host or url.scheme not in (("https", "http") if self._doors.may_be_plain else ("https",)):
            raise Undeliverable("url-not-https")
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
        self._name = url.host
        self._host_header = url.netloc.decode("ascii")
        self._signature = signature
        self._clock = clock
        self._seconds_max = seconds_max

    async def send(self, letter: Letter) -> Answer:
        """A lost answer is `Unknown`; the receiver knows a repeat by its webhook-id."""
        try:
            async with asyncio.timeout(self._seconds_max):  # httpx2's own limits are for each read, not for all
                return await self._post(letter)
        except NOT_TAKEN as error:
            return Deferred(f"endpoint-away {type(error).__name__}", is_away=True)
        except (httpx2.HTTPError, TimeoutError, OSError) as error:
            return Unknown(f"answer-lost {type(error).__name__}")

    async def _post(self, letter: Letter) -> Answer:
        now = self._clock()
        headers = {
            "Host": self._host_header,
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "webhook-id": letter.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signature.sign(letter.message_id, now, letter.content.decode()),
        }
        extensions = {"sni_hostname": self._name}  # the certificate is checked against the name, not the address
        async with self._client.stream(
            "POST", self._pinned, content=letter.content, headers=headers, extensions=extensions
        ) as response:
            answer = _answer(response.status_code, response.headers.get("retry-after"), now)
            await _read_a_little(response)
        return answer


def _answer(status: int, retry_after: str | None, now: datetime) -> Answer:
    reason = f"http {status}"
    if 200 <= status < 300:
        return Delivered()
    if status == HTTPStatus.GONE:
        return Refused(reason, is_gone=True)
    if status in PATIENCE:
        return Deferred(reason, _seconds(retry_after, now), is_away=True)
    return Deferred(reason) if is_temporary(status) else Refused(reason)


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


async def _read_a_little(response: httpx2.Response) -> None:
    read = 0
    try:
        async for chunk in response.aiter_raw():
            read += len(chunk)
            if read > RESPONSE_BYTES_MAX:
                return
    except httpx2.HTTPError:
        return  # the status was told before; what follows it changes nothing
