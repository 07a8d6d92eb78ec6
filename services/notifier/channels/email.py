"""How is a notice sent by mail? In the reader's words, to one relay, over a few connections that are kept."""

import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

import orjson
from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException

from libs import mailbox
from services.notifier.channels.links import Links
from services.notifier.channels.mime import Mailbox, multipart
from services.notifier.channels.smtp import SmtpLine, named
from services.notifier.channels.templates import Templates
from services.notifier.letter import Away, Letter, Limits, Taken, Undeliverable
from services.notifier.rules import ChannelName

IDLE_SECONDS_MAX = 10.0  # relays close idle connections after some minutes, some sooner; a new one costs milliseconds
# What a notice does not hold that was planned before these facts existed.
ADDED_LATER = dict.fromkeys(("reason", "point", "accuracy_m", "person_language"))
TLS = Literal["none", "starttls", "implicit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The mail server that takes all our mail."""

    host: str
    port: int
    tls: TLS
    username: str | None
    password: str | None
    ca_file: str | None
    seconds_max: float
    mails_per_connection_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What stands on every mail of ours."""

    sender: str
    sender_name: str

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


class Email:
    """Mail by SMTP."""

    name: ChannelName = "email"

    def __init__(
        self,
        relay: Relay,
        envelope: Envelope,
        links: Links,
        templates: Templates,
        limits: Limits,
        clock: Callable[[], datetime],
    ) -> None:
        self.limits = limits
        self._links = links
        self._relay = relay
        self._envelope = envelope
        self._templates = templates
        self._clock = clock
        self._from = Mailbox(envelope.sender, envelope.sender_name)
        self._tls = ssl.create_default_context(cafile=relay.ca_file) if relay.tls != "none" else None
        self._idle: list[SmtpLine] = []

    def write(self, notice: Taken, opened: Mapping[str, bytes]) -> Letter:
        """The mail for a notice. Its Message-ID is made from the notice's id and stays the same at every attempt."""
        contact = _contact_in(opened)
        address = ascii_address(notice.address or contact.get("email", ""))
        now = self._clock()
        words = self._templates.write(
            notice.kind,
            notice.language,
            {
                **ADDED_LATER,
                **notice.facts,
                "request_id": notice.request_id,
                **self._links.for_letter(notice, contact, now),
                "note": _text(opened, "note"),
                "description": _text(opened, "description"),
            },
        )
        message_id = f"<{notice.notice_id}@{self._envelope.domain}>"
        thread = f"<{notice.request_id}@{self._envelope.domain}>"  # all mails about one request hang together
        headers = (
            ("From", self._from),
            ("To", Mailbox(address)),
            ("Subject", words.subject),
            ("Date", format_datetime(now)),
            ("Message-ID", message_id),
            ("In-Reply-To", thread),
            ("References", thread),
            ("Auto-Submitted", "auto-generated"),  # RFC 3834: no out-of-office reply answers this
            ("Content-Language", notice.language),
        )
        return Letter(message_id, address, multipart(headers, notice.notice_id.hex, words.text, words.html))

    @asynccontextmanager
    async def line(self, destination: str) -> AsyncIterator[SmtpLine]:
        """A connection to the relay, kept from an earlier group when there is one. `Away` when it cannot be had."""
        line, was_interrupted = self._kept() or await self._connected(), True
        try:
            yield line
            was_interrupted = False
        finally:
            if was_interrupted or not line.is_usable(self._relay.mails_per_connection_max):
                line.close()
            else:
                line.idle_since = time.monotonic()
                self._idle.append(line)

    def _kept(self) -> SmtpLine | None:
        while self._idle:
            line = self._idle.pop()
            if line.is_usable(self._relay.mails_per_connection_max) and line.idle_seconds < IDLE_SECONDS_MAX:
                return line
            line.close()
        return None

    async def _connected(self) -> SmtpLine:
        relay = self._relay
        client = SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.username,
            password=relay.password,
            local_hostname=self._envelope.domain,
            timeout=relay.seconds_max,
            use_tls=relay.tls == "implicit",
            start_tls=relay.tls == "starttls",
            tls_context=self._tls,
        )
        try:
            await client.connect()
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise Away(named("relay-away", error)) from error
        return SmtpLine(client, self._envelope.sender)

    async def close(self) -> None:
        """Say goodbye to the relay on every kept connection."""
        idle, self._idle = self._idle, []
        for line in idle:
            await line.quit()


def _contact_in(opened: Mapping[str, bytes]) -> dict[str, str]:
    if "contact" not in opened:
        return {}
    try:
        contact = orjson.loads(opened["contact"])
    except orjson.JSONDecodeError as error:
        raise Undeliverable("contact-unreadable") from error
    return {key: value for key, value in contact.items() if isinstance(value, str)}


def _text(opened: Mapping[str, bytes], field: str) -> str | None:
    return opened[field].decode("utf-8", "replace") if field in opened else None


def ascii_address(address: str) -> str:
    """The address as every relay takes it. One that was accepted before the doors refused it is told here."""
    try:
        return mailbox.in_ascii(address)
    except mailbox.Unreachable as error:
        raise Undeliverable(f"address-{error.fault}" if address else "no-address") from error
